"""Laws that hold for all policies, tried on random ones."""

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sam_harness.iam.evaluate import Decision, Policies, evaluate
from sam_harness.iam.policy import PolicyKind, compile_policy
from sam_harness.iam.request import Request

ACCOUNT = "111122223333"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/one"
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue"
FOREIGN = "arn:aws:sqs:eu-west-1:444455556666:queue"
CONDITIONS = st.sampled_from(
    [
        {},
        {"StringEquals": {"aws:PrincipalTag/team": "red"}},
        {"StringNotLike": {"aws:PrincipalTag/team": "r*"}},
        {"StringEqualsIfExists": {"aws:PrincipalTag/team": "${aws:SourceAccount}"}},
        {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}},
        {"ForAnyValue:StringLike": {"aws:TagKeys": "?"}},
        {"Null": {"aws:PrincipalTag/team": "true"}},
    ]
)
STATEMENTS = st.builds(
    lambda effect, action, resource, condition: {
        "Effect": effect,
        "Condition": condition,
        action[0]: action[1],
        resource[0]: resource[1],
    },
    st.sampled_from(["Allow", "Allow", "Deny"]),
    st.sampled_from(
        [("Action", "*"), ("Action", "sqs:Send*"), ("NotAction", "sqs:SendMessage")]
    ),
    st.sampled_from([("Resource", "*"), ("Resource", QUEUE), ("NotResource", QUEUE)]),
    CONDITIONS,
)
PRINCIPALS = st.sampled_from(
    [
        {"Principal": "*"},
        {"Principal": {"AWS": ACCOUNT}},
        {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/worker"}},
        {"Principal": {"AWS": SESSION}},
        {"NotPrincipal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/David"}},
    ]
)
KINDS = st.sampled_from(
    [PolicyKind.IDENTITY, PolicyKind.BOUNDARY, PolicyKind.SESSION, PolicyKind.RESOURCE]
)
ALL = st.lists(st.tuples(KINDS, STATEMENTS, PRINCIPALS), min_size=1, max_size=7)
REQUESTS = st.builds(
    lambda resource, context: Request.of(SESSION, "sqs:SendMessage", resource, context),
    st.sampled_from([QUEUE, FOREIGN]),
    st.fixed_dictionaries(
        {},
        optional={
            "aws:PrincipalTag/team": st.sampled_from(["red", "blue"]),
            "aws:TagKeys": st.lists(st.sampled_from(["a", "c"]), max_size=2),
        },
    ),
)
few = settings(max_examples=40, deadline=None)
type One = tuple[PolicyKind, dict[str, Any], dict[str, Any]]
type Attached = list[One]


def decide(attached: Attached, request: Request) -> Decision:
    """Decide with one policy of each kind that has statements."""
    policies: dict[PolicyKind, Any] = {}
    for kind in {kind for kind, _, _ in attached}:
        statements = [
            statement | (principal if kind.names_principals else {})
            for its, statement, principal in attached
            if its is kind
        ]
        document = {"Version": "2012-10-17", "Statement": statements}
        policies[kind] = compile_policy(document, kind, kind.value)
    identity = policies.get(PolicyKind.IDENTITY)
    session = policies.get(PolicyKind.SESSION)
    return evaluate(
        Policies(
            (identity,) if identity else (),
            policies.get(PolicyKind.BOUNDARY),
            (session,) if session else (),
            policies.get(PolicyKind.RESOURCE),
        ),
        request,
    )


@few
@given(ALL, st.tuples(KINDS, STATEMENTS, PRINCIPALS), REQUESTS)
def test_an_added_deny_never_allows_more(
    attached: Attached, added: One, request: Request
) -> None:
    """Wherever the Deny is attached: what was denied stays denied."""
    kind, statement, principal = added
    more = [*attached, (kind, statement | {"Effect": "Deny"}, principal)]

    if not decide(attached, request).is_allowed:
        assert not decide(more, request).is_allowed


@few
@given(ALL, REQUESTS, st.data())
def test_removing_an_allow_never_allows_more(
    attached: Attached, request: Request, data: st.DataObject
) -> None:
    """As long as its policy stays: an emptied boundary still limits."""
    kinds = [kind for kind, _, _ in attached]
    removable = [
        index
        for index, (kind, statement, _) in enumerate(attached)
        if statement["Effect"] == "Allow"
        and (
            kinds.count(kind) > 1 or kind in {PolicyKind.IDENTITY, PolicyKind.RESOURCE}
        )
    ]
    if not removable:
        return
    index = data.draw(st.sampled_from(removable))

    if decide(attached[:index] + attached[index + 1 :], request).is_allowed:
        assert decide(attached, request).is_allowed


@few
@given(ALL, REQUESTS, st.randoms(use_true_random=False))
def test_the_order_of_statements_never_matters(
    attached: Attached, request: Request, random: Random
) -> None:
    """Shuffled, the same decision."""
    shuffled = list(attached)
    random.shuffle(shuffled)

    assert str(decide(shuffled, request)) == str(decide(attached, request))


@few
@given(ALL, REQUESTS)
def test_a_matching_deny_always_denies(attached: Attached, request: Request) -> None:
    """An unconditional Deny of everything, on any kind of policy, wins."""
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    for kind in PolicyKind:
        if kind is not PolicyKind.TRUST:
            denied = decide([*attached, (kind, deny, {"Principal": "*"})], request)
            assert str(denied) == "explicitDeny"


@few
@given(
    st.sampled_from(["StringEquals", "StringNotEquals", "StringLike", "ArnLike"]),
    st.sampled_from([None, "arn:aws:sns:::a", "arn:aws:sns:::b"]),
)
def test_if_exists_only_forgives_a_missing_key(
    operator: str, value: str | None
) -> None:
    """With the key there, the suffix changes nothing; without, it holds."""
    context = {"aws:x": value} if value else {}
    request = Request.of(SESSION, "sqs:SendMessage", QUEUE, context)
    plain, forgiving = (
        decide(
            [
                (
                    PolicyKind.IDENTITY,
                    {
                        "Effect": "Allow",
                        "Action": "*",
                        "Resource": "*",
                        "Condition": {operator + suffix: {"aws:x": "arn:aws:sns:::a"}},
                    },
                    {},
                )
            ],
            request,
        ).is_allowed
        for suffix in ("", "IfExists")
    )

    assert forgiving is (plain if value else True)
