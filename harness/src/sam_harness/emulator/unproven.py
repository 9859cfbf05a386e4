"""What the emulator drops of the stacks in it: what may be, and what was.

What may not be dropped fails a deployment. What is known before is in ``known.toml`` of
sam_harness.localstack.stacks, for all who ask.
"""

import json
from collections.abc import Collection

from sam_harness.emulator.gate_client import ask
from sam_harness.localstack.stacks import proof

ROUTE = "/_harness/unproven"
# Where CloudFormation and the emulator have two names for a service.
_SERVICES = {"certificatemanager": "acm", "resourcegroups": "resource-groups"}
# What is no service's, or is run by CloudFormation itself.
_OF_CLOUDFORMATION = {"cdk", "cloudformation"}


def refusal(kind: str, services: Collection[str], allowed: Collection[str]) -> str:
    """Return why no resource of a type can be made here, empty where one may be.

    ``services``: those of the emulator. ``allowed``: as for ``allow``.
    """
    owner, _, rest = kind.partition("::")
    name = rest.partition("::")[0].lower()
    has_service = name in _OF_CLOUDFORMATION or _SERVICES.get(name, name) in services
    if reason := proof.refusal(kind):
        return reason
    if kind in {*allowed, *proof.without_effect()}:
        return ""
    if why := proof.unused(kind):
        return proof.without(kind, why)
    if owner != "AWS" or has_service:
        return ""
    return proof.without(kind, f"the emulator has no service {name}")


def allow(endpoint_url: str, names: Collection[str]) -> None:
    """Let stacks have these, though the emulator drops them.

    ``names``: types (AWS::SQS::Queue), properties (AWS::SQS::Queue.Tags), logical ids.

    Raises:
        HarnessError: the emulator does not answer.
    """
    if names:
        ask(f"{endpoint_url}{ROUTE}", "PUT", json.dumps(sorted(names)).encode())


def lines(endpoint_url: str, account: str) -> list[str]:
    """Return what an account's stacks cannot show, each with its reason.

    Raises:
        HarnessError: the emulator does not answer.
    """
    told: list[str] = ask(f"{endpoint_url}{ROUTE}?account={account}")["lines"]
    return told
