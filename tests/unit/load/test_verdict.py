"""A load is red for each promise that it breaks, whatever the machine."""

from dataclasses import replace

import pytest

from load.observed import Observed, Sample
from load.plan import Phase, Scenario
from load.verdict import broken, leaks
from unit.load.builders import a_run

RUN = a_run()
FIRST = RUN.sent[0].refund_id or ""


def without_first[T](refunds: dict[str, T]) -> dict[str, T]:
    """Return all but the first refund."""
    return {name: value for name, value in refunds.items() if name != FIRST}


def test_a_load_that_went_well_is_green() -> None:
    """Nothing is said."""
    assert list(broken(RUN)) == []
    assert list(leaks([RUN, RUN])) == []


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (
            replace(
                RUN,
                sent=RUN.sent[1:],
                decided=without_first(RUN.decided),
                payments=without_first(RUN.payments),
            ),
            "requests were answered",
        ),
        (
            replace(RUN, sent=(replace(RUN.sent[0], status=503), *RUN.sent[1:])),
            "1 requests were not accepted: {503}",
        ),
        (
            replace(RUN, decided={**RUN.decided, "another": 1.0}),
            "1 refunds are decided that were not accepted",
        ),
        (
            replace(
                RUN,
                decided=without_first(RUN.decided),
            ),
            "1 accepted refunds are not decided",
        ),
        (
            replace(RUN, payments={**RUN.payments, FIRST: 2}),
            "1 refunds were paid more than once",
        ),
        (replace(RUN, payments={}), "accepted refunds were not paid"),
        (
            replace(RUN, sent=(replace(RUN.sent[0], repeat="another"), *RUN.sent[1:])),
            "1 repeats with the same key got another refund",
        ),
        (
            replace(RUN, stored={**RUN.stored, FIRST: 99.0}),
            "1 refunds were stored anew by a repeat",
        ),
        (
            replace(RUN, samples=(*RUN.samples, Sample(9, 2, 1, 1, 1))),
            "2 messages are left in the queue, 1 in the DLQ",
        ),
    ],
)
def test_what_is_broken_is_said(run: Observed, said: str) -> None:
    """In words, with the load's name."""
    [only] = list(broken(run))

    assert only.startswith("calm: ")
    assert said in only


def test_memory_of_a_function_that_grows_is_a_leak() -> None:
    """From the first load to the last."""
    grown = tuple(
        replace(one, function_bytes=2 * one.function_bytes) for one in RUN.samples
    )

    [only] = list(leaks([RUN, replace(RUN, samples=grown)]))

    assert only.startswith("a function grew")


def test_memory_of_the_emulator_that_grows_is_a_leak() -> None:
    """From the first load to the last."""
    grown = replace(RUN, emulator_bytes=2 * RUN.emulator_bytes)

    [only] = list(leaks([RUN, grown]))

    assert only.startswith("the emulator grew")


@pytest.mark.parametrize(("kept_kb", "leak"), [(4, False), (6, True)])
def test_of_many_refunds_the_emulator_keeps_little_of_each(
    kept_kb: int, *, leak: bool
) -> None:
    """Five KB: the item and its lines in the logs."""
    many = a_run(Scenario("many", (Phase(100, 20),)))
    grown = many.emulator_bytes + kept_kb * 1024 * len(many.accepted)
    many = replace(many, emulator_bytes=grown)

    assert bool(list(leaks([RUN, many]))) == leak
