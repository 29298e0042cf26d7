"""Pure computation: frames and values in, plans out. No Django, I/O, clock or hidden randomness."""
