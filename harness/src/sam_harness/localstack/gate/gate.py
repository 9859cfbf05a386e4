"""The gate: lets a call through, or raises what it is to be answered with.

A call passes if every permission that it needs is allowed to its caller.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sam_harness.errors import HarnessError
from sam_harness.iam.call import Call, UnmappableCall
from sam_harness.iam.evaluate import Decision
from sam_harness.iam.request import Principal, Request
from sam_harness.localstack.gate import denial
from sam_harness.localstack.gate.caller import (
    UNSIGNED,
    InvalidToken,
    Service,
    Session,
    Sessions,
    WebIdentity,
    is_harness,
    of_token,
    service_of,
)
from sam_harness.localstack.gate.deciding import Caller, decisions
from sam_harness.localstack.gate.denial import DeniedCall
from sam_harness.localstack.gate.knowledge import Knowledge
from sam_harness.localstack.gate.record import Record, RecordedDecision

LOG = logging.getLogger(__name__)

ACTIVE = "active"
_FAILURES = 10
# How LocalStack asks for what CloudWatch Logs shall call: AWS tries the call.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample
_TRIED = {("logs.amazonaws.com", "GetFunction"): "Invoke"}
# The calls that give out role sessions.
_ASSUMING = {"AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"}


class Gate:
    """Decides about calls; if an error occurs meanwhile, the call does not pass."""

    def __init__(self, knowledge: Knowledge, record: Record) -> None:
        self._knowledge = knowledge
        self._sessions = Sessions()
        self._failures: list[str] = []
        self.record = record

    @property
    def state(self) -> str:
        """``active``, or what failed."""
        if not self._failures:
            return ACTIVE
        return "failed: " + "; ".join(self._failures)

    def check(
        self,
        call: Call,
        access_key: str,
        internal: Mapping[str, str | None] | None = None,
    ) -> None:
        """Return if the call may go on.

        Raises:
            DeniedCall: it may not.
        """
        try:
            caller = self._caller(call, access_key, internal)
            if caller:
                self._decide(call, caller)
        except DeniedCall:
            raise
        except Exception as error:  # fail closed: what is not decided is refused
            self._note_failure(call, access_key, error)
            raise denial.without_decision(call.service, _text(error)) from error

    def check_token(self, call: Call, access_key: str, token: str) -> None:
        """Return if a request has the token that STS gave out with its key, if any.

        LocalStack's own calls for a role need none: they may know its key only.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html

        Raises:
            DeniedCall: it has another one, or none.
        """
        session = self._sessions.find(access_key)
        if session and session.token != token:
            self._note_error(call, access_key, "without its session token")
            raise denial.unknown_key(call.service)

    def answered(
        self, call: Call, answer: Mapping[str, Any] | None, access_key: str = ""
    ) -> None:
        """Take notice of a call that was served; ``answer`` is None after an error."""
        try:
            self._knowledge.after(call)
        except Exception as error:  # noqa: BLE001 - what it knows may be out of date
            self._failed(f"after {_name(call)}", error)
        if call.service == "sts" and call.operation in _ASSUMING and answer:
            try:
                self._sessions.learn(call.parameters, answer, access_key)
            except Exception as error:  # noqa: BLE001 - the key stays unknown
                self._note_failure(call, str(call.parameters.get("RoleArn")), error)

    def principal(self, access_key: str) -> Principal | None:
        """Return the session of a role that a key is; None: of none."""
        session = self._sessions.find(access_key)
        return session.principal if session else None

    def may(self, who: str | Service, call: Call) -> bool:
        """Tell whether a role or a service may make a call; nothing is noted of it.

        What cannot be told is as good as allowed: the call itself will be refused.
        """
        caller: Caller = who if isinstance(who, Service) else _session_of(who, call)
        try:
            decided = list(decisions(call, caller, self._knowledge))
        except UnmappableCall:
            return True
        return all(decision.is_allowed for _, decision in decided)

    def _caller(
        self, call: Call, access_key: str, internal: Mapping[str, str | None] | None
    ) -> Caller | None:
        """Return the caller; None: the harness."""
        if call.operation == "AssumeRoleWithWebIdentity" and call.service == "sts":
            # Such a call is authorised by its token, signed or not.
            return self._of_token(call, access_key)
        if is_harness(access_key):
            return service_of(internal)
        if session := self._sessions.find(access_key):
            return session
        if access_key == UNSIGNED:
            # LocalStack's CloudFormation asks for a template so, and then signed.
            self._note_error(call, access_key, "not signed")
            raise denial.unsigned(call.service)
        self._note_error(call, access_key, "unknown access key")
        raise denial.unknown_key(call.service)

    def _of_token(self, call: Call, access_key: str) -> WebIdentity:
        try:
            token, role = call.text("WebIdentityToken"), call.text("RoleArn")
            return of_token(token, role, self._knowledge.audiences)
        except InvalidToken as error:
            self._note_error(call, access_key, str(error))
            raise DeniedCall("InvalidIdentityToken", 400, str(error)) from error

    def _decide(self, call: Call, caller: Caller) -> None:
        if isinstance(caller, Service):
            asks = _TRIED.get((caller.principal, call.operation), call.operation)
            call = replace(call, operation=asks)
        try:
            for request, decision in decisions(call, caller, self._knowledge):
                self._note(call, caller, request, decision)
                if not decision.is_allowed:
                    raise denial.denied(request, decision)
        except UnmappableCall as error:
            self._note_error(call, _name_of(caller), str(error))
            raise denial.without_decision(call.service, str(error)) from error

    def _note(
        self, call: Call, caller: Caller, request: Request, decision: Decision
    ) -> None:
        recorded = RecordedDecision(
            request.principal.account or request.resource_account or call.account,
            request.principal.arn,
            _name(call),
            request.action,
            request.resource,
            str(decision),
            tuple(f"{one.policy}/{one.statement}" for one in decision.matches),
            f"no {decision.denied_by.value} allows it"
            if decision.denied_by and not decision.matches
            else "",
        )
        self.record.add(recorded, _name_of(caller))

    def _note_error(
        self, call: Call, caller: str, reason: str, decision: str = "error"
    ) -> None:
        LOG.error("IAM gate: %s by %s refused: %s", _name(call), caller, reason)
        recorded = RecordedDecision(
            call.account, caller, _name(call), "", "", decision, reason=reason
        )
        self.record.add(recorded, caller)

    def _note_failure(self, call: Call, caller: str, error: Exception) -> None:
        LOG.error("IAM gate, %s", _name(call), exc_info=error)
        self._note_error(call, caller, _text(error), "failed")

    def _failed(self, during: str, error: Exception) -> None:
        LOG.error("IAM gate, %s", during, exc_info=error)
        if len(self._failures) < _FAILURES:
            self._failures.append(f"{during}: {_text(error)}")


def _session_of(role: str, call: Call) -> Session:
    account, name = role.split(":")[4], role.rpartition("/")[2]
    session = f"arn:{call.partition}:sts::{account}:assumed-role/{name}/{name}"
    return Session.of(Principal.parse(session, role))


def _name_of(caller: Caller) -> str:
    if isinstance(caller, Session):
        return caller.principal.name
    return caller.source_arn or caller.principal


def _text(error: Exception) -> str:
    # Our own errors are written for the reader; of others the type is half the story.
    return str(error) if isinstance(error, HarnessError) else repr(error)


def _name(call: Call) -> str:
    return f"{call.service}:{call.operation}"
