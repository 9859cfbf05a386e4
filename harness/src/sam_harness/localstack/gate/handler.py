"""The gate in LocalStack's chain of handlers, and the routes to look at it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from localstack.aws import handlers
from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.connect import connect_to
from localstack.http import Request, Response, route
from localstack.services.edge import ROUTER

from sam_harness.iam.call import Call
from sam_harness.localstack.gate import caller
from sam_harness.localstack.gate.denial import DeniedCall
from sam_harness.localstack.gate.gate import Gate
from sam_harness.localstack.gate.knowledge import Knowledge
from sam_harness.localstack.gate.record import Record

VARIABLE = "IAM_GATE"
ENFORCE, OFF = "enforce", "off"
DECISIONS = "/_harness/iam/decisions"
# A browser's, with what its form says, and what says who has signed it.
# https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html
_POST = "PostObject"
_FIELDS = {
    "ACL": "acl",
    "Key": "key",
    "ObjectLockLegalHoldStatus": "x-amz-object-lock-legal-hold",
    "ObjectLockMode": "x-amz-object-lock-mode",
    "SSEKMSKeyId": "x-amz-server-side-encryption-aws-kms-key-id",
    "ServerSideEncryption": "x-amz-server-side-encryption",
    "StorageClass": "x-amz-storage-class",
    "Tagging": "tagging",
    "WebsiteRedirectLocation": "x-amz-website-redirect-location",
}
_SIGNED_BY = ("AWSAccessKeyId", "X-Amz-Credential", "X-Amz-Security-Token")


def install() -> None:
    """Put the gate in front of every service, as IAM_GATE says.

    Raises:
        ValueError: IAM_GATE is not set, or not to one of the two words it knows.
    """
    wanted = os.environ.get(VARIABLE)
    if wanted not in {ENFORCE, OFF}:
        raise ValueError(f"{VARIABLE} is {wanted!r}: set it to {ENFORCE!r} or {OFF!r}")
    if wanted == ENFORCE:
        handlers.serve_custom_service_request_handlers.append(_check)
        handlers.run_custom_response_handlers.append(_listen)
        ROUTER.add(_decisions)


def state() -> str:
    """``active``; ``off`` where the gate is not in the chain; else what failed."""
    if _check not in handlers.serve_custom_service_request_handlers.handlers:
        return OFF
    return GATE.state


def _client(service: str, account: str, region: str) -> Any:  # noqa: ANN401 - boto3's
    # An account's number for a key: the gate itself lets these calls pass.
    clients = connect_to(aws_access_key_id=account, region_name=region or "us-east-1")
    return clients.get_client(service)


def _owner(bucket: str) -> str | None:
    # Loaded with the service: at the start it would take as long as all else.
    from localstack.services.s3.models import s3_stores  # noqa: PLC0415 - as said

    # Whichever store: each has the buckets of all accounts.
    owners = s3_stores["000000000000"]["us-east-1"].global_bucket_map
    owner: str | None = owners.get(bucket)
    return owner


KNOWLEDGE = Knowledge(_client, _owner)
GATE = Gate(KNOWLEDGE, Record())


def _check(_chain: object, context: RequestContext, _response: Response) -> None:
    if not context.service:
        return  # not an AWS request: nothing will serve it
    check(_call(context), context.request, context.internal_request_params)


def check(
    call: Call, request: Request, internal: Mapping[str, str | None] | None = None
) -> None:
    """Return if the principal that signed a request may make a call.

    Raises:
        CommonServiceException: as LocalStack answers with it.
    """
    query = _query(call, request)
    if caller.is_over(query):
        said = "Request has expired"
        raise CommonServiceException("AccessDenied", said, 403, sender_fault=True)
    if internal is None:
        check_token(call, request)
    with _refusing():
        GATE.check(call, caller.access_key(request.headers, query), internal)


def check_token(call: Call, request: Request) -> None:
    """Return if a request has the token of the session whose key it is signed with.

    Raises:
        CommonServiceException: as LocalStack answers with it.
    """
    query = _query(call, request)
    key = caller.access_key(request.headers, query)
    with _refusing():
        GATE.check_token(call, key, caller.session_token(request.headers, query))


def _query(call: Call, request: Request) -> Mapping[str, str]:
    """Return by what a URL is signed, or the form that a browser posts to S3."""
    if call.operation != _POST:
        args: Mapping[str, str] = request.args
        return args
    form = _form(request)
    return {name: form[name.lower()] for name in _SIGNED_BY if name.lower() in form}


def _form(request: Request) -> Mapping[str, str]:
    """Return a form's fields by their names in lower case, as S3 reads them."""
    name = next((one.filename or "" for one in request.files.values()), "")
    told = request.form.items()
    return {field.lower(): text.replace("${filename}", name) for field, text in told}


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except DeniedCall as error:
        raise CommonServiceException(
            error.code, error.message, error.http_status, sender_fault=True
        ) from None


