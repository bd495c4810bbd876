FROM python:3.11-slim
WORKDIR /opt/ikm
COPY requirements.lock pyproject.toml ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e . \
 && useradd --create-home ikm && install -d -o ikm /var/lib/ikm
USER ikm
CMD ["ikm", "--help"]
