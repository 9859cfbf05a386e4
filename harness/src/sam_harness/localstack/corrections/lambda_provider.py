"""Lambda that refuses what AWS refuses."""

from typing import Any

from localstack.aws.api.lambda_ import InvalidParameterValueException
from localstack.services.lambda_.provider import LambdaProvider


class Provider(LambdaProvider):  # type: ignore[misc] # LocalStack is untyped
    """LocalStack's own, with what it leaves out."""

    def validate_event_source_mapping(
        self, context: object, request: dict[str, Any]
    ) -> object:
        """Check a mapping that is to be made or changed."""
        fifo = str(request.get("EventSourceArn")).endswith(".fifo")
        if fifo and request.get("MaximumBatchingWindowInSeconds"):
            raise InvalidParameterValueException(
                "Batching window is not supported for FIFO queues", Type="User"
            )
        return super().validate_event_source_mapping(context, request)
