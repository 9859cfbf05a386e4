"""DynamoDB by moto, inside LocalStack's own process."""

from localstack.aws.api.dynamodb import DynamodbApi


class MotoDynamoDb(DynamodbApi):  # type: ignore[misc] # LocalStack is untyped
    """Implements nothing: the dispatcher passes every operation to moto."""
