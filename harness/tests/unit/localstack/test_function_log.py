"""Collecting what a process writes, and the platform's own lines."""

import os
from threading import Thread

import pytest

from sam_harness.localstack.lambda_.endings import Report, init_report, lines
from sam_harness.localstack.lambda_.process import Output


def test_what_was_written_is_there_without_waiting_for_the_collector() -> None:
    """An invocation's last line is in its log however busy the machine is."""
    output = Output()
    os.write(output.writable, b"last line")

    assert output.take() == "last line"
    assert output.take() == ""
    output.close()


def test_more_than_a_pipe_holds_is_collected() -> None:
    """The writer is not held up: a pipe holds 64 KiB."""
    output = Output()
    collector = Thread(target=output.collect)
    collector.start()

    os.write(output.writable, b"x" * 1_000_000)
    os.close(output.writable)
    collector.join(timeout=5)

    assert not collector.is_alive()
    assert len(output.take()) == 1_000_000


def test_a_report_names_what_lambda_names() -> None:
    """Initialisation is billed with the duration, rounded up to a millisecond."""
    report = Report(
        "id-1",
        duration_ms=10.2,
        init_duration_ms=100.5,
        memory_mb=128,
        max_memory_mb=40,
        status="error",
        error_type="ValueError",
        trace_header="Root=1-2-3;Parent=4;Sampled=1",
    )

    assert report.line() == (
        "REPORT RequestId: id-1\tDuration: 10.20 ms\tBilled Duration: 111 ms\t"
        "Memory Size: 128 MB\tMax Memory Used: 40 MB\tInit Duration: 100.50 ms\t"
        "Status: error\tError Type: ValueError\t"
        "XRAY TraceId: 1-2-3\tSegmentId: 4\tSampled: true\t\n"
    )


@pytest.mark.parametrize("header", ["", "Root=1-2-3;Parent=4;Sampled=0"])
def test_a_trace_that_is_not_sampled_is_not_reported(header: str) -> None:
    """Also where there is no trace at all."""
    report = Report(
        "id-1",
        duration_ms=1,
        init_duration_ms=None,
        memory_mb=128,
        max_memory_mb=40,
        trace_header=header,
    )

    assert "XRAY" not in report.line()


def test_a_failed_initialisation_has_its_line() -> None:
    """Phase, status and type of the error."""
    assert init_report(10_000, "init", "timeout") == (
        "INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout\n"
    )


@pytest.mark.parametrize(
    ("text", "ended"), [("", ""), ("a\n", "a\n"), ("a\nb", "a\nb\n")]
)
def test_text_ends_with_its_line(text: str, ended: str) -> None:
    """END stands on a line of its own after output without a newline."""
    assert lines(text) == ended
