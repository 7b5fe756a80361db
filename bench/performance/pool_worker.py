"""A worker with a pool of so many coding processes, to be measured from outside: prints what it took as JSON."""

from __future__ import annotations

import asyncio
import json
import sys

from performance.pool import measured

if __name__ == "__main__":
    print(json.dumps(asyncio.run(measured(int(sys.argv[1])))))
