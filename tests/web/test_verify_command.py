"""`ikm verify --continuous` compares until it is stopped, and says by its exit code how the last comparison ended."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.difference import Difference
from api.verify import CURE, Outcome, Report
from tests.web.serving import Served, serve

EQUAL = Report(Outcome.EQUAL, compared={"units": 3, "positions": {"0": 7}})
DIFFERS = Report(Outcome.DIFFERS, [Difference("loket", "ikm window 1h", "n 3", "n 4")], {"units": 3}, cure=CURE)
UNKNOWN = Report(Outcome.INCOMPARABLE, reason="the archive is behind")


Answering = Callable[[Any], AbstractAsyncContextManager[Served]]


@pytest.fixture
def answering(kafka: str, log_epoch: int, tmp_path: Path, history: Any) -> Answering:
    """An API that answers a request to verify with what a function returns."""
    return lambda verify: serve(kafka, log_epoch, tmp_path / "api", history, wait_ready=False, verify=verify)


@asynccontextmanager
async def comparing(served: Served, home: Path, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    address = httpx.URL(served.url)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "cli.main", "verify", "--continuous", *arguments,
        cwd=home, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env={
            "PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1", "IKM_API_HOST": address.host,
            "IKM_API_PORT": str(address.port), "IKM_ADMIN_KEY_FILE": str(served.reads.settings.admin_key_file),
        },
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def lines(process: asyncio.subprocess.Process, count: int) -> list[str]:
    assert process.stdout is not None
    async with asyncio.timeout(60):
        return [(await process.stdout.readline()).decode().rstrip() for _ in range(count)]


@pytest.mark.parametrize(
    ("reports", "stop", "ending"),
    [
        (
            (DIFFERS, EQUAL), signal.SIGINT,
            (0, ["loket: ikm window 1h: expected n 3, found n 4",
                 "1 differences in 1 units (3 units); cure: ikm replay", "equal: 3 units"]),
        ),
        (
            (EQUAL, DIFFERS), signal.SIGINT,
            (1, ["equal: 3 units", "loket: ikm window 1h: expected n 3, found n 4",
                 "1 differences in 1 units (3 units); cure: ikm replay"]),
        ),
        ((EQUAL, UNKNOWN), signal.SIGTERM, (2, ["equal: 3 units", "could not compare: the archive is behind"])),
    ],
)  # fmt: skip
async def test_it_ends_with_the_last_outcome(
    answering: Answering, tmp_path: Path, reports: tuple[Report, ...], stop: int, ending: tuple[int, list[str]]
) -> None:
    status, printed = ending
    said: Iterator[Report] = iter(reports)

    async def verify() -> dict[str, Any]:
        report = next(said, None)
        if report is None:
            await asyncio.Event().wait()  # the third one is under way when it is stopped
            raise AssertionError
        return report.to_json()

    async with answering(verify) as served, comparing(served, tmp_path, "--every", "1s") as process:
        found = await lines(process, len(printed))
        process.send_signal(stop)
        assert await asyncio.wait_for(process.wait(), 30) == status
        assert process.stdout is not None
        assert await process.stdout.read() == b""
    assert [line.partition("Z ")[2] for line in found] == printed


async def test_as_json_it_is_a_line_each(answering: Answering, tmp_path: Path) -> None:
    async def verify() -> dict[str, Any]:
        return EQUAL.to_json()

    async with answering(verify) as served, comparing(served, tmp_path, "--every", "1s", "--json") as process:
        found = [json.loads(line) for line in await lines(process, 2)]
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 30) == 0
    assert [{key: value for key, value in line.items() if key != "at"} for line in found] == [EQUAL.to_json()] * 2
    assert found[0]["at"] < found[1]["at"]


@pytest.mark.parametrize("every", ["5", "0s", "-1m", "5 m", "1d", ""])
async def test_a_time_that_is_none_is_refused_with_the_cure(tmp_path: Path, every: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "cli.main", "verify", "--continuous", "--every", every,
        cwd=tmp_path, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await process.communicate()
    assert process.returncode == 2
    assert b"such as 5m" in said
