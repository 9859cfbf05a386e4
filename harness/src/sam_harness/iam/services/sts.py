"""STS: assuming a role; who one is may always be asked."""

from collections.abc import Iterable

from sam_harness.iam.call import Authorization, Call, given, tags
from sam_harness.iam.service import QUERY, Service

_OF_THE_SESSION = {
    "sts:RoleSessionName": "RoleSessionName",
    "sts:ExternalId": "ExternalId",
    "sts:SourceIdentity": "SourceIdentity",
}


def _assume(call: Call) -> Iterable[Authorization]:
    role = call.text("RoleArn")
    context = given(call, _OF_THE_SESSION)
    tagged = tags(call) | given(call, {"sts:TransitiveTagKeys": "TransitiveTagKeys"})
    yield Authorization(f"sts:{call.operation}", role, {**context, **tagged})
    if any(tagged.values()):
        yield Authorization("sts:TagSession", role, tagged)
    identity = given(call, {"sts:SourceIdentity": "SourceIdentity"})
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
