"""No input makes the Receiver raise or answer 5xx."""

import json

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from unit.refunds.builders import an_api_event
from unit.refunds.entry_points import Handler

# Characters that are not Unicode text included.
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=80)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3)
    ),
    max_leaves=8,
)
AMOUNTS = st.sampled_from(["1e400", "-0", "1E+2", "0.010", "9" * 400, "NaN", "1e-9999"])
NEARLY_VALID = st.fixed_dictionaries(
    {},
    optional={
        "orderId": st.just("order-1") | JSON_VALUES,
        "amount": st.decimals(-1, 2000, places=2).map(float) | JSON_VALUES,
        "reason": ANY_TEXT | JSON_VALUES,
        "extra": JSON_VALUES,
    },
)
BODIES = (
    st.none()
    | ANY_TEXT
    | JSON_VALUES.map(json.dumps)
    | NEARLY_VALID.map(json.dumps)
    | AMOUNTS.map('{{"orderId": "a", "reason": "b", "amount": {}}}'.format)
)
HEADERS = st.dictionaries(
    st.sampled_from(["content-type", "Idempotency-Key", "X-Correlation-Id"]) | ANY_TEXT,
    st.just("application/json") | ANY_TEXT | st.none(),
    max_size=4,
)
EVENT_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "headers": HEADERS | JSON_VALUES,
        "requestContext": JSON_VALUES,
        "body": JSON_VALUES,
        "isBase64Encoded": st.booleans() | JSON_VALUES,
        "path": JSON_VALUES,
    },
)
# Each example is a request of its own: none needs the table to be empty.
REUSED = [HealthCheck.function_scoped_fixture]


@settings(max_examples=100, deadline=None, suppress_health_check=REUSED)
@given(body=BODIES, headers=HEADERS, as_base64=st.booleans())
@example(body="[" * 16_000, headers={}, as_base64=False)
@example(body='{"a":' * 3_200, headers={}, as_base64=False)
def test_no_body_or_header_makes_the_receiver_fail(
    receive: Handler, body: str | None, headers: dict[str, str], *, as_base64: bool
) -> None:
    """Clients can't break it, and every refusal is a problem that names fields."""
    event = an_api_event(body, headers=headers) | {"isBase64Encoded": as_base64}

    answer = receive(event)

    assert answer["statusCode"] in {202, 400, 422}
    if answer["statusCode"] == 400:
        assert json.loads(answer["body"])["errors"]


@settings(max_examples=60, deadline=None, suppress_health_check=REUSED)
@given(fields=EVENT_FIELDS)
def test_no_event_makes_the_receiver_fail(
    receive: Handler, fields: dict[str, object]
) -> None:
    """An event of an unforeseen shape is a bad request, not a crash."""
    answer = receive(an_api_event("{}") | fields)

    assert answer["statusCode"] in {202, 400, 422}
    assert isinstance(answer["body"], str)
