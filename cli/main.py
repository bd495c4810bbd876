"""`ikm`: one program, every role. A command's file is imported when the command is called."""

import importlib
from typing import NamedTuple

import click


class Entry(NamedTuple):
    """Where a command is, and the line that `ikm --help` shows for it."""

    module: str
    attribute: str
    summary: str


COMMANDS: dict[str, Entry] = {
    "up": Entry("cli.up", "up", "Start everything on this machine: Kafka, worker, API with sink."),
    "worker": Entry("cli.roles", "worker", "Run a worker: answers to live figures."),
    "api": Entry("cli.roles", "api", "Run the API: answers in, figures and pages out."),
    "sink": Entry("cli.roles", "sink", "Run the sink: topics to a ClickHouse server."),
    "import": Entry("cli.import_", "import_", "Import answers from a file."),
    "registry": Entry("cli.registry", "registry", "Keep the register of units in files."),
    "simulate": Entry("cli.simulate", "simulate", "Simulate a city's answers."),
    "verify": Entry("cli.verify", "verify", "Recompute every figure from the raw events and compare."),
    "replay": Entry("cli.replay", "replay", "Fold the log again from its beginning."),
    "grafana": Entry("cli.grafana", "grafana", "Publish boards and alert rules to a Grafana that somebody else runs."),
    "keys": Entry("cli.keys", "keys", "Create API keys."),
    "clickhouse": Entry("cli.clickhouse", "clickhouse", "Make the users of a ClickHouse server who read the views."),
    "topics": Entry("cli.topics", "topics", "Create and assert the topics."),
    "faults": Entry("cli.faults", "faults", "List the labelled crash points."),
}

HIDDEN: dict[str, Entry] = {
    "sample": Entry("cli.sample", "sample", "What `ikm up` runs as its sample: the real rows, then the city."),
}


class LazyGroup(click.Group):
    """Finds its commands in the table above and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """The names, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        """Import one command; None when there is none of that name."""
        entry = COMMANDS.get(cmd_name) or HIDDEN.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = getattr(importlib.import_module(entry.module), entry.attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's signature
        """The list in `ikm --help`, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


@click.group(cls=LazyGroup)
@click.version_option(package_name="ikm")
def main() -> None:
    """Every answer to a public-satisfaction survey (SKM), live and exact, as an index (IKM) per service unit."""


if __name__ == "__main__":
    main(prog_name="ikm")
