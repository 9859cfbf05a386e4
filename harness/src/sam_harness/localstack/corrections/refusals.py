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
    lambda_rules,
    policies,
    reaching,
    s3_rules,
    sqs_rules,
    ssm_rules,
    state_machines,
    vain,
)
from sam_harness.localstack.corrections.dynamodb import reading, tables
from sam_harness.localstack.stacks.reading import NOW

type Request = Mapping[str, Any]
type Asked = tuple[str, str]  # service and operation
# A check, and the code and status of the error where it raises ValueError.
type Refusal = tuple[Callable[[Request], None], str, int]

_EVENTS = ("events", "PutEvents")
_NOTICES = ("sns", "Publish")
_NONE = ("InternalFailure", 501)  # as LocalStack says of what it has not
_TELLING = {
    _EVENTS,
    _NOTICES,
    ("cloudwatch", "PutMetricData"),
    *(("logs", one) for one in ("CreateLogStream", "PutLogEvents")),
}
# No line breaks, nor control characters.
_SUBJECT = re.compile(r"[^\x00-\x1f\x7f]{1,99}")


def install() -> None:
    """Look at each request before its service does."""
    from localstack.aws import handlers  # noqa: PLC0415 - not in unit tests
    from localstack.aws.api import CommonServiceException  # noqa: PLC0415 - likewise

    from sam_harness.localstack.gate import handler  # noqa: PLC0415 - likewise

    def look(_chain: object, context: Any, _response: object) -> None:  # noqa: ANN401 - untyped
        if not (context.service and context.operation):
            return
        asked = context.service.service_name, context.operation.name
        request = handler.asked_of(context)
        for code, said in policies.problems(*asked, request, context.partition):
            status = 409 if code == policies.EXCEEDED else 400
            raise CommonServiceException(code, said, status, sender_fault=True)
        for check, code, status in _checks(asked, context):
            try:
                check(request)
            except s3_rules.RefusalError as error:
                refusal = error.code, str(error), error.status
            except ValueError as error:
                refusal = code, str(error), status
            else:
                continue
            raise CommonServiceException(*refusal, sender_fault=True)

    handlers.serve_custom_service_request_handlers.append(look)


def _checks(asked: Asked, context: Any) -> Iterator[Refusal]:  # noqa: ANN401 - untyped
    # As S3 tells EventBridge, an alarm its topic, a function or a machine its log.
    tells = asked in _TELLING and context.is_internal_call
    described = {} if tells else constraints.SERVICES
    if code := described.get(asked[0]) or described.get(".".join(asked)):
        yield partial(constraints.check, context.operation.input_shape), code, 400
    if code := constraints.TAGS.get(asked[0]):
        yield constraints.check_tags, code, 400
    if asked in _CHECKS and not tells:
        yield _CHECKS[asked]
    if names := vain.ASKED.get(asked):
        yield partial(vain.check, names, context.account_id), *_NONE
    if asked in _PLACED:
        placed, code, status = _PLACED[asked]
        yield partial(placed, context.account_id, context.region), code, status


def _pattern(request: Request) -> None:
    """LocalStack reads a pattern at each event, and then loses every one of its bus.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
    """
    from localstack.services.events.event_rule_engine import (  # noqa: PLC0415 - as above
        EventPatternCompiler,
    )

    if pattern := request.get("EventPattern"):
        EventPatternCompiler().compile_event_pattern(pattern)  # as TestEventPattern


def _targets(account: str, region: str, request: Request) -> None:
    """Have LocalStack keep what nothing here calls, as it has it of some kinds."""
    from localstack.services.events.target import (  # noqa: PLC0415 - not in unit tests
        BatchTargetSender,
        TargetSenderFactory,
    )
    from localstack.utils.aws.arns import (  # noqa: PLC0415 - likewise
        extract_service_from_arn,
    )

    reaching.check_targets(account, region, request)
    for arn in (one["Arn"] for one in request["Targets"]):
        service = extract_service_from_arn(arn)  # None: of no service, as "unknown"
        if service not in TargetSenderFactory.target_map:
            TargetSenderFactory.register_target_sender(service, BatchTargetSender)


def _events(request: Request) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html."""
    for entry in request["Entries"]:
        if str(entry.get("Source")).startswith("aws."):
            raise ValueError(
                f"Not authorized for the source {entry['Source']}. (AWS answers with "
                "that entry as failed, the emulator refuses them all.)"
            )


def _subject(request: Request) -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_Publish.html."""
    if not _SUBJECT.fullmatch(request.get("Subject") or "none"):
        raise ValueError("Invalid parameter: Subject")


def _bucket(request: Request) -> None:
    if not NOW.get():  # a template's `resources` checks, as a whole
        s3_rules.check_new(request)


def _notifications(request: Request) -> None:
    from localstack.aws.api.s3 import Event  # noqa: PLC0415 - not in unit tests

    told = request["NotificationConfiguration"]
    s3_rules.check_notifications(told, set(Event))


