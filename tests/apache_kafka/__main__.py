"""`python -m tests.apache_kafka`: have everything ready that Apache Kafka needs, or say what is missing and exit 1.

`python -m tests.apache_kafka pin`: write artifacts.sha256 anew from what Maven resolves, after a change of pom.xml.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.apache_kafka.artifacts import PINNED, fetch, jars, sums
from tests.apache_kafka.errors import KafkaUnavailable
from tests.apache_kafka.java import java


def main(arguments: list[str]) -> int:
    try:
        if arguments == ["pin"]:
            _pin()
        else:
            print(f"Apache Kafka's jars are in {jars()}, Java is {java()}")
    except KafkaUnavailable as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _pin() -> None:
    with tempfile.TemporaryDirectory() as directory:
        fetch(Path(directory))
        found = sums(Path(directory))
    PINNED.write_text("".join(f"{digest}  {name}\n" for name, digest in found.items()))
    print(f"{PINNED.name}: {len(found)} jars")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
