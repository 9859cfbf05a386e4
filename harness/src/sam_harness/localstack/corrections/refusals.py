"""What AWS refuses of a request, where LocalStack's own provider takes it.

CloudFormation's own calls pass here as well. Imports LocalStack where it is needed
only, as unit tests come without; each check is a ValueError with AWS's words.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from sam_harness.localstack.corrections import (
    constraints,
    events_patterns,
    lambda_rules,
    policies,
    reaching,
    s3_rules,
    sqs_rules,
    ssm_rules,
    stepfunctions_rules,
    vain,
)
from sam_harness.localstack.corrections.dynamodb import reading, tables
from sam_harness.localstack.stacks.reading import NOW

type Request = Mapping[str, Any]
type Asked = tuple[str, str]  # service and operation
# A check, and the code and status of the error where it raises ValueError.
type Refusal = tuple[Callable[[Any], None], str, int]

_EVENTS = ("events", "PutEvents")
_NOTICES = ("sns", "Publish")
_NONE = ("InternalFailure", 501)  # as LocalStack says of what it has not
# As S3 tells EventBridge, an alarm its topic, a function or a machine its log.
_TELLING = {
    _EVENTS,
    _NOTICES,
    ("cloudwatch", "PutMetricData"),
    *(("logs", one) for one in ("CreateLogStream", "PutLogEvents")),
}
# No line breaks, nor control characters.
_SUBJECT = re.compile(r"[^\x00-\x1f\x7f]{1,99}")


def install(checks: Callable[[Any, Asked, Request], Iterator[Refusal]]) -> None:
    """Look at each request before its service does: at its form, or its content."""
    from localstack.aws import handlers  # noqa: PLC0415 - not in unit tests
    from localstack.aws.api import CommonServiceException  # noqa: PLC0415 - likewise

    from sam_harness.localstack.gate import handler  # noqa: PLC0415 - likewise

    def look(_chain: object, context: Any, _response: object) -> None:  # noqa: ANN401 - untyped
        if not (context.service and context.operation):
            return
        asked = context.service.service_name, context.operation.name
        request, code, status = handler.asked_of(context), "", 400
        try:
            for check, code, status in checks(context, asked, request):  # noqa: B007 - its error's
                check(request)
        except ValueError as error:
            told = {"code": code, "status": status, **vars(error)}
            refusal = told["code"], str(error), told["status"]
            raise CommonServiceException(*refusal, sender_fault=True) from error

    handlers.serve_custom_service_request_handlers.append(look)


def form(context: Any, asked: Asked, _: Request) -> Iterator[Refusal]:  # noqa: ANN401 - untyped
    """Yield what asks whether a request is one, by its API's description."""
    if asked[0] == "kinesis":
        yield _not_emulated("Kinesis: LocalStack would download its emulation with npm")
    code, own = constraints.SERVICES.get(asked[0]), bool(context.is_internal_call)
    if code and not (asked in _TELLING and own):
        yield partial(constraints.check, context.operation, own=own), code, 400


def content(context: Any, asked: Asked, request: Request) -> Iterator[Refusal]:  # noqa: ANN401 - untyped
    """Yield what else is asked of a request."""
    for wrong, said in policies.problems(*asked, request, context.partition):
        status = 409 if wrong == policies.EXCEEDED else 400
        raise s3_rules.RefusalError(wrong, status, said)
    if code := constraints.TAGS.get(asked[0]):
        yield constraints.check_tags, code, 400
    if asked in _CHECKS and not (asked in _TELLING and context.is_internal_call):
        yield _CHECKS[asked]
    if asked[0] == "s3":
        yield partial(constraints.check_body, context.operation), "MalformedXML", 400
    if names := vain.ASKED.get(asked):
        yield partial(vain.check, names, context.account_id), *_NONE
    if asked in _PLACED:
        placed, code, status = _PLACED[asked]
        yield partial(placed, context.account_id, context.region), code, status


