"""What people search for, and what they do not find: for whoever buys and whoever writes."""
