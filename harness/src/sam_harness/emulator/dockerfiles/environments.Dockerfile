# LocalStack's environment and the Lambda runtime's, side by side as when embedded.
# Nothing is downloaded here: what the lock files name is installed outside and copied.
ARG BASE_IMAGE=python:3.13-slim
FROM ${BASE_IMAGE}
RUN python3 -m venv --without-pip /opt/localstack \
    && python3 -m venv --without-pip /opt/lambda-runtime
COPY lambda-runtime /opt/lambda-runtime/lib/python3.13/site-packages
COPY localstack /opt/localstack/lib/python3.13/site-packages
# The root is read-only when it runs, so nothing could keep bytecode then. Left out is
# what is large and not imported by the services that we use.
RUN python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash \
    -x '/(sympy|networkx|mpmath|pygments|cfnlint|docutils|setuptools|awscli)/' /opt \
    >/dev/null
# The index of services that LocalStack would otherwise make in each container.
RUN mkdir -p /etc/localstack/init /usr/lib/localstack /var/lib/localstack \
    && FILESYSTEM_ROOT=/ OVERRIDE_IN_DOCKER=0 /opt/localstack/bin/python -B \
    -m localstack.aws.spec
