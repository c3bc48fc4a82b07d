# The bot in a small image: docker build -t readalso . (docs/deployment.md)
# 3.11 to 3.14 all do; make package looks whether every library comes ready-made for each.
FROM python:3.13-slim AS build
RUN pip install --quiet --no-cache-dir --disable-pip-version-check --root-user-action=ignore uv==0.13.9
ENV UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/app UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
WORKDIR /src
COPY pyproject.toml uv.lock ./
# --build-arg EXTRAS="--extra embeddings": stories are compared by meaning too, for 95 MB.
ARG EXTRAS=""
# The libraries first: they change less often than the code and the README.
RUN uv sync --quiet --locked --no-dev --no-install-project ${EXTRAS}
COPY hatch_build.py README.md LICENSE ./
COPY bot ./bot
COPY bot_playground ./bot_playground
COPY migrations ./migrations
# --build-arg COMMIT="$(git rev-parse HEAD)": the version then names it.
ARG COMMIT=""
RUN COMMIT=${COMMIT} uv sync --quiet --locked --no-dev --no-editable ${EXTRAS}

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin readalso \
 && install -d -o readalso -g readalso -m 0700 /data
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DATABASE=/data/readalso.db HTTP_LISTEN=127.0.0.1:8080
USER readalso
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
# Whether the process lives; what is not ready, a restart would not mend. HTTP_LISTEN=off: no check.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as r; at = os.environ['HTTP_LISTEN']; at == 'off' or r.urlopen('http://127.0.0.1:' + at.rpartition(':')[2] + '/healthz/live', timeout=8)"]
ENTRYPOINT ["readalso"]
CMD ["run"]
