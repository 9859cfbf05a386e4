"""Starts and stops LocalStack, with our plugin in it."""
