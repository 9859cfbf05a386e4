"""What LocalStack has not: it says so."""

import boto3
import pytest
from botocore.exceptions import ClientError


def test_an_operation_that_there_is_not_is_refused_by_name(
    session: boto3.Session,
) -> None:
    """Although LocalStack cannot ask its maker which edition would have it."""
    with pytest.raises(ClientError, match="ListMetricStreams") as refused:
        session.client("cloudwatch").list_metric_streams()

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
