"""What is sold: products, categories, barcodes."""
