"""Where LocalStack's SNS differs from AWS's: whom a message is for."""

import json
from typing import Any

from localstack.services.sns.filter import SubscriptionFilter
from localstack.services.sns.publisher import PublishDispatcher

from sam_harness.localstack.corrections import events_patterns

type Json = dict[str, Any]


def install() -> None:
    """Correct LocalStack's SNS."""
    PublishDispatcher.subscription_filter = _Filter()


class _Filter(SubscriptionFilter):  # type: ignore[misc] # LocalStack is untyped
    """Fails at no number where a policy asks for a text: the message would be lost.

    https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
    """

    def check_filter_policy_on_message_attributes(
        self, filter_policy: Json, message_attributes: Json
    ) -> bool:
        """Tell whether a message with these attributes is for a subscription."""
        values = {name: _value(one) for name, one in message_attributes.items()}
        return not filter_policy or events_patterns.matches(filter_policy, values)

    def check_filter_policy_on_message_body(
        self, filter_policy: Json, message_body: str
    ) -> bool:
        """Tell whether a message with this body is."""
        body = _read(message_body)
        return isinstance(body, dict) and events_patterns.matches(filter_policy, body)


def _value(attribute: Json) -> object:
    kind = attribute.get("DataType") or attribute.get("Type")
    text = attribute.get("StringValue") or attribute.get("Value")
    return _read(text) if kind in {"Number", "String.Array"} else text


def _read(text: Any) -> object:  # noqa: ANN401 - untyped
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return None
