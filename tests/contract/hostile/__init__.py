"""Requests and messages that no honest client sends, by kind.

Each names the answer that the contract gives it. What may not be in a log is in many of
them: see SECRET.
"""
