"""Mistakes seeded into a copy of the checkout, to see what stops each."""