def _subject(request: Request) -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_Publish.html."""
    if not _SUBJECT.fullmatch(request.get("Subject") or "none"):
        raise ValueError("Invalid parameter: Subject")


def _stages(account: str, region: str, request: Request) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-create-usage-plans.html."""
    from moto.apigateway.models import apigateway_backends  # noqa: PLC0415 - as above

    for one in request.get("apiStages") or ():
        api, stage = one.get("apiId"), one.get("stage")
        found = apigateway_backends[account][region].apis.get(api)
        if not found or stage not in found.stages:
            raise ValueError(f"API Stage not found: {api}:{stage}")


def _bucket(request: Request) -> None:
    if not NOW.get():  # a template's `resources` checks, as a whole
        s3_rules.check_new(request)


def _notifications(request: Request) -> None:
    from localstack.aws.api.s3 import Event  # noqa: PLC0415 - not in unit tests

    told = request["NotificationConfiguration"]
    s3_rules.check_notifications(told, set(Event))


def _of_bucket(check: Callable[..., None], request: Request) -> None:
    """Have a check look at the bucket, too; S3 says if there is none."""
    from localstack.services.s3.models import s3_stores  # noqa: PLC0415 - as above

    from sam_harness.localstack.gate.handler import KNOWLEDGE  # noqa: PLC0415 - as above

    name = request["Bucket"]
    owner = KNOWLEDGE.owner(f"arn:aws:s3:::{name}")
    if owner and (bucket := s3_stores[owner]["us-east-1"].buckets.get(name)):
        check(request, bucket)


def _not_emulated(what: str, *asked: str) -> Refusal:
    """Refuse a call, or one that has one of the parameters that are asked for."""

    def check(request: Request) -> None:
        if not asked or any(request.get(name) for name in asked):
            raise ValueError(f"sam-harness does not emulate {what}")

    return check, *_NONE


