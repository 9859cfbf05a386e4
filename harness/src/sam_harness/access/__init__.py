"""What each role may do: one reviewed matrix, proved in layers and reported.

A matrix lists what each role of a template may do and some of what it may not; what is
not listed is denied. Any matrix and stack will do: nothing here knows one template, nor
pytest, whose plugin for it is `sam_harness.pytest_plugin.access`.
"""
