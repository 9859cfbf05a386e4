"""Lambda: functions by name, partial or full ARN; qualifiers count when invoking."""

import re
from collections.abc import Iterable

from harness.iam.mapping.call import (
    Authorization,
    Call,
    Rule,
    anything,
    by,
    given,
    rules,
    strings,
    values,
    with_tags,
)

_FUNCTION = re.compile(
    r"(?:arn:[a-z-]+:lambda:(?P<region>[a-z0-9-]+):)?"
    r"(?:(?P<account>\d{12}):)?(?:function:)?"
    r"(?P<name>[^:]+)(?::(?P<qualifier>[^:]+))?"
)


def function_arn(call: Call, written: str, *, qualified: bool = False) -> str:
    """Write the ARN of a function given by name, partial or full ARN."""
    found = _FUNCTION.fullmatch(written)
    if not found:
        return call.arn(f"function:{written}")
    region = found["region"] or call.region
    account = found["account"] or call.account
    arn = f"arn:{call.partition}:lambda:{region}:{account}:function:{found['name']}"
    qualifier = call.parameters.get("Qualifier") or found["qualifier"]
    return f"{arn}:{qualifier}" if qualified and qualifier else arn


def _function(call: Call) -> str:
    return function_arn(call, call.text("FunctionName"))


def _qualified(call: Call) -> str:
    return function_arn(call, call.text("FunctionName"), qualified=True)


def _mapping(call: Call) -> str:
    return call.arn(f"event-source-mapping:{call.text('UUID')}")


def _layer(call: Call, name: str) -> str:
    return call.arn(f"layer:{name}")


def _layer_version(call: Call) -> str:
    layer = by("LayerName", _layer)(call)
    return f"{layer}:{call.parameters.get('VersionNumber', '*')}"


def _arn(call: Call, name: str) -> str:
    return call.arn(name)


def _create_mapping(call: Call) -> Iterable[Authorization]:
    keys = {"lambda:FunctionArn": (_qualified(call),)}
    return (Authorization("lambda:CreateEventSourceMapping", "*", keys),)


def _with_role(action: str) -> Rule:
    """Pass the function's role on to Lambda, when creating or changing one."""

    def authorised(call: Call) -> Iterable[Authorization]:
        layers = strings(call.parameters.get("Layers"))
        vpc = values(call.parameters.get("VpcConfig"))
        context = {
            key: found
            for key, found in {
                "lambda:Layer": layers,
                "lambda:SubnetIds": strings(vpc.get("SubnetIds")),
                "lambda:SecurityGroupIds": strings(vpc.get("SecurityGroupIds")),
            }.items()
            if found
        }
        yield Authorization(action, _function(call), context)
        if role := call.parameters.get("Role"):
            service = {"iam:PassedToService": ("lambda.amazonaws.com",)}
            yield Authorization("iam:PassRole", str(role), service)

    return authorised


def _permission(call: Call) -> Iterable[Authorization]:
    context = given(
        call,
        lambda__Principal="Principal",
        lambda__FunctionUrlAuthType="FunctionUrlAuthType",
    )
    return (Authorization(f"lambda:{call.operation}", _qualified(call), context),)


_FUNCTIONS = rules(
    "lambda",
    {
        _qualified: """
            Invoke=InvokeFunction InvokeAsync
            InvokeWithResponseStream=InvokeFunction RemovePermission
            DeleteProvisionedConcurrencyConfig GetProvisionedConcurrencyConfig
            PutProvisionedConcurrencyConfig
        """,
        _function: """
            CreateAlias CreateFunctionUrlConfig DeleteAlias DeleteFunction
            DeleteFunctionCodeSigningConfig DeleteFunctionConcurrency
            DeleteFunctionEventInvokeConfig DeleteFunctionUrlConfig GetAlias
            GetFunction GetFunctionCodeSigningConfig GetFunctionConcurrency
            GetFunctionConfiguration GetFunctionEventInvokeConfig
            GetFunctionRecursionConfig GetFunctionUrlConfig GetPolicy
            GetRuntimeManagementConfig ListAliases ListFunctionEventInvokeConfigs
            ListFunctionUrlConfigs ListProvisionedConcurrencyConfigs
            ListVersionsByFunction PublishVersion PutFunctionConcurrency
            PutFunctionEventInvokeConfig PutFunctionRecursionConfig
            PutRuntimeManagementConfig UpdateAlias UpdateFunctionCode
            UpdateFunctionEventInvokeConfig UpdateFunctionUrlConfig
        """,
        _mapping: """
            DeleteEventSourceMapping GetEventSourceMapping UpdateEventSourceMapping
        """,
        _layer_version: """
            AddLayerVersionPermission DeleteLayerVersion GetLayerVersion
            GetLayerVersionPolicy RemoveLayerVersionPermission
        """,
        by("Arn", _arn): "GetLayerVersionByArn=GetLayerVersion",
        by("LayerName", _layer): "PublishLayerVersion",
        by("Resource", _arn): "ListTags TagResource UntagResource",
        anything: """
            GetAccountSettings ListEventSourceMappings ListFunctions ListLayers
            ListLayerVersions
        """,
    },
)
_CREATE = {
    "CreateEventSourceMapping": _create_mapping,
    "CreateFunction": _with_role("lambda:CreateFunction"),
}
RULES = {
    **_FUNCTIONS,
    **with_tags(_FUNCTIONS, "TagResource"),
    **with_tags(_CREATE, "CreateEventSourceMapping CreateFunction"),
    "AddPermission": _permission,
    "UpdateFunctionConfiguration": _with_role("lambda:UpdateFunctionConfiguration"),
}
