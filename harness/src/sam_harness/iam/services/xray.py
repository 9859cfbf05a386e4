"""X-Ray: nearly everything knows no resources."""

from sam_harness.iam.call import anything, rules
from sam_harness.iam.service import SampleCall, Service

RULES = rules(
    "xray",
    {
        anything: """
            BatchGetTraces GetEncryptionConfig GetGroups GetInsight GetInsightEvents
            GetInsightImpactGraph GetInsightSummaries GetSamplingRules
            GetSamplingStatisticSummaries GetSamplingTargets GetServiceGraph
            GetTimeSeriesServiceStatistics GetTraceGraph GetTraceSummaries
            PutEncryptionConfig PutTelemetryRecords PutTraceSegments
        """,
    },
)
# What LocalStack answers for a service that it does not have.
_NOT_EMULATED = ("InternalFailure",)

SERVICE = Service(
    name="xray",
    rules=RULES,
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
