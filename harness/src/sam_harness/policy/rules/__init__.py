"""Our rules, one module per kind of resource; ``pack`` lists them.

A rule is a function from a resolved template to its violations.
"""
