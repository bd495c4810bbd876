"""A Kafka of the measurement's own, and children that measure themselves and print one JSON line."""

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runtime import kafka
from runtime.local import broker, jars, ports
from runtime.local.leash import leashed
from runtime.settings import default_cache_dir
from runtime.topics import TOPICS, ensure_topics

CHILD_MAY_TAKE_S = 240


@contextlib.contextmanager
def local_kafka() -> Iterator[str]:
    """A started broker on an empty directory; yields its address."""
    with tempfile.TemporaryDirectory(prefix="ikm-bench-") as home:
        local = broker.LocalBroker(
            Path(home), *ports.free_ports(2), class_path=tuple(jars.class_path(default_cache_dir()))
        )
        local.prepare()
        with (local.home / "stdout").open("wb") as output:
            process = subprocess.Popen(
                leashed(local.command()),
                env=local.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            local.wait_ready(process)
            yield local.bootstrap
        finally:
            process.kill()
            process.wait()


async def fresh_topics(bootstrap: str) -> None:
    """Delete every topic, and with them what groups committed, and make them again."""
    wanted = {topic.name for topic in TOPICS}
    async with kafka.admin(bootstrap) as client:
        present = wanted & set(await client.list_topics())
        if present:
            await client.delete_topics(sorted(present))
        while wanted & set(await client.list_topics()):
            await asyncio.sleep(0.1)
    await ensure_topics(bootstrap)


def measured(module: str, *arguments: object) -> dict[str, Any]:
    """Run `python -m bench.<module>` and read the JSON line that it prints last."""
    command = leashed([sys.executable, "-m", f"bench.{module}", *map(str, arguments)])
    done = subprocess.run(command, capture_output=True, text=True, timeout=CHILD_MAY_TAKE_S, check=False)
    lines = done.stdout.splitlines()
    if done.returncode != 0 or not lines:
        raise RuntimeError(f"{module} ended with status {done.returncode}: {done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(lines[-1])
    return result
