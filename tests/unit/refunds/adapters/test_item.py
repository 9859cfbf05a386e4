"""The stored form of a refund: where the index of undecided refunds has it."""

from dataclasses import replace

from refunds.adapters.item import SHARDS, to_item, undecided_key
from refunds.domain.model import Status
from unit.refunds.builders import a_refund


def test_undecided_refunds_are_spread_over_all_partitions_and_no_others() -> None:
    """A partition that no sweep looks into hides its refunds, a hot one throttles."""
    refund = a_refund()
    ids = [f"{number:02x}{refund.refund_id[2:]}" for number in range(256)]

    found = [to_item(replace(refund, refund_id=one))["GSI2PK"]["S"] for one in ids]

    each = {
        undecided_key(shard): found.count(undecided_key(shard))
        for shard in range(SHARDS)
    }
    assert sum(each.values()) == len(ids)
    assert set(each.values()) == {len(ids) // SHARDS}


def test_decided_refund_is_not_among_the_undecided() -> None:
    """The index holds what is PENDING alone."""
    assert not {"GSI2PK", "GSI2SK"} & to_item(a_refund(status=Status.APPROVED)).keys()
