"""`ikm faults`."""

import click

from runtime.crash import LABELS


@click.command()
def faults() -> None:
    """List the labelled crash points.

    IKM_CRASH_AT=<label>[:nth] makes a role kill itself (SIGKILL) when it passes that point for the nth time. `ikm up`
    passes it to the first start of each child only, so that what it starts again goes on.
    """
    width = max(len(label) for label, _ in LABELS)
    for label, meaning in LABELS:
        click.echo(f"{label:<{width}}  {meaning}")
