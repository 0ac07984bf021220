FROM python:3.13-slim

# What the city keeps lives in the database, and its files in a volume, which begins as this user's.
RUN useradd --create-home gridwarden && install --directory --owner=gridwarden --mode=0700 /home/gridwarden/files
WORKDIR /srv/gridwarden
COPY . .
RUN pip install --no-cache-dir '.[routing]' && rm -rf build *.egg-info

USER gridwarden
WORKDIR /home/gridwarden
# The joins compiled beforehand, by the user who runs them: numba takes a cache only where it may write. It is the machine
# code of the processor built on; another kind compiles once more at its first large batch, twenty seconds.
RUN python -m gis_core.joins.warming
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]

# 0.0.0.0 is the container's inside; docker-compose.yml publishes it on the host's loopback only.
CMD ["gridwarden", "serve", "--host", "0.0.0.0"]
