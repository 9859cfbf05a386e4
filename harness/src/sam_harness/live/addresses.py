"""How a deployed stack is called: what a user reads once it runs."""

from collections.abc import Iterator

from sam_harness.deploying.stack import DeployedStack, with_nested
from sam_harness.emulator.emulator import Emulator


def lines(emulator: Emulator, stack: DeployedStack) -> Iterator[str]:
    """Yield the stack's URLs, keys, functions and outputs, and LocalStack's log."""
    client = emulator.session().client("cloudformation")
    for path, each in with_nested(client, stack):
        for logical_id, resource in each.template["Resources"].items():
            told = _resource(emulator, resource["Type"], each.resources[logical_id])
            yield from (f"{kind:13} {path}{logical_id}: {how}" for kind, how in told)
        for logical_id, name in each.functions.items():
            yield f"function      {path}{logical_id}: {name}"
    for name, value in stack.outputs.items():
        yield f"output        {name}: {emulator.url_of(value)}"
    yield f"endpoint      {emulator.endpoint_url} (any AWS SDK: AWS_ENDPOINT_URL)"
    yield f"log           {emulator.log}"


def _resource(
    emulator: Emulator, kind: str, physical_id: str
) -> Iterator[tuple[str, str]]:
    """Yield what a resource is called, and how it is called."""
    session = emulator.session()
    match kind:
        case "AWS::Lambda::Url":
            told = session.client("lambda").get_function_url_config(
                FunctionName=physical_id
            )
            url = emulator.url_of(told["FunctionUrl"])
            yield "function URL", f"{url} ({told['AuthType']})"
        case "AWS::ApiGateway::ApiKey":
            key = session.client("apigateway").get_api_key(
                apiKey=physical_id, includeValue=True
            )
            yield "API key", f"x-api-key: {key['value']}"
        case "AWS::ApiGateway::RestApi":
            client = session.client("apigateway")
            resources = client.get_resources(restApiId=physical_id, limit=500)["items"]
            for stage in client.get_stages(restApiId=physical_id)["item"]:
                url = f"{emulator.endpoint_url}/_aws/execute-api/{physical_id}"
                for resource in sorted(resources, key=lambda one: one["path"]):
                    for method in sorted(resource.get("resourceMethods", {})):
                        to = f"{url}/{stage['stageName']}{resource['path']}"
                        yield "REST API", f"{method} {to}"
