"""All that runs inside LocalStack: entry points, corrections, speed, Lambda, the gate.

It runs in LocalStack's own environment and so imports only that and sam_harness.iam,
sam_harness.errors and sam_harness.processes; code that starts LocalStack stays outside.
"""
