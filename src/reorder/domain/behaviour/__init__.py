"""What customers do besides buying: views, carts, searches, answers to promotions."""
