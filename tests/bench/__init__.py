"""Measures what the functions cost, and computes how far the stack scales.

No test imports this but its own, and nothing of the service does.
"""
