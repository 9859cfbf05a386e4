"""IAM: users, roles, groups and policies by name; a path is not in the request."""

from collections.abc import Callable, Iterable

from harness.iam.mapping.call import (
    Authorization,
    Call,
    ResourceOf,
    Rule,
    anything,
    by,
    given,
    rules,
    with_tags,
)


def _named(kind: str) -> Callable[[Call, str], str]:
    def arn(call: Call, name: str) -> str:
        path = call.parameters.get("Path")
        prefix = path if isinstance(path, str) and path else "/"
        return call.global_arn("iam", f"{kind}{prefix}{name}")

    return arn


_ROLE = by("RoleName", _named("role"))
_GROUP = by("GroupName", _named("group"))
_POLICY = by("PolicyArn", _named("policy"))
_PROFILE = by("InstanceProfileName", _named("instance-profile"))
_NEW_POLICY = by("PolicyName", _named("policy"))


def _user(call: Call) -> str:
    """Find the user named; without a name IAM means whoever asks."""
    if call.parameters.get("UserName"):
        return by("UserName", _named("user"))(call)
    return call.global_arn("iam", "user/*")


def _with_keys(table: dict[ResourceOf, str], **keys: str) -> dict[str, Rule]:
    def keyed(inner: Rule) -> Rule:
        return lambda call: tuple(
            Authorization(one.action, one.resource, given(call, **keys))
            for one in inner(call)
        )

    return {name: keyed(inner) for name, inner in rules("iam", table).items()}


def _add_role_to_profile(call: Call) -> Iterable[Authorization]:
    yield Authorization("iam:AddRoleToInstanceProfile", _PROFILE(call))
    yield Authorization("iam:PassRole", _ROLE(call))


_NAMED = rules(
    "iam",
    {
        _ROLE: """
            DeleteRole GetRole GetRolePolicy ListAttachedRolePolicies
            ListInstanceProfilesForRole ListRolePolicies ListRoleTags TagRole
            UntagRole UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription
        """,
        _user: """
            CreateAccessKey CreateLoginProfile DeleteAccessKey DeleteLoginProfile
            DeleteUser GetLoginProfile GetUser GetUserPolicy ListAccessKeys
            ListAttachedUserPolicies ListGroupsForUser ListUserPolicies ListUserTags
            TagUser UntagUser UpdateAccessKey UpdateLoginProfile UpdateUser
        """,
        _GROUP: """
            AddUserToGroup CreateGroup DeleteGroup DeleteGroupPolicy GetGroup
            GetGroupPolicy ListAttachedGroupPolicies ListGroupPolicies
            PutGroupPolicy RemoveUserFromGroup UpdateGroup
        """,
        _POLICY: """
            CreatePolicyVersion DeletePolicy DeletePolicyVersion GetPolicy
            GetPolicyVersion ListEntitiesForPolicy ListPolicyTags
            ListPolicyVersions SetDefaultPolicyVersion TagPolicy UntagPolicy
        """,
        _NEW_POLICY: "CreatePolicy",
        _PROFILE: """
            CreateInstanceProfile DeleteInstanceProfile GetInstanceProfile
            RemoveRoleFromInstanceProfile
        """,
        anything: """
            GetAccountAuthorizationDetails GetAccountPasswordPolicy
            GetAccountSummary ListAccountAliases ListGroups ListInstanceProfiles
            ListOpenIDConnectProviders ListPolicies ListRoles ListSAMLProviders
            ListServerCertificates ListUsers SimulateCustomPolicy
        """,
        by("PolicySourceArn", _named("role")): "SimulatePrincipalPolicy",
    },
)
_BOUNDED = _with_keys(
    {
        _ROLE: """
            CreateRole DeleteRolePermissionsBoundary DeleteRolePolicy
            PutRolePermissionsBoundary PutRolePolicy
        """,
        _user: """
            CreateUser DeleteUserPermissionsBoundary DeleteUserPolicy
            PutUserPermissionsBoundary PutUserPolicy
        """,
    },
    iam__PermissionsBoundary="PermissionsBoundary",
)
_ATTACHED = _with_keys(
    {
        _ROLE: "AttachRolePolicy DetachRolePolicy",
        _user: "AttachUserPolicy DetachUserPolicy",
        _GROUP: "AttachGroupPolicy DetachGroupPolicy",
    },
    iam__PolicyARN="PolicyArn",
)
RULES = {
    **_NAMED,
    **_BOUNDED,
    **_ATTACHED,
    **with_tags(_NAMED, "CreatePolicy CreateInstanceProfile TagRole TagUser TagPolicy"),
    **with_tags(_BOUNDED, "CreateRole CreateUser"),
    "AddRoleToInstanceProfile": _add_role_to_profile,
}