def check_besides(
    context: RequestContext, operation: str, parameters: Mapping[str, object]
) -> None:
    """Likewise for another operation, which a call that was let through amounts to."""
    if state() != OFF:
        call = replace(_call(context), operation=operation, parameters=parameters)
        check(call, context.request, context.internal_request_params)


def _listen(_chain: object, context: RequestContext, _response: Response) -> None:
    if context.service and context.operation:
        answer = None if context.service_exception else context.service_response
        asked = context.request
        by = caller.access_key(asked.headers, asked.args)
        GATE.answered(_call(context), answer, by)


def asked_of(context: RequestContext) -> dict[str, Any]:
    """Return what a call asks; what a browser posts to S3 LocalStack does not parse."""
    request: dict[str, Any] = context.service_request or {}
    if context.operation.name != _POST:
        return request
    form = _form(context.request)
    return request | {name: form.get(field) for name, field in _FIELDS.items()}


def _call(context: RequestContext) -> Call:
    request = asked_of(context)
    if context.service.service_name == "stepfunctions" and "taskToken" in request:
        request = _with_machine(request, context.account_id, context.region)
    shape = context.operation.input_shape
    return Call(
        service=context.service.service_name,
        operation=context.operation.name,
        parameters=request,
        members=tuple(shape.members) if shape else (),
        account=context.account_id,
        region=context.region,
        partition=context.partition,
        prefix=context.service.signing_name,
        method=context.request.method,
        path=context.request.path,
        client=caller.keys_of_client(
            context.request.remote_addr, context.request.headers.get("User-Agent")
        ),
        lookup=KNOWLEDGE.lookup,
    )


def _with_machine(
    asked: Mapping[str, Any], account: str, region: str
) -> dict[str, Any]:
    """Return what a call asks, and the ARN of the machine that its token is of.

    No call of Step Functions tells which state machine gave out the token of a task.
    """
    # It is loaded by its first call.
    from localstack.services.stepfunctions.asl.eval.callback.callback import (  # noqa: PLC0415 - as said
        ActivityCallbackEndpoint,
    )
    from localstack.services.stepfunctions.backend.models import (  # noqa: PLC0415 - as said
        sfn_stores,
    )

    for execution in list(sfn_stores[account][region].executions.values()):
        if not (worker := execution.exec_worker):
            continue
        waiting = worker.env.callback_pool_manager.get(asked["taskToken"])
        # Of an activity, which it does not name.
        if waiting and not isinstance(waiting, ActivityCallbackEndpoint):
            return {**asked, "stateMachineArn": execution.state_machine_arn}
    return dict(asked)


@route(DECISIONS, methods=["GET", "DELETE"])  # type: ignore[untyped-decorator] # untyped
def _decisions(request: Request) -> dict[str, object]:
    account, role = request.args.get("account"), request.args.get("role")
    if request.method == "DELETE":
        GATE.record.clear(account)
        return {}
    return GATE.record.report(account, role)
