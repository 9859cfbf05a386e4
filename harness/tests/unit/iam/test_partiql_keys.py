"""What a role that is limited to its own keys can do by PartiQL.

Statements are generated, and an oracle that knows nothing of PartiQL says which items
each of them touches.
"""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.tests.unit.iam.calls import ACCOUNT, TABLE, a_call, only
from sam_harness.iam.call import Call, MissingResource
from sam_harness.iam.evaluate import Policies, evaluate
from sam_harness.iam.policy import PolicyKind, compile_policy
from sam_harness.iam.request import Request
from sam_harness.iam.services import authorizations

OWN = "kim#"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/kim/one"
READ = 'SELECT * FROM "t"'
INDEX = f"{TABLE}/index/by-owner"
PARTITION_KEYS = {TABLE: "pk", INDEX: "owner"}
# AWS's own way to confine a role to its keys, with its advice about full scans:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
LIMITED = compile_policy(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "dynamodb:PartiQL*",
                "Resource": [TABLE, INDEX],
                "Condition": {
                    "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{OWN}*"]}
                },
            },
            {
                "Effect": "Deny",
                "Action": "dynamodb:PartiQLSelect",
                "Resource": "*",
                "Condition": {"Bool": {"dynamodb:FullTableScan": "true"}},
            },
        ],
    },
    PolicyKind.IDENTITY,
    "limited",
)
KEYS = ["kim#1", "kim#'2' OR pk = 'bob#1", "bob#1", "bob#2", "kim#1' OR pk = 'bob#2"]
ITEMS = [
    {"pk": key, "owner": owner, "sk": sort}
    for key in KEYS
    for owner in KEYS
    for sort in ("a", "b")
]
type Condition = tuple[Any, ...]


def leaves() -> st.SearchStrategy[Condition]:
    """Return comparisons of one attribute, mostly of a key."""
    attribute = st.sampled_from(["pk", "pk", "pk", "owner", "sk"])
    value = st.sampled_from([*KEYS, "a"])
    several = st.lists(value, min_size=1, max_size=3)
    return st.one_of(
        st.tuples(st.just("="), attribute, value, st.booleans()),
        st.tuples(st.just("="), attribute, value, st.booleans()),
        st.tuples(st.just("in"), attribute, several, st.booleans()),
        st.tuples(st.just("not in"), attribute, several, st.booleans()),
        st.tuples(st.sampled_from(["<>", "<", ">="]), attribute, value, st.booleans()),
        st.tuples(st.just("between"), attribute, value, value),
        st.tuples(st.just("begins_with"), attribute, st.sampled_from(["kim", "b"])),
        st.tuples(st.just("missing"), st.sampled_from(["pk", "other"]), st.booleans()),
    )


