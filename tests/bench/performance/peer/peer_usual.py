"""The same job as the field writes it: Powertools, pydantic, boto3's resource.

One record after the other, one table call for each read and each write: what the
documentation of each library shows first. What a client or the table sees of it is the
same as with `src/refunds`, byte for byte: the benchmark checks that first.
"""

from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)

from api import app
from decisions import decide
from observability import logger, metrics, tracer

processor = BatchProcessor(event_type=EventType.SQS)


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler
@metrics.log_metrics
def handle_api(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer POST /refunds and GET /refunds/{refundId}."""
    return app.resolve(event, context)


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler
@metrics.log_metrics
def handle_queue(event: dict[str, Any], context: Any) -> Any:
    """Decide every refund of the batch."""
    return process_partial_response(
        event=event, record_handler=decide, processor=processor, context=context
    )
