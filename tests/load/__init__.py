"""The local stack under load: an open model, in which arrivals wait for no answer."""
