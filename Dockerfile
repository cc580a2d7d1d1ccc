# Stages: compilers and npm build, and stay behind.
FROM node:22-bookworm-slim AS pages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.11-slim-bookworm AS build
RUN apt-get update \
 && apt-get install --no-install-recommends -y gcc libc6-dev libpq-dev
COPY requirements/prod.txt /tmp/
# psycopg2 is the only package without a wheel.
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r /tmp/prod.txt

FROM python:3.11-slim-bookworm
# postgresql-client-15: pg_dump of the server's own version, for manage.py backup.
RUN apt-get update \
 && apt-get install --no-install-recommends -y libpq5 postgresql-client-15 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --create-home reform \
 && install -d -o reform -g reform /srv/media /srv/beat /srv/static /srv/backups /srv/trail /srv/sms
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
COPY --from=pages /app/node_modules node_modules
ARG RELEASE=
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    REFORM_ENV=production \
    RELEASE=$RELEASE \
    STATIC_ROOT=/app/collected \
    MEDIA_ROOT=/srv/media \
    BEAT_SCHEDULE=/srv/beat/schedule
# Collecting reads settings, not secrets: these live for one command.
RUN SECRET_KEY=build ALLOWED_HOSTS=build DATABASE_URL=sqlite:////tmp/build REDIS_URL=redis://build \
    MEDIA_ROOT=/tmp/media python manage.py collectstatic --no-input --verbosity 0 \
 && rm -rf /tmp/media node_modules
USER reform
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "-m", "bin.healthy"]
CMD ["gunicorn", "reform.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--timeout", "120", "--graceful-timeout", "30", "--keep-alive", "35", "--preload", "--max-requests", "20000", "--max-requests-jitter", "2000", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
