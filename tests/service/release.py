"""New versions of functions: published, started, and only then behind the aliases.

A version that does not start never serves. Calls that run finish where they began.
CloudFormation moves an alias before it is known whether the new version starts: what an
update would make of a function is started beside the real one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from sam_harness.emulator import init_check
from sam_harness.errors import HarnessError
from sam_harness.template.values import text_of
from sam_harness.waiting import wait_until

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

ACTIVE_TIMEOUT_S = 60
POLL_S = 0.03  # each look costs LocalStack 5 ms of what it is waited for
THREADS = 8
FUNCTION = "AWS::Lambda::Function"
# What decides how a function starts.
SETTINGS = (
    "Architectures", "Environment", "Handler", "Layers", "LoggingConfig", "MemorySize",
    "Runtime", "Timeout",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Version:
    """A new version of a function; without aliases it is ``$LATEST``, and serves."""

    function: str
    number: str
    aliases: Mapping[str, str]

    @property
    def is_new(self) -> bool:
        return bool(self.aliases) and self.number not in self.aliases.values()

    @property
    def qualified(self) -> str:
        return f"{self.function}:{self.number}" if self.aliases else self.function


class Releases:
    """Moves functions of one account from version to version."""

    def __init__(self, client: "LambdaClient") -> None:
        self._client = client
        self._served: dict[str, list[_Version]] = {}

    def release(
        self,
        functions: Mapping[str, str],
        code: Mapping[str, str] | None = None,
        *,
        before: Mapping[str, str] | None = None,
    ) -> None:
        """Let functions (logical id -> name) serve ``code`` or what they are now.

        ``code`` and ``before``, what to return to, are logical id -> S3 URI.

        Raises:
            HarnessError: names each function that does not start, with its error;
                every function is what it was.
        """
        began: list[_Version] = []
        try:
            self._start(functions, code, began)
        except (HarnessError, ClientError, BotoCoreError):
            if before:
                self._put_back(functions, before)
            self._forget([version for version in began if version.is_new])
            raise
        _each(self._serve, began)
        self._forget(self._outdated(began))

    def _start(
        self,
        functions: Mapping[str, str],
        code: Mapping[str, str] | None,
        began: list[_Version],
    ) -> None:
        def start(logical_id: str) -> str | None:
            uri = code[logical_id] if code else None
            version = self._new_version(functions[logical_id], uri)
            began.append(version)
            return init_check.failure(self._client, logical_id, version.qualified)

        # Side by side: one is started while LocalStack still unpacks for another.
        if failures := [found for found in _each(start, functions) if found]:
            raise HarnessError("\n".join(failures))

    def _put_back(self, functions: Mapping[str, str], code: Mapping[str, str]) -> None:
        def put_back(logical_id: str) -> None:
            self._new_version(functions[logical_id], code[logical_id], publish=False)

        _each(put_back, functions)

    def _new_version(
        self, name: str, uri: str | None, *, publish: bool = True
    ) -> _Version:
        listed = self._client.list_aliases(FunctionName=name)["Aliases"]
        aliases = {alias["Name"]: alias["FunctionVersion"] for alias in listed}
        number = "$LATEST"
        publish = publish and bool(aliases)
        # An update that was broken off, perhaps.
        _wait_until_active(self._client, name, number)
        if uri:
            bucket, _, key = uri.removeprefix("s3://").partition("/")
            number = self._client.update_function_code(
                FunctionName=name, S3Bucket=bucket, S3Key=key, Publish=publish
            )["Version"]
        elif publish:
            number = self._client.publish_version(FunctionName=name)["Version"]
        _wait_until_active(self._client, name, number)
        return _Version(name, number, aliases)

    def _serve(self, version: _Version) -> None:
        for alias, serving in version.aliases.items():
            if serving != version.number:
                self._client.update_alias(
                    FunctionName=version.function,
                    Name=alias,
                    FunctionVersion=version.number,
                    RoutingConfig={},
                )

    def _outdated(self, versions: Iterable[_Version]) -> list[_Version]:
        """Return what served before the version before: that may be finishing calls."""
        outdated = []
        for version in versions:
            if version.is_new:
                served = self._served.setdefault(version.function, [])
                served.append(version)
                outdated += served[:-2]
                del served[:-2]
        return outdated

    def _forget(self, versions: Sequence[_Version]) -> None:
        """Delete versions; it takes seconds to end their processes: not awaited."""

        def forget() -> None:
            for version in versions:
                with suppress(ClientError, BotoCoreError):
                    self._client.delete_function(
                        FunctionName=version.function, Qualifier=version.number
                    )

        Thread(target=forget, daemon=True).start()


def _each[T, R](do: Callable[[T], R], these: Iterable[T]) -> list[R]:
    """Do something with each of these at once; all are done when one has failed."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(do, these))


def _wait_until_active(client: "LambdaClient", name: str, number: str) -> None:
    def state() -> tuple[str, str]:
        told = client.get_function_configuration(FunctionName=name, Qualifier=number)
        return told["State"], told.get("LastUpdateStatus", "Successful")

    wait_until(
        state,
        lambda seen: seen == ("Active", "Successful"),
        what=f"version {number} of {name} to be active",
        timeout_s=ACTIVE_TIMEOUT_S,
        poll_s=POLL_S,
    )


def try_candidates(
    client: "LambdaClient",
    resolved: Mapping[str, Any],
    functions: Mapping[str, str],
) -> None:
    """Start what the functions (logical id -> name) become by a resolved template.

    A function that is not there yet is left out: nothing calls it.

    Raises:
        HarnessError: names each function that would not start, with its error.
    """
    with ExitStack() as candidates:
        names = {
            logical_id: candidates.enter_context(
                _candidate(client, resource["Properties"], functions[logical_id])
            )
            for logical_id, resource in resolved["Resources"].items()
            if resource["Type"] == FUNCTION and logical_id in functions
        }
        init_check.check(client, names)


@contextmanager
def _candidate(
    client: "LambdaClient", properties: Mapping[str, Any], real: str
) -> Iterator[str]:
    role = client.get_function_configuration(FunctionName=real)["Role"]
    name = f"{real[:50]}-{uuid4().hex[:12]}"
    settings = {key: properties[key] for key in SETTINGS if key in properties}
    variables = properties.get("Environment", {}).get("Variables", {})
    # As CloudFormation does: every parameter of a template may be a number.
    settings["Environment"] = {
        "Variables": {key: text_of(value) for key, value in variables.items()}
    }
    client.create_function(
        FunctionName=name, Role=role, Code=properties["Code"], **settings
    )
    try:
        _wait_until_active(client, name, "$LATEST")
        yield name
    finally:
        client.delete_function(FunctionName=name)
