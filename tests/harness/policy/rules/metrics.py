"""The metrics that AWS services publish, with the dimensions they publish them by.

From the "metrics and dimensions" page of each service's guide.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """Metrics of a namespace that share their sets of dimensions."""

    metrics: frozenset[str]
    dimensions: Sequence[frozenset[str]]


def _family(metrics: str, *dimensions: str) -> Family:
    return Family(
        frozenset(metrics.split()), [frozenset(each.split()) for each in dimensions]
    )


_SQS = _family(
    """ApproximateAgeOfOldestMessage ApproximateAgeOfOldestMessageInQuietGroups
    ApproximateNumberOfGroupsWithInflightMessages ApproximateNumberOfMessagesDelayed
    ApproximateNumberOfMessagesDelayedInQuietGroups
    ApproximateNumberOfMessagesNotVisible
    ApproximateNumberOfMessagesNotVisibleInQuietGroups
    ApproximateNumberOfMessagesVisible ApproximateNumberOfMessagesVisibleInQuietGroups
    ApproximateNumberOfNoisyGroups NumberOfDeduplicatedSentMessages
    NumberOfEmptyReceives NumberOfMessagesDeleted NumberOfMessagesReceived
    NumberOfMessagesSent SentMessageSize""",
    "QueueName",
)
_LAMBDA_INVOCATIONS = _family(
    """AsyncEventAge AsyncEventsDropped AsyncEventsReceived ConcurrentExecutions
    DeadLetterErrors DestinationDeliveryFailures Duration Errors Invocations
    IteratorAge OffsetLag OversizedRecordCount PostRuntimeExtensionsDuration
    ProvisionedConcurrencyInvocations ProvisionedConcurrencySpilloverInvocations
    ProvisionedConcurrencyUtilization ProvisionedConcurrentExecutions
    RecursiveInvocationsDropped SignatureValidationErrors Throttles Url4xxCount
    Url5xxCount UrlRequestCount UrlRequestLatency""",
    "",
    "FunctionName",
    "FunctionName Resource",
    "FunctionName Resource ExecutedVersion",
    "FunctionName ExecutedVersion",
)
_LAMBDA_ACCOUNT = _family(
    "ClaimedAccountConcurrency UnreservedConcurrentExecutions", ""
)
_LAMBDA_MAPPINGS = _family(
    """DeletedEventCount DroppedEventCount FailedInvokeEventCount
    FilteredOutEventCount InvokedEventCount OnFailureDestinationDeliveredEventCount
    PolledEventCount ProvisionedPollers""",
    "EventSourceMappingUUID",
    "EventSourceMappingUUID FunctionName",
)
_REST_API = _family(
    "4XXError 5XXError CacheHitCount CacheMissCount Count IntegrationLatency Latency",
    "ApiName",
    "ApiName Stage",
    "ApiName Stage Resource Method",
)
_HTTP_API = _family(
    "4xx 5xx Count DataProcessed IntegrationLatency Latency",
    "ApiId",
    "ApiId Stage",
    "ApiId Stage Route",
    "ApiId Stage Resource Method",
)
_WEBSOCKET_API = _family(
    "ClientError ConnectCount ExecutionError IntegrationError MessageCount",
    "ApiId",
    "ApiId Stage",
    "ApiId Stage Route",
)
_TABLES = _family(
    """AgeOfOldestUnreplicatedRecord ConditionalCheckFailedRequests
    ConsumedChangeDataCaptureUnits ConsumedReadCapacityUnits
    ConsumedWriteCapacityUnits FailedToReplicateRecordCount
    OnDemandMaxReadRequestUnits OnDemandMaxWriteRequestUnits
    OnlineIndexConsumedWriteCapacity OnlineIndexPercentageProgress
    OnlineIndexThrottleEvents PendingReplicationCount ProvisionedReadCapacityUnits
    ProvisionedWriteCapacityUnits ReadAccountLimitThrottleEvents
    ReadKeyRangeThroughputThrottleEvents ReadMaxOnDemandThroughputThrottleEvents
    ReadProvisionedThroughputThrottleEvents ReadThrottleEvents ReplicationLatency
    ThrottledPutRecordCount TimeToLiveDeletedItemCount TransactionConflict
    WriteAccountLimitThrottleEvents WriteKeyRangeThroughputThrottleEvents
    WriteMaxOnDemandThroughputThrottleEvents
    WriteProvisionedThroughputThrottleEvents WriteThrottleEvents""",
    "TableName",
    "TableName GlobalSecondaryIndexName",
    "TableName DelegatedOperation",
    "TableName ReceivingRegion",
)
_TABLE_OPERATIONS = _family(
    """ReturnedBytes ReturnedItemCount ReturnedRecordsCount SuccessfulRequestLatency
    SystemErrors ThrottledRequests""",
    "TableName Operation",
    "TableName Operation StreamLabel",
    "TableName Operation GlobalSecondaryIndexName",
)
_DYNAMODB_ACCOUNT = _family(
    """AccountMaxReads AccountMaxTableLevelReads AccountMaxTableLevelWrites
    AccountMaxWrites AccountProvisionedReadCapacityUtilization
    AccountProvisionedWriteCapacityUtilization
    MaxProvisionedTableReadCapacityUtilization
    MaxProvisionedTableWriteCapacityUtilization UserErrors""",
    "",
)
_TOPICS = _family(
    """NumberOfMessagesPublished NumberOfNotificationsDelivered
    NumberOfNotificationsFailed NumberOfNotificationsFailedToRedriveToDlq
    NumberOfNotificationsFilteredOut
    NumberOfNotificationsFilteredOut-InvalidAttributes
    NumberOfNotificationsFilteredOut-InvalidMessageBody
    NumberOfNotificationsFilteredOut-MessageAttributes
    NumberOfNotificationsFilteredOut-MessageBody
    NumberOfNotificationsFilteredOut-NoMessageAttributes
    NumberOfNotificationsRedrivenToDlq PublishSize""",
    "TopicName",
    "Application Platform",
    "Application",
    "Platform",
    "PhoneNumber",
)
_SMS = _family(
    "SMSMonthToDateSpentUSD SMSSuccessRate", "", "Country", "SMSType", "PhoneNumber"
)
_STATE_MACHINES = _family(
    """ExecutionThrottled ExecutionTime ExecutionsAborted ExecutionsFailed
    ExecutionsRedriven ExecutionsStarted ExecutionsSucceeded ExecutionsTimedOut
    ExpressExecutionBilledDuration ExpressExecutionBilledMemory
    ExpressExecutionMemory RedrivenExecutionsAborted RedrivenExecutionsFailed
    RedrivenExecutionsSucceeded RedrivenExecutionsTimedOut""",
    "StateMachineArn",
    "StateMachineArn Version",
    "StateMachineArn Alias",
)
_ACTIVITIES = _family(
    """ActivitiesFailed ActivitiesHeartbeatTimedOut ActivitiesScheduled
    ActivitiesStarted ActivitiesSucceeded ActivitiesTimedOut ActivityRunTime
    ActivityScheduleTime ActivityTime""",
    "ActivityArn",
)
_STATE_FUNCTIONS = _family(
    """LambdaFunctionRunTime LambdaFunctionScheduleTime LambdaFunctionTime
    LambdaFunctionsFailed LambdaFunctionsScheduled LambdaFunctionsStarted
    LambdaFunctionsSucceeded LambdaFunctionsTimedOut""",
    "LambdaFunctionArn",
)
_STATE_SERVICES = _family(
    """ServiceIntegrationRunTime ServiceIntegrationScheduleTime ServiceIntegrationTime
    ServiceIntegrationsFailed ServiceIntegrationsScheduled ServiceIntegrationsStarted
    ServiceIntegrationsSucceeded ServiceIntegrationsTimedOut""",
    "ServiceIntegrationResourceArn",
)
_STATES_ACCOUNT = _family(
    """ConsumedCapacity OpenExecutionCount OpenExecutionLimit ProvisionedBucketSize
    ProvisionedRefillRate ThrottledEvents""",
    "",
    "APIName",
    "ServiceMetric",
    "StateMachineArn",
)

FAMILIES: Mapping[str, Sequence[Family]] = {
    "AWS/ApiGateway": [_REST_API, _HTTP_API, _WEBSOCKET_API],
    "AWS/DynamoDB": [_TABLES, _TABLE_OPERATIONS, _DYNAMODB_ACCOUNT],
    "AWS/Lambda": [_LAMBDA_INVOCATIONS, _LAMBDA_ACCOUNT, _LAMBDA_MAPPINGS],
    "AWS/SNS": [_TOPICS, _SMS],
    "AWS/SQS": [_SQS],
    "AWS/States": [
        _STATE_MACHINES,
        _ACTIVITIES,
        _STATE_FUNCTIONS,
        _STATE_SERVICES,
        _STATES_ACCOUNT,
    ],
}