def _of_bucket(
    check: Callable[[Request, s3_rules.Bucket], None],
) -> Callable[[Request], None]:
    """Return a check that looks at the bucket, too; S3 says if there is none."""

    def checked(request: Request) -> None:
        from localstack.services.s3.models import s3_stores  # noqa: PLC0415 - as above

        from sam_harness.localstack.gate.handler import KNOWLEDGE  # noqa: PLC0415 - as above

        name = request["Bucket"]
        owner = KNOWLEDGE.owner(f"arn:aws:s3:::{name}")
        if owner and (bucket := s3_stores[owner]["us-east-1"].buckets.get(name)):
            check(request, bucket)

    return checked


def _not_emulated(what: str, *asked: str) -> Refusal:
    """Refuse a call, or one that has one of the parameters that are asked for."""

    def check(request: Request) -> None:
        if not asked or any(request.get(name) for name in asked):
            raise ValueError(f"sam-harness does not emulate {what}")

    return check, *_NONE


_ARGUMENT = ("InvalidArgument", 400)
_LIMIT = ("LimitExceededException", 400)
_PARAMETER = "InvalidParameterValueException"
_QUEUE = (sqs_rules.check_queue, "InvalidAttributeValue", 400)
_FUNCTION = (lambda_rules.check_function, _PARAMETER, 400)
_URL = (lambda_rules.check_url, _PARAMETER, 400)
_MACHINE = (state_machines.check, "InvalidDefinition", 400)
_ACL = (_of_bucket(s3_rules.check_acl), "AccessControlListNotSupported", 400)
_POLICY = (_of_bucket(s3_rules.check_policy), "AccessDenied", 403)
_TRUST = (state_machines.check_trust, "AccessDeniedException", 400)
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
    ("cloudwatch", "PutCompositeAlarm"): _ALARM,
    ("cloudwatch", "PutMetricAlarm"): _ALARM,
    ("events", "PutRule"): (reaching.check_rule, *_NONE),
    ("events", "PutTargets"): (_targets, "ValidationException", 400),
    ("sns", "Subscribe"): (reaching.check_subscription, "InvalidParameter", 400),
    ("stepfunctions", "CreateStateMachine"): _TRUST,
    ("stepfunctions", "UpdateStateMachine"): _TRUST,
}
_CHECKS: Mapping[Asked, Refusal] = {
    ("dynamodb", "CreateTable"): _TABLE_POLICY,
    ("dynamodb", "PutResourcePolicy"): _TABLE_POLICY,
    ("dynamodb", "Query"): (reading.check_legacy, *_NONE),
    ("dynamodb", "Scan"): (reading.check_legacy, *_NONE),
    ("dynamodb", "UpdateTable"): (tables.check_changes, *_LIMIT),
    **{("dynamodb", one): _COPY for one in _COPIES.split()},
    ("events", "CreateArchive"): _ARCHIVE,
    ("events", "UpdateArchive"): _ARCHIVE,
    ("events", "PutRule"): (_pattern, "InvalidEventPatternException", 400),
    _EVENTS: (_events, "NotAuthorizedForSourceException", 400),
    ("lambda", "CreateFunction"): _FUNCTION,
    ("lambda", "UpdateFunctionConfiguration"): _FUNCTION,
    ("lambda", "CreateFunctionUrlConfig"): _URL,
    ("lambda", "UpdateFunctionUrlConfig"): _URL,
    ("s3", "CopyObject"): _ACL,
    ("s3", "PostObject"): _ACL,
    ("s3", "CreateBucket"): (_bucket, "InvalidBucketAclWithObjectOwnership", 400),
    ("s3", "CreateMultipartUpload"): _ACL,
    ("s3", "DeleteObjects"): (s3_rules.check_many, "MalformedXML", 400),
    ("s3", "PutBucketAcl"): _ACL,
    ("s3", "PutBucketInventoryConfiguration"): _not_emulated("inventories of buckets"),
    ("s3", "PutBucketLifecycleConfiguration"): (s3_rules.check_lifecycle, *_ARGUMENT),
    ("s3", "PutBucketNotificationConfiguration"): (_notifications, *_ARGUMENT),
    ("s3", "PutBucketPolicy"): _POLICY,
    ("s3", "PutBucketReplication"): _not_emulated("replication of buckets"),
    ("s3", "PutObject"): _ACL,
    ("s3", "PutObjectAcl"): _ACL,
    _NOTICES: (_subject, "InvalidParameter", 400),
    ("sqs", "CreateQueue"): _QUEUE,
    ("sqs", "SetQueueAttributes"): _QUEUE,
    ("sqs", "SendMessage"): (sqs_rules.check_message, _PARAMETER, 400),
    ("sqs", "ReceiveMessage"): (sqs_rules.check_receive, _PARAMETER, 400),
    ("sqs", "ChangeMessageVisibility"): (sqs_rules.check_hidden, _PARAMETER, 400),
    ("ssm", "PutParameter"): (ssm_rules.check_parameter, "ValidationException", 400),
    ("stepfunctions", "CreateStateMachine"): _MACHINE,
    ("stepfunctions", "UpdateStateMachine"): _MACHINE,
}
