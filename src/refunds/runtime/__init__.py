"""What every function has: its settings, its log and metrics, its way of loading.

Nothing here knows a route, a table or a rule.
"""
