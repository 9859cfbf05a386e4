"""X-Ray: nearly everything knows no resources."""

from sam_harness.iam.service import SampleCall, Service

# What LocalStack answers for a service that it does not have.
_NOT_EMULATED = ("InternalFailure",)

SERVICE = Service(
    name="xray",
    samples={
        "PutTraceSegments": SampleCall(
            lambda _: {"TraceSegmentDocuments": ["{}"]}, _NOT_EMULATED
        ),
        "PutTelemetryRecords": SampleCall(
            lambda _: {"TelemetryRecords": []}, _NOT_EMULATED
        ),
    },
)
