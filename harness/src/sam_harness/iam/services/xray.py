"""X-Ray: nearly everything knows no resources."""

from sam_harness.iam.service import SampleCall, Service

# What LocalStack answers for a service that it does not have.
_NOT_EMULATED = ("InternalFailure",)

SERVICE = Service(
    name="xray",
    samples={
        "PutTraceSegments": SampleCall(
            "put_trace_segments",
            lambda _: {"TraceSegmentDocuments": ["{}"]},
            _NOT_EMULATED,
        ),
        "PutTelemetryRecords": SampleCall(
            "put_telemetry_records", lambda _: {"TelemetryRecords": []}, _NOT_EMULATED
        ),
    },
)
