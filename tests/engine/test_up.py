"""`ikm up` with everything real: what it starts, what it survives, what it leaves behind."""

import asyncio
import json
import os
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from runtime import kafka as clients
from tests.engine.watching import eventually, gone, pids

IKM = Path(__file__).parents[2] / ".venv" / "bin" / "ikm"
NAMES = {"supervisor", "kafka", "worker", "api"}
UNIT = {"name": "Loket", "zone": "Asia/Jakarta", "period": "triwulan"}
ITEMS = ("persyaratan", "prosedur", "waktu", "biaya", "produk", "kompetensi", "perilaku", "sarana", "pengaduan")


class Up:
    """An `ikm up` that a test started."""

    def __init__(self, root: Path, *arguments: str, **environment: str) -> None:
        self.root = root
        self.output = root.with_name(f"{root.name}.out")
        command = [IKM, "up", "--data-dir", root, "--port", "0", "--no-sample", *arguments]
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                command, env={**os.environ, **environment}, stdout=output, stderr=output, cwd=root.parent
            )

    def endpoints(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.root / "endpoints.json").read_text(encoding="utf-8"))
        return found

    def ready(self) -> "Up":
        mine = self.process.pid
        eventually(lambda: self.process.poll() is not None or pids(self.root).get("supervisor") == mine, "ready", 120)
        assert self.process.poll() is None, self.output.read_text(encoding="utf-8")
        return self

    def client(self) -> httpx.Client:
        key = (self.root / "admin.key").read_text(encoding="utf-8").strip()
        return httpx.Client(
            base_url=self.endpoints()["api"], headers={"Authorization": f"Bearer {key}"}, timeout=30, trust_env=False
        )

    def healthy(self) -> bool:
        try:
            return self.client().get("/health/ready").is_success
        except httpx.TransportError:
            return False

    def stop(self, number: signal.Signals = signal.SIGINT) -> float:
        begun = time.monotonic()
        self.process.send_signal(number)
        assert self.process.wait(timeout=30) == 0
        return time.monotonic() - begun

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    running = Up(tmp_path_factory.mktemp("up") / "data")
    try:
        yield running.ready()
    finally:
        running.kill()


def response(number: int) -> dict[str, Any]:
    return {
        "id": f"r{number}",
        "unit": "loket",
        "submitted_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "answers": dict.fromkeys(ITEMS, 4),
    }


def put_unit(up: Up) -> None:
    with up.client() as api:
        answer = eventually(lambda: _success(api, "/v1/units/loket", UNIT), "the unit is registered")
        assert answer.status_code in {200, 201}


def _success(api: httpx.Client, path: str, body: Any) -> httpx.Response | None:
    try:
        answer = api.put(path, json=body)
    except httpx.TransportError:
        return None
    return answer if answer.is_success else None


def counted(up: Up, position: str, n: int) -> None:
    """The figure at a position has n responses; a wait that ends too early is repeated."""

    def look() -> int | None:
        try:
            answer = api.get("/v1/units/loket/index", params={"window": "24h", "after": position})
        except httpx.TransportError:
            return None
        return int(answer.json()["n"]) if answer.is_success else None

    with up.client() as api:
        assert eventually(lambda: look() is not None, "the figure is published")
        assert look() == n


def post(up: Up, *numbers: int) -> str:
    def look() -> str | None:
        try:
            answer = api.post("/v1/responses", json=[response(number) for number in numbers])
        except httpx.TransportError:
            return None
        return str(answer.json()["position"]) if answer.status_code == 202 else None

    with up.client() as api:
        return eventually(look, "the answers are acknowledged")


def test_it_says_where_everything_is(up: Up) -> None:
    endpoints = up.endpoints()
    assert set(endpoints) == {"api", "kafka", "pids"}
    assert set(endpoints["pids"]) == NAMES
    assert endpoints["pids"]["supervisor"] == up.process.pid
    assert {p.pid for p in psutil.Process(up.process.pid).children()} == set(endpoints["pids"].values()) - {
        up.process.pid
    }
    assert up.healthy()
    assert stat.S_IMODE((up.root / "admin.key").stat().st_mode) == 0o600
    printed = up.output.read_text(encoding="utf-8")
    assert endpoints["api"] in printed
    assert endpoints["kafka"] in printed
    token = (up.root / "login.token").read_text(encoding="utf-8").strip()
    link = next(word for word in printed.split() if token in word)
    assert httpx.get(link, trust_env=False).headers["set-cookie"]


