"""The gate: lets a call through, or raises what it is to be answered with."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from harness.errors import HarnessError
from harness.iam.mapping import Call, UnmappableCall
from harness.localstack_plugin.gate import refusal
from harness.localstack_plugin.gate.caller import (
    UNSIGNED,
    Service,
    is_harness,
    service_of,
)
from harness.localstack_plugin.gate.knowledge import Knowledge
from harness.localstack_plugin.gate.record import Decided, Record
from harness.localstack_plugin.gate.refusal import RefusedCall
from harness.localstack_plugin.gate.sessions import Session, Sessions
from harness.localstack_plugin.gate.verdict import Verdict, verdicts

LOG = logging.getLogger(__name__)
ACTIVE = "active"
_FAILURES = 10
# Those who give out role sessions.
_ASSUMING = {"AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"}


class Gate:
    """Decides about calls; whatever goes wrong meanwhile, the call does not pass."""

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
            RefusedCall: it may not.

        """
        began = time.perf_counter()
        try:
            caller = self._caller(call, access_key, internal)
            if caller:
                self._decide(call, caller)
                self.record.took(time.perf_counter() - began)
        except RefusedCall:
            self.record.took(time.perf_counter() - began)
            raise
        except Exception as error:  # fail closed: what is not decided is refused
            self._failed(_name(call), error)
            self._note_error(call, access_key, _text(error))
            raise RefusedCall(
                refusal.without_decision(call.service, _text(error))
            ) from error

    def answered(self, call: Call, answer: Mapping[str, Any] | None) -> None:
        """Take notice of a call that was served; ``answer`` is None after an error."""
        try:
            if call.service == "sts" and call.operation in _ASSUMING and answer:
                self._sessions.learn(call.parameters, answer)
            self._knowledge.after(
                call.service, call.operation, call.account, call.parameters
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, the run must end
            self._failed(f"after {_name(call)}", error)

    def _caller(
        self, call: Call, access_key: str, internal: Mapping[str, str | None] | None
    ) -> Session | Service | None:
        """Return who calls; None: the harness."""
        if is_harness(access_key):
            return service_of(internal)
        if session := self._sessions.find(access_key):
            return session
        if access_key == UNSIGNED:
            # LocalStack's CloudFormation asks for a template so, and then signed.
            self._note_error(call, access_key, "not signed")
            raise RefusedCall(refusal.unsigned(call.service))
        self._note_error(call, access_key, "unknown access key")
        raise RefusedCall(refusal.unknown_key(call.service))

    def _decide(self, call: Call, caller: Session | Service) -> None:
        try:
            for verdict in verdicts(call, caller, self._knowledge):
                self._note(call, caller, verdict)
                if not verdict.decision.is_allowed:
                    raise RefusedCall(refusal.denied(verdict))
        except UnmappableCall as error:
            self._note_error(call, _who(caller), str(error))
            raise RefusedCall(
                refusal.without_decision(call.service, str(error))
            ) from error

    def _note(self, call: Call, caller: Session | Service, verdict: Verdict) -> None:
        request, decision = verdict.request, verdict.decision
        decided = Decided(
            request.principal.account or request.resource_account or call.account,
            request.principal.arn,
            _name(call),
            request.action,
            request.resource,
            decision.outcome.value,
            tuple(f"{one.policy}/{one.statement}" for one in decision.matches),
            f"no {decision.denied_by.value} allows it"
            if decision.denied_by and not decision.matches
            else "",
        )
        self.record.add(decided, _who(caller))

    def _note_error(self, call: Call, who: str, reason: str) -> None:
        LOG.error("IAM gate: %s by %s refused: %s", _name(call), who, reason)
        decided = Decided(
            call.account, who, _name(call), "", "", "error", reason=reason
        )
        self.record.add(decided, who)

    def _failed(self, during: str, error: Exception) -> None:
        LOG.error("IAM gate, %s", during, exc_info=error)
        if len(self._failures) < _FAILURES:
            self._failures.append(f"{during}: {_text(error)}")


def _who(caller: Session | Service) -> str:
    if isinstance(caller, Service):
        return caller.source_arn or caller.principal
    return caller.principal.name


def _text(error: Exception) -> str:
    # Our own errors are written for the reader; of others the type is half the story.
    return str(error) if isinstance(error, HarnessError) else repr(error)


def _name(call: Call) -> str:
    return f"{call.service}:{call.operation}"
