"""Who makes a call, by its access key: IAM asks for nothing else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

# Twelve digits are LocalStack's way to name an account; `test` is what its users write;
# the last is what its services sign with when they call one another.
_HARNESS = re.compile(r"\d{12}|test|__internal_call__")
_KEY = re.compile(r"AWS4-\S+ Credential=([^/,\s]+)/|AWS ([^:\s]+):")
# LocalStack's stand-in where a request is not signed at all.
UNSIGNED = "injectedaccesskey"


@dataclass(frozen=True, slots=True)
class Service:
    """A service that calls another one on behalf of a resource, if it says which."""

    principal: str
    source_arn: str | None = None


def access_key(authorization: str, query: Mapping[str, str]) -> str:
    """Return the key that a request, or the URL of a presigned one, is signed with."""
    if credential := query.get("X-Amz-Credential"):
        return credential.partition("/")[0]
    if old_style := query.get("AWSAccessKeyId"):
        return old_style
    found = _KEY.match(authorization)
    return (found[1] or found[2]) if found else UNSIGNED


def is_harness(key: str) -> bool:
    """Tell whether the key is an administrator's: the harness's or LocalStack's own."""
    return bool(_HARNESS.fullmatch(key))


def service_of(internal: Mapping[str, str | None] | None) -> Service | None:
    """Return the service that LocalStack says it is calling as, if any."""
    name = internal.get("service_principal") if internal else None
    if not internal or not name:
        return None
    principal = name if "." in name else f"{name}.amazonaws.com"
    return Service(principal, internal.get("source_arn"))
