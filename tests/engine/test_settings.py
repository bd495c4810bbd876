"""Settings refuse bad values; a crash point kills at its nth time and no other."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from cli.main import COMMANDS, main
from runtime import crash
from runtime.settings import Settings, default_cache_dir


@pytest.fixture(autouse=True)
def no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"IKM_{name.upper()}", raising=False)


def test_what_is_not_said_follows_from_the_data_dir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IKM_DATA_DIR", "here")
    settings = Settings()
    assert settings.data_dir == tmp_path / "here"
    assert settings.clickhouse == f"chdb://{tmp_path}/here/clickhouse"
    assert settings.embedded_store
    assert settings.admin_key_file == tmp_path / "here" / "admin.key"


def test_the_environment_goes_before_the_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("IKM_API_PORT=9001\nIKM_LAG_LIMIT=5\n", encoding="utf-8")
    monkeypatch.setenv("IKM_API_PORT", "9002")
    settings = Settings()
    assert (settings.api_port, settings.lag_limit) == (9002, 5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IKM_API_PORT", "0"),
        ("IKM_API_PORT", "http"),
        ("IKM_CLICKHOUSE", "mysql://x"),
        ("IKM_CLICKHOUSE", "chdb://relative"),
        ("IKM_CRASH_AT", "worker.nowhere"),
        ("IKM_CRASH_AT", "worker.after_pages:0"),
        ("IKM_LOG_LEVEL", "loud"),
    ],
)
def test_a_bad_value_is_refused_and_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings()
    refused = CliRunner().invoke(main, ["worker"])
    assert refused.exit_code == 1
    assert f"{name}={value}" in refused.output
    assert refused.output.count("\n") == 1


def test_the_cache_has_a_home_without_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "")
    assert default_cache_dir().is_absolute()
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert default_cache_dir() == Path("/x/ikm")


def test_a_crash_point_kills_at_its_nth_time_only() -> None:
    program = (
        "from runtime.crash import arm, crash_point\n"
        "arm('sink.after_insert:3')\n"
        "for n in range(1, 9):\n"
        "    print(n, flush=True)\n"
        "    crash_point('sink.before_insert')\n"
        "    crash_point('sink.after_insert')\n"
    )
    died = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert died.returncode == -9
    assert died.stdout.split() == ["1", "2", "3"]


def test_faults_lists_every_label() -> None:
    listed = CliRunner().invoke(main, ["faults"]).output
    assert [line.split()[0] for line in listed.splitlines()] == [label for label, _ in crash.LABELS]


def test_help_lists_every_command_and_each_has_its_own(tmp_path: Path) -> None:
    listed = CliRunner().invoke(main, ["--help"]).output
    for name in COMMANDS:
        assert f"\n  {name} " in listed
        own = CliRunner().invoke(main, [name, "--help"])
        assert own.exit_code == 0, own.output


def test_verify_without_a_system_could_not_compare() -> None:
    assert CliRunner().invoke(main, ["verify"]).exit_code == 2
