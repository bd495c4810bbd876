"""A Kafka of the measurement's own, and children that measure themselves and print one JSON line."""

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from runtime import kafka
from runtime.local import broker, jars, ports
from runtime.local.leash import leashed
from runtime.settings import default_cache_dir
from runtime.topics import TOPICS, ensure_topics

CHILD_MAY_TAKE_S = 240
READY = "ready"
"""A child that says so goes on when it is sent a line."""


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
    done = subprocess.run(
        _command(module, arguments), input="\n", capture_output=True, text=True, timeout=CHILD_MAY_TAKE_S, check=False
    )
    return _result(module, done.returncode, done.stdout, done.stderr)


async def measured_together(
    module: str, count: int, *arguments: object, at_go: Callable[[], None]
) -> list[dict[str, Any]]:
    """The same with so many children at once, which go on when the last of them is ready; `at_go` is called then."""
    pipe, command = asyncio.subprocess.PIPE, _command(module, arguments)
    with contextlib.ExitStack() as stack:
        errors = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(count)]
        children = []
        for error in errors:
            child = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=error)
            stack.callback(_end, child)
            children.append(child)
        async with asyncio.timeout(CHILD_MAY_TAKE_S):
            for child in children:
                await child.stdout.readuntil(f"{READY}\n".encode())
            at_go()
            done = await asyncio.gather(*(child.communicate(b"\n") for child in children))
        results = []
        for child, error, (output, _) in zip(children, errors, done, strict=True):
            error.seek(0)
            results.append(_result(module, child.returncode, output.decode(), error.read().decode()))
        return results


def _command(module: str, arguments: Iterable[object]) -> list[str]:
    return leashed([sys.executable, "-m", f"bench.{module}", *map(str, arguments)])


def _result(module: str, status: int | None, output: str, errors: str) -> dict[str, Any]:
    lines = output.splitlines()
    if status != 0 or not lines:
        raise RuntimeError(f"{module} ended with status {status}: {errors[-2000:]}")
    result: dict[str, Any] = json.loads(lines[-1])
    return result


def _end(child: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        child.kill()
