"""What an update would do to a stack that is there; decided before it is asked for."""
