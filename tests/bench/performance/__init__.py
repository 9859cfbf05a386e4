"""What the functions cost, measured against the usual way and against the floor."""
