# The server in an image: built from the hashed lock file, run without root, its data in /data.
# Where builds must be the same to the byte, write the base image with its digest.
FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements.txt ./
RUN python -m venv /venv && /venv/bin/python -m pip install --no-cache-dir --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY ledger ledger/
COPY contributions contributions/
COPY allocation allocation/
COPY commissioning commissioning/
COPY exports exports/
COPY api api/
RUN /venv/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation --no-index . \
    && /venv/bin/poolbook --version

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data --no-create-home poolbook && install -d -o poolbook -m 0700 /data
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 POOLBOOK_DATABASE=/data/poolbook.db
USER poolbook
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
CMD ["poolbook", "serve", "--host", "0.0.0.0"]
