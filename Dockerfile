# One image for every process; docker-compose.yml says which one a container runs.

# The dashboard's styles and scripts.
FROM node:22-bookworm-slim AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY leads/dashboard/assets leads/dashboard/assets
RUN npm run build

# The packages of uv.lock and our own. Everything has a wheel, so no stage needs a compiler. The
# embedded servers stay out: PostgreSQL and Redis are services of their own.
FROM python:3.11-slim-bookworm AS app
ENV UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1
WORKDIR /app
RUN pip install --no-cache-dir --root-user-action ignore uv==0.13.9
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev --no-install-project
COPY README.md LICENSE ringback.py ./
COPY leads leads
COPY webhooks webhooks
COPY workers workers
COPY services services
COPY docker docker
RUN uv sync --frozen --no-dev

# What runs: the code belongs to root, the process does not.
FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/ringback --shell /usr/sbin/nologin ringback \
    && install -d -o ringback -g ringback -m 0700 /var/lib/ringback \
    && install -d -o ringback -g ringback -m 0755 /run/secrets
WORKDIR /app
COPY --from=app /app /app
COPY --from=assets /app/leads/dashboard/static leads/dashboard/static
# Time zones come from the package tzdata in uv.lock where the system has none.
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 RINGBACK_HOME=/var/lib/ringback
USER ringback
CMD ["ringback", "--help"]
