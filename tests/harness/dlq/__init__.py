"""The operator's tool for dead-letter queues: look, move back, throw away."""
