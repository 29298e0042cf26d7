"""One Django app for each room of the business; rooms know only the rooms below them."""
