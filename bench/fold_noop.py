"""The peer of the full job: a stock Faust agent on Faust's own transport that reads each value and does nothing.

`json`: the topic as Faust declares it by default, which parses the value; `bytes`: one that hands it on as it is.
"""

import asyncio
import os
import sys

import faust

from bench.stopwatch import Stopwatch
from runtime.topics import RESPONSES


async def main(bootstrap: str, total: int, values: str) -> None:
    app = faust.App(
        f"ikm-bench-noop-{values}",
        broker=f"kafka://{bootstrap}",
        store="memory://",
        web_enabled=False,
        autodiscover=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        topic_partitions=RESPONSES.partitions,
    )
    finished = asyncio.Event()
    watch = Stopwatch()

    types = {} if values == "json" else {"key_type": bytes, "value_type": bytes}

    @app.agent(app.topic(RESPONSES.name, **types))
    async def read(stream) -> None:  # noqa: ANN001  Faust gives no type
        done = size = 0
        async for value in stream:
            watch.begin()
            size += len(value)
            done += 1
            if done == total:
                finished.set()

    app.finalize()
    await app.start()
    await finished.wait()
    print(watch.line(total), flush=True)
    os._exit(0)


asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