@pytest.mark.parametrize("name", ["worker", "api", "kafka"])
def test_a_killed_child_comes_back_and_nothing_is_lost(up: Up, name: str) -> None:
    put_unit(up)
    counted(up, post(up, 1, 2), 2)
    before = up.endpoints()
    os.kill(before["pids"][name], signal.SIGKILL)
    eventually(lambda: pids(up.root)[name] != before["pids"][name], f"{name} is started again")
    after = up.endpoints()
    assert (after["api"], after["kafka"]) == (before["api"], before["kafka"])
    assert {n for n in NAMES if after["pids"][n] != before["pids"][n]} == {name}
    counted(up, post(up, 1, 2), 2)
    eventually(up.healthy, "all is ready again", 120)


def refused_in_one_line(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    refused = subprocess.run([IKM, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode != 0
    assert refused.stderr.count("\n") == 1
    return refused


def test_a_second_one_on_the_same_directory_is_refused(up: Up) -> None:
    second = refused_in_one_line("up", "--data-dir", up.root, "--port", "0")
    assert "in use" in second.stderr
    assert "--data-dir" in second.stderr
    assert pids(up.root)


def test_one_more_worker_joins(up: Up) -> None:
    def members() -> int:
        async def ask() -> int:
            async with clients.admin(up.endpoints()["kafka"]) as admin:
                (group,) = await admin.describe_consumer_groups(["ikm-worker"])
            return len(group.groups[0][5])

        return asyncio.run(ask())

    eventually(lambda: members() == 1, "one worker")
    another = subprocess.Popen([IKM, "worker", "--data-dir", up.root])
    try:
        eventually(lambda: members() == 2, "two workers")
        another.send_signal(signal.SIGTERM)
        assert another.wait(timeout=10) == 0
        eventually(lambda: members() == 1, "it has left")
    finally:
        another.kill()
        another.wait()


def test_a_worker_with_no_system_to_join_says_so(tmp_path: Path) -> None:
    assert "no running system" in refused_in_one_line("worker", "--data-dir", tmp_path).stderr


def test_a_taken_port_is_refused_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        refused = refused_in_one_line("up", "--data-dir", tmp_path / "data", "--port", str(port))
    assert f"port {port} is taken" in refused.stderr
    assert "--port" in refused.stderr


@pytest.mark.parametrize("name", ["a,b", "a?b", "a#b", "a%41", "a\\b"])
def test_a_directory_that_would_be_misread_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    refused = refused_in_one_line("up", "--data-dir", tmp_path / name, "--port", "0")
    assert "--data-dir" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_stop_during_the_start_leaves_nothing(tmp_path: Path) -> None:
    starting = Up(tmp_path / "data")
    try:
        eventually((tmp_path / "data" / "logs" / "kafka.log").exists, "Kafka is being started")
        children = psutil.Process(starting.process.pid).children()
        assert starting.stop(signal.SIGTERM) < 5
        assert all(gone(child.pid) for child in children)
        assert not pids(starting.root)
    finally:
        starting.kill()


def test_it_goes_on_where_it_was_after_a_kill_and_after_a_stop(tmp_path: Path) -> None:
    first = Up(tmp_path / "data").ready()
    try:
        put_unit(first)
        position = post(first, 1, 2, 3)
        children, key = pids(first.root), (first.root / "admin.key").read_text(encoding="utf-8")
        first.kill()
        second = Up(tmp_path / "data").ready()
    finally:
        first.kill()
    try:
        assert all(gone(pid) for pid in children.values())
        assert (second.root / "admin.key").read_text(encoding="utf-8") == key
        counted(second, position, 3)
        counted(second, post(second, 3, 4), 4)
        children = pids(second.root)
        assert second.stop() < 5
        assert all(gone(pid) for pid in children.values())
        assert not pids(second.root)
    finally:
        second.kill()


def test_a_crash_point_kills_once_and_the_system_goes_on(tmp_path: Path) -> None:
    armed = Up(tmp_path / "data", IKM_CRASH_AT="api.after_produce:2").ready()
    try:
        first = pids(armed.root)["api"]
        put_unit(armed)
        counted(armed, post(armed, 1), 1)
        counted(armed, post(armed, 2), 2)
        assert pids(armed.root)["api"] != first
        assert "signal SIGKILL" in armed.output.read_text(encoding="utf-8")
        counted(armed, post(armed, 3), 3)
    finally:
        armed.kill()
