"""The commands as a test runs them: `ikm` itself, in this process, against the fake over its socket."""

from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from cli.main import main
from tests.grafana.fake import TOKEN, FakeGrafana
from tests.grafana.publish.committed import ENVIRONMENT, ZONE


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said: exit code, both streams' lines in one text."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Commands:
    """`run("publish", "--dry-run")` against a Grafana; `folder` are the files, `fake` is the server."""

    fake: FakeGrafana
    url: str
    folder: Path
    token_file: Path

    def run(self, name: str, *options: str, zone: str | None = ZONE, **environment: str) -> Said:
        where = ["--url", self.url, "--token-file", str(self.token_file), "--dir", str(self.folder)]
        zones = [] if "--zone" in options or zone is None else ["--zone", zone]
        result = CliRunner(env=ENVIRONMENT | environment).invoke(
            main, ["grafana", name, *where, *zones, *options], catch_exceptions=False
        )
        return Said(result.exit_code, result.output)

    def publish(self, *options: str, **environment: str) -> Said:
        return self.run("publish", *options, **environment)

    def diff(self, *options: str) -> Said:
        return self.run("diff", *options)

    def export(self, *options: str) -> Said:
        return self.run("export", *options)

    def text_of(self) -> dict[str, str]:
        """Every file of the folder, to see what an export changed."""
        return {
            str(file.relative_to(self.folder)): file.read_text("utf-8") for file in sorted(self.folder.rglob("*.*"))
        }


def token_file(folder: Path, token: str = TOKEN, mode: int = 0o600) -> Path:
    file = folder / "token"
    file.write_text(token + "\n", "utf-8")
    file.chmod(mode)
    return file
