"""From the packing table to the customer's door: handing over, what carriers say, what follows from it."""
