"""STS: assuming a role; who one is may always be asked."""

from collections.abc import Iterable

from sam_harness.iam.call import Authorization, Call, given, own_keys, tags
from sam_harness.iam.service import QUERY, Service


def _assume(call: Call) -> Iterable[Authorization]:
    role = call.text("RoleArn")
    context = given(call, own_keys("sts", "RoleSessionName ExternalId SourceIdentity"))
    tagged = tags(call) | given(call, own_keys("sts", "TransitiveTagKeys"))
    yield Authorization(f"sts:{call.operation}", role, {**context, **tagged})
    if any(tagged.values()):
        yield Authorization("sts:TagSession", role, tagged)
    identity = given(call, own_keys("sts", "SourceIdentity"))
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
