"""Paths of an OpenAPI document that API Gateway would make no resources of.

LocalStack asks this of CreateResource only, and imports any path. Imports no
LocalStack, as unit tests do.
https://docs.aws.amazon.com/apigateway/latest/api/API_CreateResource.html
"""

import re
from collections.abc import Iterable

_PART = re.compile(r"[\w.:$-]+|\{[\w.:$-]+\+?\}", re.ASCII)
_GREEDY = "+}"


def check_paths(paths: Iterable[str]) -> None:
    """Return if there can be a resource at each of the paths.

    Raises:
        ValueError: there cannot.

    """
    variables: dict[str, str] = {}  # a resource's path -> its child that is variable
    for path in paths:
        if reason := _reason(path, variables):
            raise ValueError(
                f"Errors found during import: Unable to create resource at path "
                f"'{path}': {reason}"
            )


def _reason(path: str, variables: dict[str, str]) -> str:
    first, *parts = path.split("/")
    if first or not parts:
        return "It does not begin with /"
    parent = ""
    for part in parts:
        if not part:  # of the root, or after a slash at the end
            continue
        if not _PART.fullmatch(part):
            return (
                f"Resource's path part only allow a-zA-Z0-9._-:$ and curly braces at "
                f"the beginning and the end: {part}"
            )
        if parent.endswith(_GREEDY):
            return f"Cannot create a child of a resource with a greedy path: {parent}"
        if part.startswith("{") and (one := variables.setdefault(parent, part)) != part:
            return (
                f"A sibling ({one}) of this resource already has a variable path part "
                "-- only one is allowed"
            )
        parent = f"{parent}/{part}"
    return ""
