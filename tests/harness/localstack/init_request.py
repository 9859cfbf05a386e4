"""How the harness asks a function to initialise without being called.

An ordinary ``Invoke`` with this client context; AWS knows nothing of it, so it is for
LocalStack with our executor only. The function's code never sees the call.
"""

CLIENT_CONTEXT = '{"custom": {"harness": "initialise"}}'


def asks_to_initialise(client_context: str | None) -> bool:
    """Tell such a request from a call."""
    return client_context == CLIENT_CONTEXT
