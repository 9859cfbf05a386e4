"""How a deployed stack is called: what a user reads once it runs."""

from collections.abc import Iterator

from sam_harness.deploying.stack import DeployedStack, with_nested
from sam_harness.emulator.emulator import Emulator


def lines(emulator: Emulator, stack: DeployedStack) -> Iterator[str]:
    """Yield the stack's URLs, keys, functions and outputs, and LocalStack's log."""
    client = emulator.session().client("cloudformation")
    for path, each in with_nested(client, stack):
        yield from _apis(emulator, path, each)
        yield from _function_urls(emulator, path, each)
        yield from _keys(emulator, path, each)
        for logical_id, name in each.functions.items():
            yield f"function      {path}{logical_id}: {name}"
    for name, value in stack.outputs.items():
        yield f"output        {name}: {_callable(emulator, value)}"
    yield f"endpoint      {emulator.endpoint_url} (any AWS SDK: AWS_ENDPOINT_URL)"
    yield f"log           {emulator.log}"


def _callable(emulator: Emulator, value: str) -> str:
    """Return an output's URL as it is called here; any other value as it is."""
    if ".execute-api." in value:
        return emulator.url_of_api(value)
    return emulator.url_of_function(value) if ".lambda-url." in value else value


def _of_type(stack: DeployedStack, kind: str) -> Iterator[str]:
    for logical_id, resource in stack.template["Resources"].items():
        if resource["Type"] == kind:
            yield logical_id


def _apis(emulator: Emulator, path: str, stack: DeployedStack) -> Iterator[str]:
    client = emulator.session().client("apigateway")
    for logical_id in _of_type(stack, "AWS::ApiGateway::RestApi"):
        api_id = stack.resources[logical_id]
        resources = client.get_resources(restApiId=api_id, limit=500)["items"]
        for stage in client.get_stages(restApiId=api_id)["item"]:
            url = f"{emulator.endpoint_url}/_aws/execute-api/{api_id}"
            url = f"{url}/{stage['stageName']}"
            yield f"REST API      {path}{logical_id}: {url}"
            for resource in sorted(resources, key=lambda one: one["path"]):
                for method in sorted(resource.get("resourceMethods", {})):
                    yield f"                {method} {url}{resource['path']}"


def _function_urls(
    emulator: Emulator, path: str, stack: DeployedStack
) -> Iterator[str]:
    client = emulator.session().client("lambda")
    for logical_id in _of_type(stack, "AWS::Lambda::Url"):
        name = stack.resources[logical_id]
        told = client.get_function_url_config(FunctionName=name)
        url = emulator.url_of_function(told["FunctionUrl"])
        yield f"function URL  {path}{logical_id}: {url} ({told['AuthType']})"


def _keys(emulator: Emulator, path: str, stack: DeployedStack) -> Iterator[str]:
    client = emulator.session().client("apigateway")
    for logical_id in _of_type(stack, "AWS::ApiGateway::ApiKey"):
        key = client.get_api_key(apiKey=stack.resources[logical_id], includeValue=True)
        yield f"API key       {path}{logical_id}: x-api-key: {key['value']}"
