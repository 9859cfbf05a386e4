"""STS: assuming a role; who one is may always be asked."""

from collections.abc import Iterable

from harness.iam.mapping.call import (
    Authorization,
    Call,
    anything,
    given,
    rules,
    strings,
    tags,
)


def _assume(call: Call) -> Iterable[Authorization]:
    role = call.text("RoleArn")
    context = given(
        call,
        sts__RoleSessionName="RoleSessionName",
        sts__ExternalId="ExternalId",
        sts__SourceIdentity="SourceIdentity",
    )
    tagged = tags(call)
    if transitive := strings(call.parameters.get("TransitiveTagKeys")):
        tagged = {**tagged, "sts:TransitiveTagKeys": transitive}
    yield Authorization(f"sts:{call.operation}", role, {**context, **tagged})
    if tagged:
        yield Authorization("sts:TagSession", role, tagged)
    if "sts:SourceIdentity" in context:
        identity = {"sts:SourceIdentity": context["sts:SourceIdentity"]}
        yield Authorization("sts:SetSourceIdentity", role, identity)


def _no_permission(_call: Call) -> Iterable[Authorization]:
    """Need no permission at all.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    """
    return ()


RULES = {
    **rules("sts", {anything: "DecodeAuthorizationMessage GetAccessKeyInfo"}),
    "AssumeRole": _assume,
    "AssumeRoleWithWebIdentity": _assume,
    "GetCallerIdentity": _no_permission,
    "GetSessionToken": _no_permission,
}
