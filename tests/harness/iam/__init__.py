"""IAM offline: evaluates policies, and says what an API call must be allowed to do.

Standard library only: the gate imports this inside the emulator's process.
"""
