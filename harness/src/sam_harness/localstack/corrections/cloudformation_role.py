"""CloudFormation acts in the role that a stack was given, or as the caller.

LocalStack's acts as an administrator for any caller and any role that it is passed. The
role stays with a stack for all that follows, until another one is given or the stack is
made anew; without one, who asks for a change makes it.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from localstack.aws import handlers
from localstack.aws.api import RequestContext
from localstack.aws.connect import connect_to
from localstack.http import Response

from sam_harness.localstack.gate import caller
from sam_harness.localstack.gate.handler import GATE

_GIVING = {"CreateChangeSet", "CreateStack", "DeleteStack", "UpdateStack"}
_CHANGING = _GIVING | {"ExecuteChangeSet", "RollbackStack"}
# A session lasts an hour; an operation on a resource far less.
_LEAST_LEFT = timedelta(minutes=30)
# The role's ARN by account, region and name of a stack; its credentials by both.
_roles: dict[tuple[str, str, str], str] = {}
# Likewise the access key of who asked for the last change, if it is a role's.
_callers: dict[tuple[str, str, str], str | None] = {}
_sessions: dict[tuple[str, str], dict[str, Any]] = {}


def notice() -> None:
    """Take notice of who calls, and passes which role: LocalStack forgets them."""
    handlers.serve_custom_service_request_handlers.append(_remember)


def install() -> None:
    """Have resources made, changed and deleted with those credentials."""
    # Loaded with the service: at the start it would take as long as all else.
    from localstack.services.cloudformation import (  # noqa: PLC0415 - as said
        resource_provider,
    )

    def convert(stack_name: str, stack_id: str, payload: dict[str, Any]) -> Any:  # noqa: ANN401 - untyped
        account, region = payload["awsAccountId"], payload["region"]
        stack = (account, region, _name(stack_name))
        role, key = _roles.get(stack), _callers.get(stack)
        if not (role or key):
            return original(stack_name, stack_id, payload)
        own = connect_to(aws_access_key_id=account, region_name=region)
        acting = _credentials(own, role, stack_id) if role else {"accessKeyId": key}
        asked = payload["requestData"]
        asked["callerCredentials"] = asked["callerCredentials"] | acting
        request = original(stack_name, stack_id, payload)
        # LocalStack looks its stacks up; AWS knows them without asking. What is in a
        # nested one is made with no other permissions.
        if payload["resourceType"] != "AWS::CloudFormation::Stack":
            request.aws_client_factory.cloudformation = own.cloudformation
        return request

    original = resource_provider.convert_payload
    resource_provider.convert_payload = convert


def _remember(_chain: object, context: RequestContext, _response: Response) -> None:
    service, operation = context.service, context.operation
    if not service or service.service_name != "cloudformation":
        return
    if operation.name not in _CHANGING:
        return
    asked, request = context.service_request or {}, context.request
    key = (context.account_id, context.region, _stack(context, asked))
    by = caller.access_key(request.headers, request.args)
    _callers[key] = by if GATE.principal(by) else None
    if role := asked.get("RoleARN"):
        _roles[key] = role
    elif operation.name == "CreateStack" or asked.get("ChangeSetType") == "CREATE":
        _roles.pop(key, None)


def _stack(context: RequestContext, asked: Any) -> str:  # noqa: ANN401 - untyped
    """Return the name of the stack that a call is about."""
    if named := asked.get("StackName"):
        return _name(named)
    # The ARN of a change set is enough to execute it.
    own = connect_to(
        aws_access_key_id=context.account_id, region_name=context.region
    ).cloudformation
    change_set = own.describe_change_set(ChangeSetName=asked["ChangeSetName"])
    return str(change_set["StackName"])


def _name(stack: str) -> str:
    """Return the name of a stack that is given by its name or ARN."""
    return stack.split("/")[1] if stack.startswith("arn:") else stack


def _credentials(own: Any, role: str, stack_id: str) -> dict[str, str]:  # noqa: ANN401 - untyped
    """Return credentials of the role, for one who calls as CloudFormation."""
    given = _sessions.get((role, stack_id))
    if not given or given["Expiration"] < datetime.now(UTC) + _LEAST_LEFT:
        sts = own.sts.request_metadata(
            service_principal="cloudformation", source_arn=stack_id
        )
        answer = sts.assume_role(RoleArn=role, RoleSessionName="AWSCloudFormation")
        given = _sessions[role, stack_id] = answer["Credentials"]
    return {
        "accessKeyId": given["AccessKeyId"],
        "secretAccessKey": given["SecretAccessKey"],
        "sessionToken": given["SessionToken"],
    }
