"""Nothing acknowledged is lost or counted twice, whatever is killed, whenever."""

import asyncio
import os
import random
import signal
import subprocess
from collections.abc import Awaitable, Callable

import pytest

from runtime.crash import LABELS
from runtime.local.leash import leashed
from tests.system.conftest import IKM, System
from tests.system.load import Load

Make = Callable[[], System]
EDGE_CRASHES = [f"{label}:2" for label, _ in LABELS if label.startswith("api.")] + [
    f"{label}:{2 if 'sums' in label else 12}" for label, _ in LABELS if label.startswith("sink.")
]
"""Rounds without answers, before and beside the load, pass most labels of the sink too."""


async def under_load(system: System, seed: int, faults: Callable[[Load], Awaitable[None]]) -> None:
    """Send answers while the faults happen; then every one acknowledged counts once."""
    load = Load(system, seed)
    await load.register()
    sending = asyncio.create_task(load.run())
    try:
        await faults(load)
    finally:
        load.stopping = True
        await sending
    await load.assert_each_counts_once()


async def batches_more(load: Load, count: int) -> None:
    """Wait until so many more batches have been acknowledged."""
    wanted = load.batches + count
    while load.batches < wanted:
        await asyncio.sleep(0.05)


@pytest.mark.timeout(300)
async def test_each_process_killed_at_random_under_load(system: System) -> None:
    async def faults(load: Load) -> None:
        rng = random.Random(11)
        for name in ("worker", "api", "kafka", "worker", "api"):
            await batches_more(load, rng.randint(3, 15))
            old = system.endpoints["pids"][name]
            system.kill(name)
            while system.endpoints["pids"][name] == old:
                await asyncio.sleep(0.05)
        await batches_more(load, 5)

    await under_load(system, 11, faults)


@pytest.mark.timeout(300)
async def test_everything_killed_at_once(system: System) -> None:
    async def faults(load: Load) -> None:
        for _ in range(2):
            await batches_more(load, 10)
            system.kill("worker", "api", "kafka", "supervisor")
            await asyncio.to_thread(system.up)
        await batches_more(load, 5)

    await under_load(system, 12, faults)


@pytest.mark.timeout(300)
async def test_the_supervisor_alone_is_killed(system: System) -> None:
    async def faults(load: Load) -> None:
        await batches_more(load, 10)
        system.kill("supervisor")
        await asyncio.to_thread(system.up)
        await batches_more(load, 5)

    await under_load(system, 13, faults)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("label", EDGE_CRASHES)
async def test_killed_at_a_labelled_point(label: str, make_system: Make) -> None:
    system = make_system()
    system.up(IKM_CRASH_AT=label)

    async def faults(load: Load) -> None:
        while b"api ended (signal SIGKILL)" not in (system.data_dir / "up.log").read_bytes():
            await asyncio.sleep(0.05)
        await batches_more(load, 5)

    await under_load(system, 14, faults)


@pytest.mark.timeout(300)
async def test_a_stopped_worker_whose_work_another_took_over(system: System) -> None:
    async def faults(load: Load) -> None:
        await batches_more(load, 10)
        stopped = system.endpoints["pids"]["worker"]
        os.kill(stopped, signal.SIGSTOP)
        with (system.data_dir / "second.log").open("ab") as output:
            second = subprocess.Popen(
                leashed([*IKM, "worker", "--data-dir", str(system.data_dir)]), stdout=output, stderr=output
            )
        try:
            await batches_more(load, 20)
            load.stopping = True
            assert load.position is not None
            path = f"/v1/units/unit-0/index?window=1h&after={load.position.encode()}"
            assert (await system.retry("GET", path)).status_code == 200
            os.kill(stopped, signal.SIGCONT)
            await load.assert_each_counts_once()
        finally:
            second.kill()
            second.wait()

    await under_load(system, 15, faults)
