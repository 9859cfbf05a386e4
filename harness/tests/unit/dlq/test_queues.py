"""Which dead-letter queues a stack has."""

import pytest

from harness.tests.unit.dlq.conftest import create_stack
from sam_harness.dlq.queues import Clients, choose
from sam_harness.errors import HarnessError, UsageError


def test_the_only_dlq_is_found_with_its_source(clients: Clients) -> None:
    """By the redrive policy, whatever the queues are called."""
    found = choose(clients, create_stack(clients, "orders"), None)

    assert found.queue.name == "orders-dlq"
    assert [source.name for source in found.sources] == ["orders"]


def test_several_dlqs_must_be_chosen_from(clients: Clients) -> None:
    """The message names them."""
    stack = create_stack(clients, "orders", "refunds")

    with pytest.raises(UsageError, match=r"--queue \(orders-dlq, refunds-dlq\)"):
        choose(clients, stack, None)
    assert choose(clients, stack, "refunds-dlq").queue.name == "refunds-dlq"


def test_a_queue_that_is_no_dlq_of_the_stack_is_refused(clients: Clients) -> None:
    """A queue that is alive must not be purged."""
    stack = create_stack(clients, "orders")

    with pytest.raises(UsageError, match=r"no such dead-letter queue \(orders-dlq\)"):
        choose(clients, stack, "orders")


def test_a_stack_without_a_dlq_is_an_error(clients: Clients) -> None:
    """The message says what was looked for."""
    with pytest.raises(HarnessError, match="has a redrive policy"):
        choose(clients, create_stack(clients), None)
