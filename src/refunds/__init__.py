"""Refunds: accepted over HTTP, decided asynchronously, none lost."""
