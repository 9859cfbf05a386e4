"""Where LocalStack's SNS differs from AWS's: whom a message is for."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from localstack.services.sns.filter import SubscriptionFilter
from localstack.services.sns.publisher import PublishDispatcher

from sam_harness.localstack.corrections import events_patterns

type Json = dict[str, Any]


def install() -> None:
    """Correct LocalStack's SNS."""
    PublishDispatcher.subscription_filter = _Filter()


class _Filter(SubscriptionFilter):  # type: ignore[misc] # LocalStack is untyped
    """Takes a number where a policy asks for a text; LocalStack's fails at it.

    https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
    """

    def check_filter_policy_on_message_attributes(
        self, filter_policy: Json, message_attributes: Json
    ) -> bool:
        """Tell whether a message with these attributes, which has some, is for it.

        https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html
        """
        values = dict(_values(message_attributes))
        return bool(values) and events_patterns.matches(filter_policy, values)

    def check_filter_policy_on_message_body(
        self, filter_policy: Json, message_body: str
    ) -> bool:
        """Tell whether a message with this body is."""
        body = _read(message_body)
        return isinstance(body, dict) and events_patterns.matches(filter_policy, body)


def _values(attributes: Mapping[str, Json]) -> Iterator[tuple[str, object]]:
    """Yield names and values; SNS looks at no Binary."""
    for name, attribute in attributes.items():
        kind, text = attribute["DataType"], attribute.get("StringValue", "")
        if kind.startswith("Number"):
            yield name, float(text)
        elif kind == "String.Array":
            yield name, _read(text)
        elif kind != "Binary":
            yield name, text


def _read(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None
