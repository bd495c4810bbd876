"""A sink in a process of its own, so that it can really be killed: `python sink_process.py '<json>'`.

The argument: bootstrap, store (dsn), topics (fields of `Topics`), prefix, log, crash (`<label>[:nth]` or ""); if not as
usual count_every_s, how often it counts what became of events, and now_ms, what its clock says.
"""

import asyncio
import json
import sys

from runtime import crash, logging
from runtime.clickhouse import connect
from runtime.clock import system_clock
from sinks import quality
from sinks.sink import Sink, Topics


async def main(spec: dict) -> None:
    logging.configure("debug", "json")
    store = await connect(spec["store"])
    crash.arm(spec["crash"])
    quality.EVERY_S = spec.get("count_every_s", quality.EVERY_S)
    sink = Sink(
        spec["bootstrap"],
        store,
        topics=Topics(**spec["topics"]),
        group_prefix=spec["prefix"],
        log_id=spec["log"],
        clock=(lambda: spec["now_ms"]) if "now_ms" in spec else system_clock,
    )
    await sink.start()
    sys.stdout.write("started\n")
    sys.stdout.flush()
    await sink.wait()


asyncio.run(main(json.loads(sys.argv[1])))
