"""A load that went well; a test changes what is to go wrong."""

from load.observed import Observed, Sample, Sent
from load.plan import Phase, Scenario

SCENARIO = Scenario("calm", (Phase(2, 5),))


def a_run(scenario: Scenario = SCENARIO) -> Observed:
    """Return a load whose refunds are all decided and paid, and nothing is left."""
    due = scenario.arrivals()
    names = [f"refund-{number}" for number in range(len(due))]
    return Observed(
        scenario,
        tuple(Sent(at, 0.02, 202, name) for at, name in zip(due, names, strict=True)),
        {name: at + 0.01 for at, name in zip(due, names, strict=True)},
        {name: at + 0.5 for at, name in zip(due, names, strict=True)},
        dict.fromkeys(names, 1),
        tuple(Sample(float(at), 0, 0, 300_000_000, 50_000_000) for at in range(6)),
        300_000_000,
    )
