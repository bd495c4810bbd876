import subprocess
import sys
from pathlib import Path
from typing import Any

from ikm.events import Response


def start_and_stop(kafka: str, cwd: Path) -> str:
    """Runs `ikm sample` until the city is live; what it said."""
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "cli.main", "sample", "--rate", "20"],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "IKM_KAFKA_BOOTSTRAP": kafka},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        process.terminate()
    return said


async def test_the_sample_is_there_once_however_often_it_starts(
    kafka: str, log_epoch: int, log_since: Any, tmp_path: Path
) -> None:
    _, before = await log_since()
    assert "now 20 a second" in start_and_stop(kafka, tmp_path)
    events, between = await log_since(before)
    sekadau = [event for event in events if event.unit == "sekadau"]
    assert len(sekadau) == 49
    assert {event.submitted_at for event in sekadau if isinstance(event, Response)} == {1_546_275_600_000}

    assert start_and_stop(kafka, tmp_path).startswith("0 answers of the past")
    later, _ = await log_since(between)
    assert all(event.id.startswith("7-live-") for event in later)
