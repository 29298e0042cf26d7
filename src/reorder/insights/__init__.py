"""Read models over all rooms, through their queries only: what a person or a dashboard wants to see."""
