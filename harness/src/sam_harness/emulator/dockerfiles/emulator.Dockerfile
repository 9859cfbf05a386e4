# The environments, and the harness's plugin: rebuilt in a second when that changes.
ARG ENVIRONMENTS
FROM ${ENVIRONMENTS}
COPY plugin /opt/harness
RUN python3 -m compileall -q --invalidation-mode unchecked-hash /opt/harness
USER 10001:10001
WORKDIR /tmp
# Takes what to run from standard input, and ends when that closes.
ENTRYPOINT ["/opt/localstack/bin/python", "-I", "-S", \
    "/opt/harness/sam_harness/processes.py"]
