"""How far parcels are, in plain words: for whoever has the link, for the customer, and for staff."""
