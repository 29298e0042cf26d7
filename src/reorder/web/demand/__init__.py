"""The desk Demand."""
