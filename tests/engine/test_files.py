"""The files around the program say what the program says."""

from pathlib import Path

import yaml

from cli.main import COMMANDS
from runtime import crash
from runtime.local import jars
from runtime.settings import Settings, env_example

ROOT = Path(__file__).parents[2]


def test_env_example_is_generated() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == env_example()


def test_compose_runs_kafka_clickhouse_and_every_role_with_known_settings() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    commands = {role: ["ikm", role] for role in ("worker", "api", "sink")} | {
        "verify": ["ikm", "verify", "--continuous"],
        "clickhouse-users": ["ikm", "clickhouse", "users"],
    }
    assert set(services) == {"kafka", "clickhouse", "grafana", *commands}
    for service, command in commands.items():
        assert services[service]["command"] == command
        assert command[1] in COMMANDS
        for name in services[service]["environment"]:
            assert name.removeprefix("IKM_").lower() in Settings.model_fields


def test_compose_runs_the_kafka_of_the_lock_file() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    locked = next(jar.version for jar in jars.locked() if jar.artifact == "kafka_2.13")
    assert services["kafka"]["image"].endswith(f":{locked}")


def test_the_jar_lock_is_of_this_jgo_toml_and_has_one_log4j() -> None:
    from jgo.env import LockFile, compute_spec_hash

    assert LockFile.load(ROOT / "jgo.lock.toml").spec_hash == compute_spec_hash(ROOT / "jgo.toml")
    assert len({jar.version for jar in jars.locked() if jar.artifact.startswith("log4j-")}) == 1
    assert all(len(jar.sha256) == 64 for jar in jars.locked())


def test_crash_labels_are_unique_and_each_says_what_it_means() -> None:
    labels = [label for label, _ in crash.LABELS]
    assert len(set(labels)) == len(labels)
    assert all(meaning for _, meaning in crash.LABELS)


def test_no_lock_file_names_a_host() -> None:
    locks = [
        path for name in ("requirements.lock", "*.lock.toml", "scripts/*/package-lock.json") for path in ROOT.glob(name)
    ]
    assert len(locks) == 4
    assert [path.name for path in locks if "://" in path.read_text(encoding="utf-8")] == []