_ARGUMENT = ("InvalidArgument", 400)
_PARAMETER = "InvalidParameterValueException"
_QUEUE = (sqs_rules.check_queue, "InvalidAttributeValue", 400)
_FUNCTION = (lambda_rules.check_function, _PARAMETER, 400)
_URL = (lambda_rules.check_url, _PARAMETER, 400)
_PATTERN = (events_patterns.check_pattern, "InvalidEventPatternException", 400)
_FILTERS = (events_patterns.check_filters, _PARAMETER, 400)
_FILTER_POLICY = (events_patterns.check_policy, "InvalidParameter", 400)
_MACHINE = (stepfunctions_rules.check, "InvalidDefinition", 400)
_ACL = (partial(_of_bucket, s3_rules.check_acl), "AccessControlListNotSupported", 400)
_OBJECT = (partial(_of_bucket, s3_rules.check_object), *_ACL[1:])
_PAGE = (s3_rules.check_page, *_ARGUMENT)
_POLICY = (partial(_of_bucket, s3_rules.check_policy), "AccessDenied", 403)
_TRUST = (stepfunctions_rules.check_trust, "AccessDeniedException", 400)
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/access-control-resource-based.html
_TABLE_POLICY = _not_emulated(
    "the policies of tables: no call would be checked against this one",
    "Policy",
    "ResourcePolicy",
)
_COPY = _not_emulated("exports and imports of tables, or what one was at another time")
_COPIES = """
    DescribeExport DescribeImport ExportTableToPointInTime ImportTable ListExports
    ListImports RestoreTableToPointInTime
"""
_ARCHIVE = _not_emulated("archives: no event would be kept for a replay")
_ALARM = (reaching.check_alarm, *_NONE)
# Checks that are told account and region first.
_PLACED: Mapping[Asked, tuple[Callable[[str, str, Request], None], str, int]] = {
    ("apigateway", "CreateUsagePlan"): (_stages, "NotFoundException", 404),
    ("cloudwatch", "PutCompositeAlarm"): _ALARM,
    ("cloudwatch", "PutMetricAlarm"): _ALARM,
    ("events", "DeleteEventBus"): (reaching.check_bus, "ValidationException", 400),
    ("events", "PutRule"): (reaching.check_rule, *_NONE),
    ("events", "PutTargets"): (reaching.keep_targets, "ValidationException", 400),
    ("sns", "Subscribe"): (reaching.check_subscription, "InvalidParameter", 400),
    ("stepfunctions", "CreateStateMachine"): _TRUST,
    ("stepfunctions", "UpdateStateMachine"): _TRUST,
}
_CHECKS: Mapping[Asked, Refusal] = {
    ("dynamodb", "CreateTable"): _TABLE_POLICY,
    ("dynamodb", "PutResourcePolicy"): _TABLE_POLICY,
    ("dynamodb", "Query"): (reading.check_legacy, *_NONE),
    ("dynamodb", "Scan"): (reading.check_legacy, *_NONE),
    ("dynamodb", "UpdateTable"): (tables.check_changes, "LimitExceededException", 400),
    **{("dynamodb", one): _COPY for one in _COPIES.split()},
    ("events", "CreateArchive"): _ARCHIVE,
    ("events", "UpdateArchive"): _ARCHIVE,
    ("events", "PutRule"): _PATTERN,
    ("events", "TestEventPattern"): _PATTERN,
    _EVENTS: (reaching.check_events, "NotAuthorizedForSourceException", 400),
    ("lambda", "CreateEventSourceMapping"): _FILTERS,
    ("lambda", "UpdateEventSourceMapping"): _FILTERS,
    ("lambda", "CreateFunction"): _FUNCTION,
    ("lambda", "UpdateFunctionConfiguration"): _FUNCTION,
    ("lambda", "CreateFunctionUrlConfig"): _URL,
    ("lambda", "UpdateFunctionUrlConfig"): _URL,
    ("s3", "CopyObject"): _OBJECT,
    ("s3", "PostObject"): _ACL,
    ("s3", "CreateBucket"): (_bucket, "InvalidBucketAclWithObjectOwnership", 400),
    ("s3", "CreateMultipartUpload"): _OBJECT,
    ("s3", "DeleteObjects"): (s3_rules.check_many, "MalformedXML", 400),
    ("s3", "ListObjects"): _PAGE,
    ("s3", "ListObjectsV2"): _PAGE,
    ("s3", "ListObjectVersions"): _PAGE,
    ("s3", "PutBucketAcl"): _ACL,
    ("s3", "PutBucketInventoryConfiguration"): _not_emulated("inventories of buckets"),
    ("s3", "PutBucketLifecycleConfiguration"): (s3_rules.check_lifecycle, *_ARGUMENT),
    ("s3", "PutBucketNotificationConfiguration"): (_notifications, *_ARGUMENT),
    ("s3", "PutBucketPolicy"): _POLICY,
    ("s3", "PutBucketReplication"): _not_emulated("replication of buckets"),
    ("s3", "PutObject"): _OBJECT,
    ("s3", "PutObjectAcl"): _ACL,
    ("s3", "PutObjectTagging"): (s3_rules.check_tags, "BadRequest", 400),
    ("sns", "SetSubscriptionAttributes"): _FILTER_POLICY,
    ("sns", "Subscribe"): _FILTER_POLICY,
    _NOTICES: (_subject, "InvalidParameter", 400),
    ("sqs", "CreateQueue"): _QUEUE,
    ("sqs", "SetQueueAttributes"): _QUEUE,
    ("sqs", "SendMessage"): (sqs_rules.check_message, _PARAMETER, 400),
    ("sqs", "ReceiveMessage"): (sqs_rules.check_receive, _PARAMETER, 400),
    ("sqs", "ChangeMessageVisibility"): (sqs_rules.check_hidden, _PARAMETER, 400),
    ("ssm", "PutParameter"): (ssm_rules.check_parameter, "ValidationException", 400),
    ("stepfunctions", "ListExecutions"): _not_emulated("mapRunArn", "mapRunArn"),
    ("stepfunctions", "CreateStateMachine"): _MACHINE,
    ("stepfunctions", "UpdateStateMachine"): _MACHINE,
}
