"""Every setting of every role: a field, its default, what it means. `.env.example` is generated from this class."""

import os
import pwd
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from runtime import crash

Port = Annotated[int, Field(ge=1, le=65535)]


def default_cache_dir() -> Path:
    """`$XDG_CACHE_HOME/ikm`, else `~/.cache/ikm`, also where HOME is not set."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    home = os.environ.get("HOME") or pwd.getpwuid(os.getuid()).pw_dir
    return (Path(base) if Path(base).is_absolute() else Path(home) / ".cache") / "ikm"


class Settings(BaseSettings):
    """Read from the environment (`IKM_<FIELD>`), then from `.env` in the working directory; a bad value is refused."""

    model_config = SettingsConfigDict(env_prefix="IKM_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(default=Path(".ikm"), description="where `ikm up` keeps log, store, keys and endpoints.json")
    cache_dir: Path = Field(
        default_factory=default_cache_dir,
        description="where the local broker's jars are kept; default $XDG_CACHE_HOME/ikm or ~/.cache/ikm",
    )
    kafka_bootstrap: str = Field(
        default="127.0.0.1:9092", min_length=1, description="Kafka's addresses, host:port, comma separated"
    )
    kafka_replication: int = Field(
        default=1, ge=1, le=16, description="copies of each partition of a topic that ikm creates; 3 in production"
    )
    clickhouse: str = Field(
        default="",
        description="chdb:///path (in the API's process) or http://user:password@host:8123; default chdb in data_dir",
    )
    grafana_password: SecretStr = Field(
        default=SecretStr(""), description="for `ikm clickhouse users`: of ikm_grafana, who reads the views"
    )
    public_password: SecretStr = Field(
        default=SecretStr(""), description="for `ikm clickhouse users`: of ikm_public, who reads those for the public"
    )
    api_host: str = Field(default="127.0.0.1", description="address on which the API listens")
    api_port: Port = Field(default=8000, description="port on which the API listens")
    admin_key_file: Path = Field(
        default=Path(), description="file of the admin key, mode 0600; default data_dir/admin.key"
    )
    lag_limit: int = Field(
        default=10_000, ge=0, description="records that the worker may lie behind before /health/ready says 503"
    )
    metrics_port: int = Field(
        default=0, ge=0, le=65535, description="port of the metrics of worker and sink; 0 switches it off"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="least level logged")
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto", description="auto = console on a terminal, JSON elsewhere"
    )
    crash_at: str = Field(
        default="", description="<label>[:nth]: die by SIGKILL at a labelled point, for tests (`ikm faults` lists them)"
    )

    @field_validator("crash_at")
    @classmethod
    def _known_crash_point(cls, spec: str) -> str:
        if spec:
            crash.parse(spec)
        return spec

    @field_validator("clickhouse")
    @classmethod
    def _known_store(cls, url: str) -> str:
        parts = urlsplit(url)
        is_embedded = parts.scheme == "chdb" and not parts.netloc and len(parts.path) > 1
        if not is_embedded and not (parts.scheme in {"http", "https"} and parts.hostname):
            raise ValueError("must be chdb:///absolute/path or http://user:password@host:8123")
        return url

    @model_validator(mode="before")
    @classmethod
    def _derive_from_data_dir(cls, values: dict[str, Any]) -> dict[str, Any]:
        data_dir = Path(values.get("data_dir") or ".ikm").expanduser().absolute()
        return {
            **values,
            "data_dir": data_dir,
            "clickhouse": values.get("clickhouse") or f"chdb://{data_dir / 'clickhouse'}",
            "admin_key_file": values.get("admin_key_file") or data_dir / "admin.key",
        }

    @property
    def embedded_store(self) -> bool:
        """True when ClickHouse's engine runs inside the API's process, and so the sink must too."""
        return self.clickhouse.startswith("chdb:")


def env_example() -> str:
    """The text of `.env.example`: every setting with its meaning and its default, commented out."""
    lines = ["# Generated from runtime/settings.py by `make env`; a test compares. Uncomment what you change."]
    for name, field in Settings.model_fields.items():
        fixed = field.default_factory is None and field.default not in ("", Path())
        lines += ["", f"# {field.description}", f"# IKM_{name.upper()}={field.default if fixed else ''}"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(".env.example").write_text(env_example(), encoding="utf-8")
