"""X-Ray: nearly everything knows no resources."""

from harness.iam.mapping.call import anything, rules

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
