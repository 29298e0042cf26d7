"""Packing: which boxes for a shipment and how its goods lie in them, followed step by step, changed by the packer."""
