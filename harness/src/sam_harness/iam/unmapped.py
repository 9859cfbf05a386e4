"""What an operation needs that no file in `services` has a rule for.

The action of its own name, by AWS's reference. Which resource the call is about is not
told: what depends on that is refused, and so is what depends on the action's condition
keys. Of an operation that has a rule, this tells which of them the rule does not fill.
"""

import re
from collections.abc import Iterator

from sam_harness.iam.call import Authorization, Call, MissingResource, UnknownOperation
from sam_harness.iam.reference import Action, actions, request_keys

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_MAY_NAME_ONE = re.compile("role|profile", re.IGNORECASE)
_ROLE = re.compile(r"arn:[\w-]+:iam::\d{12}:role/[\w+=,.@/-]+")
# The account and the region in an ARN, or an account anywhere else.
_ELSEWHERE = re.compile(r"arn:[\w-]+:[\w-]+:([\w-]*):(\d*):|\b(\d{12})\b")
# What the service, which is not known to it, tells IAM of a role that is passed.
_OF_A_PASSED_ROLE = ("iam:passedtoservice", "iam:associatedresourcearn")


def authorizations(call: Call) -> Iterator[Authorization]:
    """Yield what the operation needs.

    Raises:
        UnknownOperation: AWS has no action of its name.
        MissingResource: it may be about what is in another account or region.
    """
    prefix, action = _action(call)
    said = str(dict(call.parameters))
    for region, account, other in _ELSEWHERE.findall(said):
        if {region, account or other} - {"", call.region, call.account}:
            raise MissingResource(
                f"sam-harness cannot tell which resource {call.service}:"
                f"{call.operation} is about: it names another account or region"
            )
    formats = action.arns if action.needs_one else (*action.arns, "*")
    filled = tuple(_filled(call, one) for one in formats)
    keys = tuple(re.split("[/$<]", key)[0].lower() for key in action.keys)
    name = f"{prefix}:{call.operation}"
    yield Authorization(name, filled[0], formats=filled, unknown=keys)
    if action.passes_role:
        any_role = f"arn:{call.partition}:iam::{call.account}:role/*"
        named_otherwise = [any_role] if _MAY_NAME_ONE.search(said) else []
        for role in _ROLE.findall(said) or named_otherwise:
            yield Authorization(
                "iam:PassRole", role, formats=(role,), unknown=_OF_A_PASSED_ROLE
            )


def unfilled(call: Call, needed: Authorization) -> Iterator[str]:
    """Yield how keys begin of which the mapping does not say what they are.

    AWS's reference lists them for the action. A request without tags has no key of
    them, whether the mapping knows its parameters or not.
    """
    told = {key.lower() for key in (*needed.context, *needed.absent)}
    has_tags = any(one.lower().startswith("tag") for one in call.parameters)
    if not has_tags or "aws:tagkeys" in told:
        told |= {"aws:tagkeys", "aws:requesttag/"}
    return (key for key in request_keys(needed.action) if key not in told)


def _filled(call: Call, arn_format: str) -> str:
    known = {
        "Partition": call.partition,
        "Region": call.region,
        "Account": call.account,
    }
    return _PLACEHOLDER.sub(lambda found: known.get(found[1], "*"), arn_format)


def _action(call: Call) -> tuple[str, Action]:
    for prefix in (call.prefix, call.service):
        if found := actions(prefix).get(call.operation):
            return prefix, found
    raise UnknownOperation(
        f"no IAM mapping for {call.service}:{call.operation}: AWS has no action of "
        "its name, and sam-harness does not know which one it needs"
    )
