"""Who may do what: one reviewed matrix, proved in layers and reported.

A matrix lists what each role of a template may do and some of what it may not; whatever
is not listed is denied. Nothing here knows the template: any matrix and stack will do.
"""
