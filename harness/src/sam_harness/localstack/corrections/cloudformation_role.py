"""CloudFormation acts in the role that a stack was given, as AWS's does.

LocalStack's acts as an administrator, whatever role it is passed. The role stays with a
stack for all that follows, until another one is given or the stack is made anew.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from localstack.aws import handlers
from localstack.aws.api import RequestContext
from localstack.aws.connect import connect_to
from localstack.http import Response

_GIVING = {"CreateChangeSet", "CreateStack", "DeleteStack", "UpdateStack"}
# A session lasts an hour; an operation on a resource far less.
_LEAST_LEFT = timedelta(minutes=30)
# The role's ARN by account, region and name of a stack; its credentials by both.
_roles: dict[tuple[str, str, str], str] = {}
_sessions: dict[tuple[str, str], dict[str, Any]] = {}


def notice() -> None:
    """Take notice of the roles that calls pass: LocalStack forgets them."""
    handlers.serve_custom_service_request_handlers.append(_remember)


def install() -> None:
    """Have resources made, changed and deleted with the credentials of the role."""
    # Loaded with the service: at the start it would take as long as all else.
    from localstack.services.cloudformation import (  # noqa: PLC0415 - as said
        resource_provider,
    )

    def convert(stack_name: str, stack_id: str, payload: dict[str, Any]) -> Any:  # noqa: ANN401 - untyped
        account, region = payload["awsAccountId"], payload["region"]
        role = _roles.get((account, region, _name(stack_name)))
        if not role:
            return original(stack_name, stack_id, payload)
        own = connect_to(aws_access_key_id=account, region_name=region)
        payload["requestData"]["callerCredentials"] = _credentials(own, role, stack_id)
        request = original(stack_name, stack_id, payload)
        # LocalStack looks its stacks up; AWS knows them without asking.
        request.aws_client_factory.cloudformation = own.cloudformation
        return request

    original = resource_provider.convert_payload
    resource_provider.convert_payload = convert


def _remember(_chain: object, context: RequestContext, _response: Response) -> None:
    service, operation = context.service, context.operation
    if not service or service.service_name != "cloudformation":
        return
    if operation.name not in _GIVING:
        return
    asked = context.service_request or {}
    key = (context.account_id, context.region, _name(asked.get("StackName", "")))
    if role := asked.get("RoleARN"):
        _roles[key] = role
    elif operation.name == "CreateStack" or asked.get("ChangeSetType") == "CREATE":
        _roles.pop(key, None)


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
