"""Who carries a parcel, for how much, and where to: carrier services, zones by postal prefix, rates."""
