"""Reports of stock, classes, service and forecast accuracy."""
