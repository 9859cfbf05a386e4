"""What a refund costs follows from what it uses."""

from dataclasses import replace

import pytest

from bench.scale.cost import (
    REST_REQUESTS,
    SQS_REQUESTS,
    WRITE_UNITS,
    Load,
    Price,
    per_million,
    total,
)
from bench.scale.durations import Handler

OURS, PEER = Handler.named("ours"), Handler.named("peer")
LOAD = Load(
    refunds_per_s=1_000, refunds_per_batch=10, memory_mb=512, log_bytes_per_refund=1_000
)


def test_tiers_are_passed_through_one_by_one() -> None:
    """Ten at 3, the next ten at 2, the rest at 1."""
    price = Price(3, "thing", "", "", tiers=((10, 2), (20, 1)))

    assert price.average(5) == 3
    assert price.average(20) == pytest.approx(2.5)
    assert price.average(40) == pytest.approx((30 + 20 + 20) / 40)


def test_the_first_requests_of_a_month_cost_the_listed_price() -> None:
    """26 million a month are all in the first tier."""
    assert REST_REQUESTS.average(26e6) * 1e6 == pytest.approx(3.50)


def test_two_indexes_treble_the_writes() -> None:
    """Put and update, each into the table and into both indexes."""
    costs = per_million(LOAD, OURS)

    assert costs["DynamoDB"].likely > 6e6 * WRITE_UNITS.usd
    assert costs["DynamoDB"].likely < 7e6 * WRITE_UNITS.usd


@pytest.mark.parametrize(("batch", "requests"), [(1, 3.0), (10, 1.2)])
def test_a_batch_shares_its_receive_and_its_delete(
    batch: float, requests: float
) -> None:
    """One send for each refund, and one of each other call for each batch."""
    costs = per_million(replace(LOAD, refunds_per_batch=batch), OURS)

    assert costs["SQS"].likely == pytest.approx(requests * 1e6 * SQS_REQUESTS.usd)


def test_full_batches_are_cheaper() -> None:
    """Fewer requests of SQS and Lambda, and less waiting."""
    single = per_million(replace(LOAD, refunds_per_batch=1), OURS)

    assert total(single).likely > total(per_million(LOAD, OURS)).likely


def test_the_peers_handler_costs_more_compute_and_else_the_same() -> None:
    """Only what runs inside the functions differs."""
    ours, peer = per_million(LOAD, OURS), per_million(LOAD, PEER)

    differing = {name for name in ours if ours[name] != peer[name]}
    assert differing == {"Lambda compute"}
    assert peer["Lambda compute"].low > ours["Lambda compute"].high


def test_an_estimate_lies_within_its_bounds() -> None:
    """Low, likely and high are in this order for every service."""
    assert all(r.low <= r.likely <= r.high for r in per_million(LOAD, PEER).values())
