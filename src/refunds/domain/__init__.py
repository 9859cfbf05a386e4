"""What a refund is, how it is accepted and how it is decided.

Nothing here imports AWS, powertools, the environment or another room; what the domain
needs of them is passed to it (see `ports`).
"""
