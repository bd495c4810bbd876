"""Children are restarted when they end, never when they are stopped, and never survive their supervisor."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from runtime.local import datadir
from runtime.local.datadir import DataDir, explained
from runtime.local.errors import StartError
from tests.engine.watching import eventually, gone, pids

ROOT = Path(__file__).parents[2]


def launch(root: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.engine.watching", str(root)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    process = launch(tmp_path)
    try:
        eventually(lambda: pids(tmp_path), "the supervisor is ready")
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_child_that_ends_is_started_again_without_its_crash_point(
    supervisor: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    log = tmp_path / "logs" / "crashing.log"
    eventually(lambda: log.read_text(encoding="utf-8").split() == ["armed", "True", "armed", "False"], "it runs again")
    before = eventually(lambda: (now := pids(tmp_path)) and not gone(now["crashing"]) and now, "its new pid")
    os.kill(before["crashing"], signal.SIGKILL)
    after = eventually(
        lambda: (now := pids(tmp_path))["crashing"] != before["crashing"] and now, "endpoints.json has the new pid"
    )
    assert after["stubborn"] == before["stubborn"]
    assert not gone(after["crashing"])
    assert log.read_text(encoding="utf-8").count("armed True") == 1


def test_a_child_that_is_merely_stopped_is_left_alone(supervisor: "subprocess.Popen[str]", tmp_path: Path) -> None:
    log = tmp_path / "logs" / "crashing.log"
    eventually(lambda: "armed False" in log.read_text(encoding="utf-8"), "the other one runs for good")
    stopped = pids(tmp_path)["stubborn"]
    os.kill(stopped, signal.SIGSTOP)
    eventually(lambda: psutil.Process(stopped).status() == psutil.STATUS_STOPPED, "it is stopped")
    other = eventually(lambda: not gone(pid := pids(tmp_path)["crashing"]) and pid, "its pid is in endpoints.json")
    os.kill(other, signal.SIGKILL)
    eventually(lambda: pids(tmp_path)["crashing"] != other, "the supervisor has looked at every child since")
    assert pids(tmp_path)["stubborn"] == stopped
    assert psutil.Process(stopped).status() == psutil.STATUS_STOPPED


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_takes_less_than_five_seconds_though_a_child_is_stubborn(
    supervisor: "subprocess.Popen[str]", tmp_path: Path, number: signal.Signals
) -> None:
    children = pids(tmp_path)
    begun = time.monotonic()
    supervisor.send_signal(number)
    assert supervisor.wait(timeout=30) == 0
    assert time.monotonic() - begun < 5
    assert all(gone(pid) for pid in children.values())


def test_a_killed_supervisor_leaves_no_child_behind_and_the_directory_free(
    supervisor: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    children = pids(tmp_path)
    os.kill(children["stubborn"], signal.SIGSTOP)
    supervisor.kill()
    supervisor.wait()
    with DataDir(tmp_path).claim():
        assert all(gone(pid) for pid in children.values())


def test_a_directory_in_use_is_refused_in_one_line_with_the_pid(
    supervisor: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    second = launch(tmp_path)
    output, _ = second.communicate(timeout=60)
    assert second.returncode == 1
    assert f"in use by `ikm up` with pid {supervisor.pid}" in output
    assert "--data-dir" in output
    assert output.count("\n") == 1
    assert pids(tmp_path)


def test_a_directory_that_cannot_be_one_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match=r"cannot be used .*--data-dir") as refused:
        DataDir(tmp_path / "file" / "data").prepare()
    assert "\n" not in str(refused.value)


def test_a_full_disk_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StartError, match=r"disk of .*is full .*--data-dir"), explained(tmp_path):
        Path("/dev/full").write_text("x")
    monkeypatch.setattr(datadir, "NEEDED_BYTES", 2**62)
    with pytest.raises(StartError, match=r"disk of .*is full \(\d+ MB free, \d+ MB needed\).*--data-dir"):
        DataDir(tmp_path).prepare()
