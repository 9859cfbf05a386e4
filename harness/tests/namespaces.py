"""Whether this system lets its users make namespaces, asked of util-linux."""

import subprocess
from functools import cache

IN_NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]
# Deselected where it does not, and listed: harness/tests/conftest.py.
MARKER = "needs_namespaces"


@cache
def are_allowed() -> bool:
    """Tell whether it does; util-linux knows nothing of the harness."""
    return not subprocess.run([*IN_NAMESPACE, "true"], check=False).returncode  # noqa: S603 - of util-linux
