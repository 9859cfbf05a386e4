"""Lambda: functions by name, partial or full ARN; qualifiers count when invoking."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from sam_harness.iam.call import (
    Call,
    Context,
    add_action,
    add_keys,
    anything,
    by,
    given,
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


def _qualified(call: Call) -> str:
    return function_arn(call, call.text("FunctionName"), qualified=True)


_MAPPING = "event-source-mapping:{}"
_LAYER = by("LayerName", arn="layer:{}")


def _layer_version(call: Call) -> str:
    return f"{_LAYER(call)}:{call.parameters.get('VersionNumber', '*')}"


def _mapped(call: Call) -> Context:
    """Return the function that a mapping feeds, of which changing it depends."""
    function = call.lookup(call.arn(_MAPPING.format(call.text("UUID"))))
    return {"lambda:FunctionArn": (function,) if function else ()}


def _url(call: Call) -> Context:
    """Return the function and, if it is given or changed, who may call its URL."""
    kind = strings([call.parameters.get("AuthType")])
    return {"lambda:FunctionArn": (function_arn(call, call.text("FunctionName")),)} | (
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


def _configured(call: Call) -> Context:
    # In which VPC the subnets are is not told.
    in_vpc = call.parameters.get("VpcConfig")
    return given(call, _OF_A_FUNCTION) | ({} if in_vpc else {"lambda:VpcIds": ()})


_OF_A_FUNCTION = {
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
        by("FunctionName", arn=function_arn): """
            CreateFunction CreateFunctionUrlConfig UpdateFunctionConfiguration
            UpdateFunctionUrlConfig
        """,
        by("UUID", arn=_MAPPING): "DeleteEventSourceMapping UpdateEventSourceMapping",
        _layer_version: """
            AddLayerVersionPermission DeleteLayerVersion GetLayerVersion
            GetLayerVersionPolicy RemoveLayerVersionPermission
        """,
        by("Arn"): "GetLayerVersionByArn=GetLayerVersion",
        anything: "CreateEventSourceMapping",
    },
)
add_keys(RULES, "CreateFunction UpdateFunctionConfiguration", _configured)
add_action(RULES, "CreateFunction", "lambda:TagResource", "Tags")
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
    names={
        "FunctionName": function_arn,
        "UUID": _MAPPING,
        "LayerName": "layer:{}",
        "Resource": "{}",
    },
    passes="Role",
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
