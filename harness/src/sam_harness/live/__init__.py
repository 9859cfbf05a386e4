"""Keeps a deployed stack up to date with its files: what `make watch` does.

Only what is broken is told, and what served before it goes on serving.
"""
