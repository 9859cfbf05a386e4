"""Starts LocalStack with our plugin in it, or finds one that runs already.

What is done with a LocalStack (deploying, testing) belongs elsewhere, and what runs
inside it into `sam_harness.localstack`.
"""
