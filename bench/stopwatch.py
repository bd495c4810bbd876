"""From the first record to the last: wall time, and this process's CPU time, which a busy machine moves less."""

import json
import time


class Stopwatch:
    """`begin` counts once, however often it is called."""

    def __init__(self) -> None:
        self._wall = 0.0
        self._cpu = 0.0

    def begin(self) -> None:
        if not self._wall:
            self._wall, self._cpu = time.perf_counter(), time.process_time()

    def line(self, records: int) -> str:
        """What `bench.engine` reads; `began` is of a clock that all processes of a machine share."""
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        return json.dumps({"records": records, "seconds": wall, "cpu": cpu, "began": self._wall})
