"""What LocalStack spends time on that nobody here has a use for."""

import functools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import boto3
from botocore import session
from botocore.loaders import JSONFileLoader
from localstack.utils.aws import aws_stack
from moto.core.config import default_user_config
from werkzeug.routing import Rule


def install() -> None:
    """Save it."""
    _build_no_urls()
    # Each session of botocore would read what it knows of a service anew, and so does
    # LocalStack, which changes a copy.
    session.create_loader = functools.cache(session.create_loader)
    read = functools.cache(JSONFileLoader().load_file)
    setattr(JSONFileLoader, "load_file", lambda _loader, path: read(path))  # noqa: B010 - mypy: a method
    # Nor does anybody change the session that is asked for the regions of each service.
    aws_stack.boto3 = SimpleNamespace(Session=functools.cache(boto3.Session))
    # Moto's IAM is not in use: a copy of 1,400 policies for each account of a run.
    default_user_config["iam"]["load_aws_managed_policies"] = False


def _build_no_urls() -> None:
    # For each route werkzeug compiles two functions that build its URL, and LocalStack
    # adds each of its hundred routes to a new copy of all before it. It builds no URL.
    def compile_builder(rule: Any, append_unknown: bool = True) -> Callable[..., Any]:  # noqa: ANN401, FBT001, FBT002 - werkzeug's signature
        @functools.cache
        def compiled() -> Any:  # noqa: ANN401 - a function that werkzeug makes
            return original(rule, append_unknown)

        def build(*arguments: object, **values: object) -> object:
            return compiled()(*arguments, **values)

        return build

    rules: Any = Rule
    original = rules._compile_builder  # noqa: SLF001 - there is no option
    rules._compile_builder = compile_builder  # noqa: SLF001 - as above
