"""Apache Kafka itself for the tests, without Docker: its artifacts from a Maven repository, run by the machine's Java.

`DYADS_TEST_BROKER=apache pytest tests/topics/conformance` starts one for the tests; `make test-kafka` runs all that is
meant to run on it. The artifacts are fetched once, by Maven, and checked against `artifacts.sha256` at every use.
"""
