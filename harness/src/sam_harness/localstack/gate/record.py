"""The gate's decisions, counted, for its report."""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from threading import Lock

MANY = 20_000


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """One decision, as it is reported; equal ones are counted.

    ``account`` is the caller's, or the resource's where a service calls. ``role`` is
    the ARN of the role behind a session, or the name of a service; ``call`` is service
    and operation. ``decision`` is allowed, explicitDeny, implicitDeny, or, for what was
    denied without a decision, error or failed (an exception: a policy that cannot be
    read, a call like no other); ``reason`` says why.
    """

    account: str
    role: str
    call: str
    action: str
    resource: str
    decision: str
    statements: tuple[str, ...] = ()
    reason: str = ""


@dataclass(slots=True)
class _Tally:
    principal: str
    first: str
    last: str
    count: int = 1


class Record:
    """Decisions, the oldest of which are lost when there are too many kinds."""

    def __init__(self, many: int = MANY) -> None:
        self._many = many
        self._lock = Lock()
        self._tallies: dict[RecordedDecision, _Tally] = {}
        self._lost: Counter[str] = Counter()

    def add(self, decision: RecordedDecision, principal: str) -> None:
        """Count a decision about ``principal``: the session, or the source's ARN."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._lock:
            if tally := self._tallies.get(decision):
                tally.principal, tally.last = principal, now
                tally.count += 1
                return
            if len(self._tallies) >= self._many:
                oldest = next(iter(self._tallies))
                self._lost[oldest.account] += self._tallies.pop(oldest).count
            self._tallies[decision] = _Tally(principal, now, now)

    def clear(self, account: str | None = None) -> None:
        """Forget all, or all of an account."""
        with self._lock:
            kept = {
                decision: tally
                for decision, tally in self._tallies.items()
                if account and decision.account != account
            }
            self._tallies = kept
            if account:
                del self._lost[account]
            else:
                self._lost.clear()

    def report(
        self, account: str | None = None, role: str | None = None
    ) -> dict[str, object]:
        """Return the decisions as JSON; ``role`` is an ARN or a role's name."""
        with self._lock:
            listed = [
                asdict(decision) | asdict(tally)
                for decision, tally in self._tallies.items()
                if (not account or account == decision.account)
                and (
                    not role
                    or role in {decision.role, decision.role.rpartition("/")[2]}
                )
            ]
            lost = self._lost[account] if account else self._lost.total()
        return {"lost": lost, "decisions": listed}
