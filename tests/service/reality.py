"""How each resource really is, asked of its own service, in the template's words."""

from collections.abc import Callable, Mapping
from typing import Any

import boto3

from refund_stack import reality_of_api, reality_of_functions, reality_of_state
from refund_stack.promised import Resource

type Reader = Callable[[boto3.Session, Resource], Mapping[str, Any]]

# Raises, or returns without the promised properties, when the resource is not there.
READERS: Mapping[str, Reader] = {
    **reality_of_api.READERS,
    **reality_of_functions.READERS,
    **reality_of_state.READERS,
}

# Written in the template, but nothing that its resource has.
NO_SETTINGS: Mapping[tuple[str, str], str] = {
    ("AWS::ApiGateway::RestApi", "Body.components"): "the methods' keys are checked",
    ("AWS::ApiGateway::RestApi", "Body.info"): "the API has a name of its own",
    ("AWS::ApiGateway::RestApi", "Body.openapi"): "how the body is written",
    ("AWS::ApiGateway::RestApi", "Parameters"): "how the body is read",
    ("AWS::Lambda::Function", "Code"): "where it came from; that it runs is tested",
}
