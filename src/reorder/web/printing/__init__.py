"""Labels to print: bins, products, totes, pallets."""
