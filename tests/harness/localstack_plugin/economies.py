"""What LocalStack spends time on that nobody here has a use for."""

import functools
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import boto3
from botocore import session
from botocore.loaders import JSONFileLoader
from localstack.utils.aws import aws_stack
from moto.core.config import default_user_config
from twisted.web import http
from werkzeug.routing import Rule

from harness.localstack_plugin import internal_calls

# Python's own number is 2,000, and each search goes through what a client has made.
_OBJECTS_BETWEEN_SEARCHES = 50_000


def install() -> None:
    """Save it."""
    internal_calls.install()
    _build_no_urls()
    # Each session of botocore would read what it knows of a service anew, and so does
    # LocalStack, which changes a copy.
    session.create_loader = functools.cache(session.create_loader)
    loader: Any = JSONFileLoader
    loader._load_file = _file_once(loader._load_file)  # noqa: SLF001 - there is no option
    # Nor does anybody change the session that is asked for the regions of each service.
    aws_stack.boto3 = SimpleNamespace(Session=functools.cache(boto3.Session))
    # Moto's IAM is not in use: a copy of 1,400 policies for each account of a run.
    default_user_config["iam"]["load_aws_managed_policies"] = False
    # Twisted parses the header Content-Type of each request as that of an e-mail, and
    # writes an access log that nobody gets to see.
    http._parseContentType = functools.lru_cache(http._parseContentType)  # noqa: SLF001 - there is no option
    http.HTTPFactory.log = lambda _factory, _request: None


@contextmanager
def loading() -> Iterator[None]:
    """Keep what is loaded within: it is not searched for garbage, then or ever.

    Of the million objects that LocalStack makes while it is imported all stay; to go
    through them again and again took an eighth of a start.
    """
    gc.disable()
    try:
        yield
    finally:
        keep_what_is_loaded()


def keep_what_is_loaded() -> None:
    """Search what is there by now for garbage no more, but what comes from now on."""
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_SEARCHES)
    gc.enable()


def _file_once(load: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``load`` for a loader that is as good as any other."""
    loader = JSONFileLoader()

    @functools.cache
    def loaded(path: str, open_file: Callable[..., Any]) -> Any:  # noqa: ANN401 - JSON
        return load(loader, path, open_file)

    return lambda _loader, path, open_file: loaded(path, open_file)


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
