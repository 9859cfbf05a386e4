"""An operator's commands for the dead-letter queues of a deployed stack.

They work on any stack of any account; nothing here knows this service or LocalStack.
"""
