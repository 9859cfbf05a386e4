"""From an API call to the IAM actions, resources and condition keys it needs.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Mapping

from harness.iam.mapping import (
    apigateway,
    cloudformation,
    cloudwatch,
    dynamodb,
    functions,
    iam,
    logs,
    s3,
    sns,
    sqs,
    sts,
    xray,
)
from harness.iam.mapping.call import (
    Authorization,
    Call,
    Lookups,
    MissingResource,
    Rule,
    UnknownOperation,
    UnmappableCall,
)

__all__ = [
    "RULES",
    "Authorization",
    "Call",
    "Lookups",
    "MissingResource",
    "UnknownOperation",
    "UnmappableCall",
    "authorizations",
]

RULES: Mapping[str, Mapping[str, Rule]] = {
    "apigateway": apigateway.RULES,
    "cloudformation": cloudformation.RULES,
    "cloudwatch": cloudwatch.RULES,
    "dynamodb": dynamodb.RULES,
    "dynamodbstreams": dynamodb.STREAM_RULES,
    "iam": iam.RULES,
    "lambda": functions.RULES,
    "logs": logs.RULES,
    "s3": s3.RULES,
    "sns": sns.RULES,
    "sqs": sqs.RULES,
    "sts": sts.RULES,
    "xray": xray.RULES,
}


def authorizations(call: Call) -> tuple[Authorization, ...]:
    """List all a caller must be allowed; empty: AWS asks for no permission at all.

    Raises:
        UnknownOperation: the mapping has no such entry; deny the call.
        MissingResource: the call names no resource; deny the call.

    """
    rule = RULES.get(call.service, {}).get(call.operation)
    if rule is None:
        raise UnknownOperation(f"no IAM mapping for {call.service}:{call.operation}")
    return tuple(rule(call))