def joined(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    """Return conditions made of others."""
    return st.one_of(
        st.tuples(st.just("or"), inner, inner),
        st.tuples(st.just("and"), inner, inner),
        st.tuples(st.just("not"), inner),
    )


CONDITIONS = st.recursive(leaves(), joined, max_leaves=5)
TIGHTER = {"or": 0, "and": 1, "not": 2}


def holds(condition: Condition, item: dict[str, str]) -> bool:
    """Say whether an item is one of those that the condition names: the oracle."""
    kind, first, *rest = condition
    if kind in {"and", "or"}:
        both = holds(first, item), holds(rest[0], item)
        return all(both) if kind == "and" else any(both)
    if kind == "not":
        return not holds(first, item)
    if kind == "missing":
        return (first not in item) is rest[0]
    its = item[first]
    compare: dict[str, Any] = {
        "=": lambda: its == rest[0],
        "<>": lambda: its != rest[0],
        "<": lambda: its < rest[0],
        ">=": lambda: its >= rest[0],
        "in": lambda: its in rest[0],
        "not in": lambda: its not in rest[0],
        "between": lambda: rest[0] <= its <= rest[-1],
        "begins_with": lambda: its.startswith(rest[0]),
    }
    return bool(compare[kind]())


MIRRORED = {"=": "=", "<>": "<>", "<": ">", ">=": "<="}


@dataclass
class Writer:
    """Writes a condition; values become literals or parameters as ``bound`` says."""

    bound: list[bool]
    parameters: list[dict[str, str]]

    def value(self, text: str) -> str:
        """Write a value."""
        self.bound.append(as_parameter := self.bound.pop(0))
        if as_parameter:
            self.parameters.append({"S": text})
            return "?"
        return "'" + text.replace("'", "''") + "'"

    def condition(self, condition: Condition, around: int = 0) -> str:
        """Write with no more parentheses than are needed."""
        kind, first, *rest = condition
        if kind in TIGHTER:
            own = TIGHTER[kind]
            inner = [self.condition(one, own) for one in (first, *rest)]
            written = f" {kind.upper()} ".join(inner) if rest else f"NOT {inner[0]}"
            return f"({written})" if own < around or kind == "not" else written
        return self.leaf(kind, f'"{first}"', rest)

    def leaf(self, kind: str, name: str, rest: list[Any]) -> str:
        """Write a comparison."""
        if kind in {"in", "not in"}:
            listed = ", ".join(self.value(one) for one in rest[0])
            return f"{name} {kind} " + (f"[{listed}]" if rest[1] else f"({listed})")
        if kind == "between":
            return f"{name} BETWEEN {self.value(rest[0])} AND {self.value(rest[1])}"
        if kind == "begins_with":
            return f"begins_with({name}, {self.value(rest[0])})"
        if kind == "missing":
            return f"{name} IS {'' if rest[0] else 'NOT '}MISSING"
        if rest[1]:
            return f"{self.value(rest[0])}{MIRRORED[kind]}{name}"
        return f"{name} {kind} {self.value(rest[0])}"


def allowed(call: Call) -> bool:
    """Say whether the limited role may make a call."""
    try:
        needed = authorizations(replace(call, lookup=PARTITION_KEYS.get))
    except MissingResource:
        return False
    requests = [
        Request.of(SESSION, one.action, one.resource, one.context) for one in needed
    ]
    return all(
        evaluate(Policies(identity=(LIMITED,)), one).is_allowed for one in requests
    )


def calls(statement: str, parameters: list[dict[str, str]]) -> list[Call]:
    """Return every way to run a statement."""
    written: dict[str, Any] = {"Statement": statement}
    if parameters:
        written["Parameters"] = parameters
    first = {"Statement": "SELECT * FROM \"t\" WHERE pk = 'kim#1'"}
    return [
        a_call("dynamodb", "ExecuteStatement", **written),
        a_call("dynamodb", "BatchExecuteStatement", Statements=[first, written]),
        a_call("dynamodb", "ExecuteTransaction", TransactStatements=[first, written]),
    ]


@settings(max_examples=400, deadline=None)
@given(
    CONDITIONS,
    st.sampled_from(
        [
            ('SELECT * FROM "t" WHERE {}', "pk"),
            ('SELECT sk FROM "t" WHERE {} ORDER BY pk', "pk"),
            ('SELECT * FROM "t"."by-owner" WHERE {}', "owner"),
            ('SELECT sk FROM "t"."by-owner" WHERE {}', "owner"),
            ("UPDATE \"t\" SET x = 'pk' REMOVE y WHERE {}", "pk"),
            ('DELETE FROM "t" WHERE {} RETURNING ALL OLD *', "pk"),
            ('EXISTS(SELECT * FROM "t" WHERE {})', "pk"),
        ]
    ),
    st.lists(st.booleans(), min_size=1, max_size=4),
)
def test_no_statement_touches_an_item_of_another(
    condition: Condition, form: tuple[str, str], bound: list[bool]
) -> None:
    """What the role may not reach by Query and GetItem, it may not by PartiQL."""
    statement, key = form
    writer = Writer(bound, [])
    written = statement.format(writer.condition(condition))
    touched = {item[key] for item in ITEMS if holds(condition, item)}

    for call in calls(written, writer.parameters):
        if allowed(call):
            assert {one for one in touched if not one.startswith(OWN)} == set(), written


@pytest.mark.parametrize("key", KEYS)
def test_only_an_own_item_is_inserted(key: str) -> None:
    """Whether its key is written or a parameter."""
    literal = key.replace("'", "''")
    for call in (
        *calls(f"INSERT INTO \"t\" VALUE {{'pk': '{literal}', 'x': 'kim#1'}}", []),
        *calls("INSERT INTO \"t\" VALUE {'x': 'kim#1', 'pk': ?}", [{"S": key}]),
    ):
        assert allowed(call) is key.startswith(OWN)


@pytest.mark.parametrize(
    ("where", "leading", "full_scan"),
    [
        ("", None, "true"),
        ("WHERE pk = 'it''s'", ("it's",), "false"),
        ("WHERE 'a' = pk AND sk > 'b'", ("a",), "false"),
        ("WHERE pk = ?", ("bound",), "false"),
        ("WHERE pk = 1", ("1",), "false"),
        ("WHERE pk IN ['a', ?]", ("a", "bound"), "false"),
        ("WHERE pk = 'a' OR pk IN ('b', 'c')", ("a", "b", "c"), "false"),
        ("WHERE (pk = 'a' OR pk = 'b') AND x = 'c'", ("a", "b"), "false"),
        ("WHERE pk = 'a' OR sk = 'b'", None, "true"),
        ("WHERE NOT pk = 'a'", None, "true"),
        ("WHERE pk NOT IN ['a']", None, "true"),
        ("WHERE pk BETWEEN 'a' AND 'a'", None, "true"),
        ("WHERE begins_with(pk, 'a')", None, "true"),
        ("WHERE pk = sk", None, "true"),
        ("WHERE pk.a = 'a'", None, "true"),
        ("WHERE (pk = 'a') = true", None, "true"),
    ],
)
def test_only_equality_bounds_the_partition_key(
    where: str, leading: tuple[str] | None, full_scan: str
) -> None:
    """All that it may equal is in dynamodb:LeadingKeys; else it is a full scan."""
    parameters = [{"S": "bound"}] if "?" in where else []
    call = a_call(
        "dynamodb",
        "ExecuteStatement",
        Statement=f"{READ} {where}",
        Parameters=parameters,
    )

    context = only(replace(call, lookup=PARTITION_KEYS.get)).context

    assert context.get("dynamodb:LeadingKeys") == leading
    assert context["dynamodb:FullTableScan"] == (full_scan,)


def test_an_index_has_a_partition_key_of_its_own() -> None:
    """The table's does not bound what is read of it."""
    by_table, by_index = (
        calls(f"{READ}.\"by-owner\" WHERE {key} = 'kim#1'", [])
        for key in ("pk", "owner")
    )

    assert not any(map(allowed, by_table))
    assert all(map(allowed, by_index))


def test_a_policy_can_tell_which_attributes_a_statement_names() -> None:
    """As of any other call: dynamodb:Attributes, Select and ReturnValues."""
    select = "SELECT a, b.c FROM t WHERE pk = 'x' AND size(d) > 1 ORDER BY e"
    update = "UPDATE t SET a = b REMOVE c WHERE pk = 'x' RETURNING ALL OLD *"

    reads = only(a_call("dynamodb", "ExecuteStatement", Statement=select)).context
    writes = only(a_call("dynamodb", "ExecuteStatement", Statement=update)).context

    assert set(reads["dynamodb:Attributes"]) == {"a", "b", "pk", "d", "e"}
    assert reads["dynamodb:Select"] == ("SPECIFIC_ATTRIBUTES",)
    assert set(writes["dynamodb:Attributes"]) == {"a", "b", "c", "pk"}
    assert writes["dynamodb:ReturnValues"] == ("ALL_OLD",)
