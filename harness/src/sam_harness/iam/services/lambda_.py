"""Lambda: functions by name, partial or full ARN; qualifiers count when invoking."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from sam_harness.iam.call import (
    Authorization,
    Call,
    Context,
    Rule,
    add_keys,
    add_tags,
    anything,
    by,
    given,
    own_keys,
    pass_role,
    rules,
    strings,
)
from sam_harness.iam.service import (
    Document,
    Errors,
    Properties,
    ResourcePolicy,
    ResourceType,
    SampleCall,
    Service,
    Subject,
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


_LAYER = by("LayerName", arn="layer:{}")


def _layer_version(call: Call) -> str:
    return f"{_LAYER(call)}:{call.parameters.get('VersionNumber', '*')}"


def _mapped(call: Call) -> Context:
    """Return the function that a mapping feeds, of which changing it depends."""
    function = call.lookup(_mapping(call))
    return {"lambda:FunctionArn": (function,) if function else ()}


def _url(call: Call) -> Context:
    """Return the function and, if it is given or changed, who may call its URL."""
    kind = strings([call.parameters.get("AuthType")])
    return {"lambda:FunctionArn": (_function(call),)} | (
        {"lambda:FunctionUrlAuthType": kind} if kind else {}
    )


def _mapped_function(functions: Any, arn: str) -> str | None:  # noqa: ANN401 - boto3's client
    """Return what an event source mapping feeds."""
    try:
        found = functions.get_event_source_mapping(UUID=arn.rpartition(":")[2])
    except functions.exceptions.ResourceNotFoundException:
        return None
    function: str = found["FunctionArn"]
    return function


def _with_role(action: str) -> Rule:
    """Pass the function's role on to Lambda, when creating or changing one."""

    def authorised(call: Call) -> Iterable[Authorization]:
        # In which VPC the subnets are is not told.
        none = () if call.parameters.get("VpcConfig") else ("lambda:VpcIds",)
        keys = given(call, _OF_A_FUNCTION)
        yield Authorization(action, _function(call), keys, absent=none)
        if role := call.parameters.get("Role"):
            yield pass_role(role, "lambda")

    return authorised


_OF_A_FUNCTION = {
    "lambda:CodeSigningConfigArn": "CodeSigningConfigArn",
    "lambda:Layer": "Layers",
    "lambda:SubnetIds": "VpcConfig.SubnetIds",
    "lambda:SecurityGroupIds": "VpcConfig.SecurityGroupIds",
}
RULES = rules(
    "lambda",
    {
        _qualified: """
            Invoke=InvokeFunction InvokeAsync
            InvokeWithResponseStream=InvokeFunction AddPermission RemovePermission
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
        by("Arn"): "GetLayerVersionByArn=GetLayerVersion",
        _LAYER: "PublishLayerVersion",
        by("Resource"): "ListTags TagResource UntagResource",
        anything: "CreateEventSourceMapping",
    },
)
RULES["CreateFunction"] = _with_role("lambda:CreateFunction")
RULES["UpdateFunctionConfiguration"] = _with_role("lambda:UpdateFunctionConfiguration")
add_keys(RULES, "AddPermission", own_keys("lambda", "Principal FunctionUrlAuthType"))
add_keys(RULES, "CreateFunctionUrlConfig UpdateFunctionUrlConfig", _url)
add_keys(
    RULES,
    "Invoke InvokeWithResponseStream",
    # Neither Alexa's nor a URL's: those do not call the API.
    lambda _: {"lambda:EventSourceToken": (), "lambda:InvokedViaFunctionUrl": ()},
)
add_keys(
    RULES,
    "CreateEventSourceMapping",
    lambda call: {"lambda:FunctionArn": (_qualified(call),)},
)
add_keys(RULES, "DeleteEventSourceMapping UpdateEventSourceMapping", _mapped)
add_tags(RULES, "CreateEventSourceMapping CreateFunction TagResource")


def _read_policy(functions: Any, arn: str) -> str | None:  # noqa: ANN401 - boto3's client
    if not arn.split(":", 5)[5].startswith("function:"):
        return None
    policy: str | None = functions.get_policy(FunctionName=arn).get("Policy")
    return policy


def _permission(properties: Properties) -> Iterable[tuple[str, Document]]:
    function, who = str(properties["FunctionName"]), str(properties["Principal"])
    kind = "Service" if who.endswith((".com", ".com.cn")) else "AWS"
    statement = {
        "Effect": "Allow",
        "Principal": who if who == "*" else {kind: who},
        "Action": properties["Action"],
        "Resource": "*",  # it is attached to the function
    }
    yield function, {"Version": "2012-10-17", "Statement": [statement]}


def _qualified_type(qualifier: Callable[[Callable[[str], Any]], str]) -> ResourceType:
    """Return the type of a version or an alias, which is named after its function."""

    def name(properties: Callable[[str], Any], _made: str) -> str:
        function = str(properties("FunctionName")).rpartition(":")[2]
        return f"{function}:{qualifier(properties)}"

    return ResourceType(_FUNCTION_ARN, name, ref="{arn}")


_FUNCTION_ARN = "lambda:{region}:{account}:function:{name}"
_NOT_FOUND = ("ResourceNotFoundException",)


def _function_of(it: Subject) -> dict[str, Any]:
    return {"FunctionName": it.arn}


# No alias has this name: what is authorised is the function.
def _alias(it: Subject) -> dict[str, Any]:
    return {**_function_of(it), "Name": "access"}


SERVICE = Service(
    name="lambda",
    rules=RULES,
    errors=Errors(unknown_key="UnrecognizedClientException"),
    types={
        "AWS::Lambda::Alias": _qualified_type(lambda named: str(named("Name"))),
        "AWS::Lambda::EventSourceMapping": ResourceType(
            "lambda:{region}:{account}:event-source-mapping:{name}"
        ),
        "AWS::Lambda::Function": ResourceType(
            _FUNCTION_ARN, "FunctionName", separator=":"
        ),
        "AWS::Lambda::LayerVersion": ResourceType(
            "lambda:{region}:{account}:layer:{name}:1", "LayerName", ref="{arn}"
        ),
        "AWS::Lambda::Permission": ResourceType(policies=_permission),
        "AWS::Lambda::Version": _qualified_type(lambda _: "1"),
    },
    policy=ResourcePolicy(_read_policy, absent=_NOT_FOUND),
    # Of a version or alias, those of the function.
    tags=lambda functions, arn: functions.list_tags(
        Resource=":".join(arn.split(":")[:7])
    ).get("Tags"),
    lookup=_mapped_function,
    harmless="Invoke",
    samples={
        "GetAlias": SampleCall(_alias, _NOT_FOUND),
        "GetProvisionedConcurrencyConfig": SampleCall(
            lambda it: {
                "FunctionName": it.arn.rpartition(":")[0],
                "Qualifier": it.name,
            },
            (*_NOT_FOUND, "ProvisionedConcurrencyConfigNotFoundException"),
        ),
        "UpdateAlias": SampleCall(_alias, _NOT_FOUND),
        "GetFunction": SampleCall(_function_of, _NOT_FOUND),
        "UpdateFunctionCode": SampleCall(
            lambda it: {**_function_of(it), "S3Bucket": "access", "S3Key": "no-code"},
            (*_NOT_FOUND, "InvalidParameterValueException"),
        ),
        "UpdateFunctionConfiguration": SampleCall(_function_of, _NOT_FOUND),
        "InvokeFunction": SampleCall(
            lambda it: {**_function_of(it), "InvocationType": "DryRun"},
            operation="invoke",
        ),
    },
)
