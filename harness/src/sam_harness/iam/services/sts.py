"""STS: assuming a role; who one is may always be asked."""

from collections.abc import Iterable

from sam_harness.iam.call import Authorization, Call, given, tags
from sam_harness.iam.service import QUERY, Service


def _told(call: Call, parameters: str) -> dict[str, tuple[str, ...]]:
    return given(call, {f"sts:{name}": name for name in parameters.split()})


def _assume(call: Call) -> Iterable[Authorization]:
    role, tagged = call.text("RoleArn"), tags(call) | _told(call, "TransitiveTagKeys")
    identity = _told(call, "SourceIdentity")
    context = _told(call, "RoleSessionName ExternalId") | identity | tagged
    yield Authorization(f"sts:{call.operation}", role, context)
    if any(tagged.values()):
        yield Authorization("sts:TagSession", role, tagged)
    if any(identity.values()):
        yield Authorization("sts:SetSourceIdentity", role, identity)


SERVICE = Service(
    name="sts",
    rules={
        "AssumeRole": _assume,
        "AssumeRoleWithWebIdentity": _assume,
        # They need no permission at all:
        # https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
        "GetCallerIdentity": lambda _: (),
        "GetSessionToken": lambda _: (),
    },
    errors=QUERY,
)
