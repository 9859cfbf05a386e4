"""The ARNs that a handler's action is on, for a resource as it would be named."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from sam_harness.access.stack import Placed, Stack
from sam_harness.access.targets import ANYTHING, has_format
from sam_harness.iam.reference import actions
from sam_harness.template.values import walk

# Where a collection of API Gateway's is not called after the type.
_COLLECTIONS = {
    "AWS::ApiGateway::BasePathMapping": "/domainnames/{DomainName}/basepathmappings",
    "AWS::ApiGateway::Method": "/restapis/{RestApiId}/resources/{ResourceId}/methods",
    "AWS::ApiGateway::UsagePlanKey": "/usageplans/{UsagePlanId}/keys",
}


def named_by(resource: Placed, stack: Stack) -> list[str]:
    """Return the ARNs of all that a resource names: by name, by ARN, by Ref."""
    arns: list[str] = []
    for _, value in walk({**resource.properties, **resource.attributes}):
        if isinstance(value, dict):
            arns += _object_in_s3(value, stack)
        elif isinstance(value, str):
            arns += [value] if value.startswith("arn:") else stack.arns.get(value, [])
    if config := resource.properties.get("DeploymentConfigName"):
        place = stack.place
        owner = f"{place.region}:{place.account_id}"
        arns.append(
            f"arn:{place.partition}:codedeploy:{owner}:deploymentconfig:{config}"
        )
    return arns


def arns_of(resource: Placed, action: str, named: list[str]) -> list[str]:
    """Return what an action is on when a handler calls it for a resource.

    ``named`` is what the resource names: ``named_by``, asked once for all actions.
    ``*`` is the only resource of an action that knows none. Empty: it is an action of
    another service, and the resource names nothing there.
    """
    service, _, name = action.partition(":")
    if service == "apigateway" and resource.service == service:
        return [_of_api_gateway(resource, action)]
    known = actions(service).get(name)
    own = [resource.arn] if resource.type.arn or not known else []
    if not known:  # the reference is older than the action
        return own if service == resource.service else []
    formats = known.arns
    if not formats:
        # Keys are the one thing that may be named in a way that is not seen here.
        return [ANYTHING] if service in {resource.service, "kms"} else []
    found = _exactly(own, formats) or _exactly(named, formats)
    # Else within one: a function that is called by its alias, for example.
    found = found or [
        arn for arn in own + named if _exactly([arn.rpartition(":")[0]], formats)
    ]
    if not found and service == resource.service:
        found = [resource.arn]
    # AWS's documentation has a log group both ways.
    both = [f"{arn}:*" for arn in found if ":log-group:" in arn]
    return [*dict.fromkeys(found), *both]


def tags_of(resource: Placed, action: str, named: list[str]) -> list[str]:
    """Return what an action is on when it is about a resource's tags."""
    arns = arns_of(resource, action, named)
    if not action.startswith("apigateway:"):
        return arns
    root = arns[0].partition("::")[0]
    return [f"{root}::/tags/{quote(arn, safe='')}" for arn in arns]


def _exactly(arns: list[str], formats: tuple[str, ...]) -> list[str]:
    return [arn for arn in arns if any(has_format(arn, one) for one in formats)]


def _object_in_s3(value: Mapping[str, Any], stack: Stack) -> Iterator[str]:
    bucket = value.get("S3Bucket") or value.get("Bucket")
    key = value.get("S3Key") or value.get("Key")
    if isinstance(bucket, str) and isinstance(key, str):
        yield f"arn:{stack.place.partition}:s3:::{bucket}/{key}"


def _of_api_gateway(resource: Placed, action: str) -> str:
    """Return a path: what is made is posted to its collection."""
    _, partition, _, region, *_ = resource.arn.split(":")
    root = f"arn:{partition}:apigateway:{region}::"
    if resource.kind == "AWS::ApiGateway::Account":
        return f"{root}/account"
    collection = _collection(resource)
    if action == "apigateway:POST":
        return root + collection
    return f"{root}{collection}/{resource.name}"


def _collection(resource: Placed) -> str:
    properties = {name: str(value) for name, value in resource.properties.items()}
    if written := _COLLECTIONS.get(resource.kind):
        return written.format_map(properties)
    own = f"/{resource.kind.rpartition('::')[2].lower()}s"
    api = properties.get("RestApiId")
    return f"/restapis/{api}{own}" if api else own
