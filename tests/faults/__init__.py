"""Fails every call of the functions in every way, and checks the promise.

``python -m faults`` lists cells (a call, a fault, how often, cold or warm), runs each
with the real functions in processes of their own against a wire on loopback, and checks
the clauses of docs/promise.md one by one.
"""
