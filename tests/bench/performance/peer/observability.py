"""One logger, tracer and metrics for all modules."""

import os

from aws_lambda_powertools import Logger, Metrics, Tracer

logger = Logger()
tracer = Tracer()
metrics = Metrics()
metrics.set_default_dimensions(stage=os.environ["STAGE"])
