"""Parcels and their labels: the list, one parcel with every service that would take it, batches, printing."""
