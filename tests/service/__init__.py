"""The refund service deployed: its API client, resources, payment gateway and commands.

Commands are `demo`, `local`, `watch`, `smoke` and `preview`. Nothing here imports
`refunds`: the service is known by its template, its API and its messages only.
"""
