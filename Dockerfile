FROM python:3.12-slim

WORKDIR /friction
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY classifiers classifiers
COPY storage storage
RUN pip install --no-cache-dir --no-deps --no-build-isolation . \
    && useradd --create-home friction
USER friction
# Comparing reports is many small products; on a busy machine OpenBLAS's threads wait for each other longer than they work.
ENV OPENBLAS_NUM_THREADS=1
# The first start fits the classifier, in a few seconds; here it is done once for all of them.
RUN friction classify "the docs are wrong" > /dev/null
EXPOSE 3000
CMD ["friction", "run"]
