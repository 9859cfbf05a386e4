"""Alarms that watch what exists."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from sam_harness.policy.rule import (
    ResolvedTemplate,
    Violation,
    known,
    listed,
    mapping,
    rule,
)
from sam_harness.project import Profile
from sam_harness.template.names import ANYWHERE
from sam_harness.template.values import Path, refers, value_at

_ALARM = "AWS::CloudWatch::Alarm"
# Dimension -> the resources whose name, id or ARN it takes.
_TYPES = {
    "ActivityArn": ("AWS::StepFunctions::Activity",),
    "ApiId": ("AWS::ApiGatewayV2::Api",),
    "EventSourceMappingUUID": ("AWS::Lambda::EventSourceMapping",),
    "FunctionName": ("AWS::Lambda::Function",),
    "LambdaFunctionArn": ("AWS::Lambda::Function",),
    "QueueName": ("AWS::SQS::Queue",),
    "StateMachineArn": ("AWS::StepFunctions::StateMachine",),
    "TableName": ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"),
    "TopicName": ("AWS::SNS::Topic",),
}
_STAGES = (
    "AWS::ApiGateway::Stage",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGatewayV2::Stage",
)
_TITLE = ("Body", "info", "title")
_BY_ARN = {"ActivityArn", "LambdaFunctionArn", "StateMachineArn"}


@dataclass(frozen=True, slots=True)
class _Metric:
    """What one alarm watches."""

    path: Path
    namespace: str
    name: str
    dimensions: dict[str, Any]
    account: object


@cache
def _families() -> Mapping[str, Any]:
    """Return what AWS's services publish, by namespace, as the file has it."""
    return tomllib.loads(FilePath(__file__).with_name("metrics.toml").read_text())


def _metrics(template: ResolvedTemplate) -> Iterator[_Metric]:
    for alarm in template.elements(_ALARM):
        if "MetricName" in alarm.properties:
            yield _metric(alarm.at(), alarm.properties)
        for i, query in enumerate(listed(alarm.properties.get("Metrics"))):
            metric = mapping(mapping(query.get("MetricStat")).get("Metric"))
            if metric:
                path = alarm.at("Metrics", i, "MetricStat", "Metric")
                yield _metric(path, metric, query.get("AccountId"))


def _metric(path: Path, body: dict[str, Any], account: object = None) -> _Metric:
    dimensions = {
        str(each.get("Name")): each.get("Value")
        for each in listed(body.get("Dimensions"))
    }
    return _Metric(
        path,
        str(body.get("Namespace")),
        str(body.get("MetricName")),
        dimensions,
        account or ANYWHERE.account_id,
    )


@rule("E9040", Profile.DEFAULT)
def _watches_nothing(template: ResolvedTemplate) -> Iterator[Violation]:
    """An alarm watches a metric, dimensions and resources that exist."""
    for metric in _metrics(template):
        if not known([metric.namespace, metric.name, *metric.dimensions]):
            continue
        families = _families().get(metric.namespace)
        if families is None:
            yield from _misspelt_namespace(metric)
            continue
        named = [it for it in families if metric.name in it["metrics"].split()]
        if not named:
            message = f"{metric.namespace} has no metric {metric.name}"
            yield Violation((*metric.path, "MetricName"), message)
            continue
        given = set(metric.dimensions)
        taken = [set(names.split()) for it in named for names in it["dimensions"]]
        if given not in taken:
            message = (
                f"{metric.namespace} has no {metric.name} by "
                f"{' and '.join(sorted(given)) or 'nothing'}"
            )
            yield Violation((*metric.path, "Dimensions"), message)
            continue
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudwatch-alarm-metricdataquery.html
        if metric.account == ANYWHERE.account_id:
            yield from _missing_resources(template, metric)


def _misspelt_namespace(metric: _Metric) -> Iterator[Violation]:
    for namespace in _families():
        if namespace.lower() == metric.namespace.lower():
            message = f"the namespace is {namespace}, not {metric.namespace}"
            yield Violation((*metric.path, "Namespace"), message)


def _missing_resources(
    template: ResolvedTemplate, metric: _Metric
) -> Iterator[Violation]:
    for i, (name, value) in enumerate(metric.dimensions.items()):
        path = (*metric.path, "Dimensions", i, "Value")
        if (
            known(value)
            and not _exists(template, metric, name, value)
            and not _given_at_deployment(template, path)
        ):
            message = f"no resource of the template has {name} {value}"
            yield Violation(path, message)


def _given_at_deployment(template: ResolvedTemplate, path: Path) -> bool:
    """Tell whether a parameter or another's resource has a part in a name.

    What AWS::CloudFormation types and those of others return is told by a deployment:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html
    """
    written = value_at(template.plain, path)
    foreign = [
        it.logical_id
        for it in template.elements()
        if not it.kind.startswith("AWS::") or it.kind.startswith("AWS::CloudFormation:")
    ]
    names = [*(template.plain.get("Parameters") or {}), *foreign]
    return any(refers(written, name) for name in names)


def _exists(
    template: ResolvedTemplate, metric: _Metric, name: str, value: object
) -> bool:
    """Tell whether the template has it, or has nothing of its kind: then others do."""
    known_ones: set[object]
    if name == "ApiName":
        # None where the definition is elsewhere; the property wins over its title.
        known_ones = {
            it.properties.get("Name") or value_at(it.properties, _TITLE)
            for it in template.elements("AWS::ApiGateway::RestApi")
        }
    elif name == "Stage":
        known_ones = {
            it.properties.get("StageName") for it in template.elements(*_STAGES)
        }
    elif name == "GlobalSecondaryIndexName":
        table = template.find(metric.dimensions.get("TableName"), *_TYPES["TableName"])
        indexes = table.properties.get("GlobalSecondaryIndexes") if table else ()
        known_ones = {index.get("IndexName") for index in listed(indexes)}
    elif name == "Resource" and metric.namespace == "AWS/Lambda":
        known_ones = {value if template.function(value) else ""}
    else:
        position = 1 if name in _BY_ARN else 0
        kinds = _TYPES.get(name, ("",))
        known_ones = {
            template.identity(it)[position] for it in template.elements(*kinds)
        }
    return not known_ones or not {value, None}.isdisjoint(known_ones)
