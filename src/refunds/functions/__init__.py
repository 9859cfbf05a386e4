"""One entry point per Lambda function: it translates an event, and decides nothing.

No entry point imports another one.
"""
