"""`ikm worker`, `ikm api`, `ikm sink`: each role composed once, from settings alone."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import uvloop
from aiokafka.errors import KafkaConnectionError

from cli.options import data_dir_option, running, settings_of
from runtime import crash, logging, metrics
from runtime.settings import Settings
from runtime.topics import TopicError

BACKLOG = 2048


@click.command()
@data_dir_option("join the system that runs in this directory, as one more worker")
def worker(data_dir: Path | None) -> None:
    """Run a worker: it folds its share of the partitions into live figures.

    Kafka is what IKM_KAFKA_BOOTSTRAP names, or that of the system in --data-dir. SIGTERM stops it in order.
    """
    settings = running(data_dir) if data_dir else settings_of()
    from stream_processors.worker import run  # noqa: PLC0415  a role imports its own engine only

    _begin(settings)
    _show_metrics(settings)
    with _explained(settings):
        sys.exit(uvloop.run(run(settings)))


@click.command()
def api() -> None:
    """Run the API: answers in, figures, stream and pages out; with a chdb store the sink runs inside it."""
    settings = settings_of()
    from cli.compose import serve_api  # noqa: PLC0415  a role imports its own engine only

    _begin(settings)
    with _explained(settings), _listen(settings) as listener:
        uvloop.run(serve_api(settings, listener))


@click.command()
def sink() -> None:
    """Run the sink: responses, buckets and units go to the ClickHouse server that IKM_CLICKHOUSE names."""
    settings = settings_of()
    if settings.embedded_store:
        raise click.ClickException(
            f"IKM_CLICKHOUSE={settings.clickhouse} is a store inside the API's process, which alone may open it: run "
            "`ikm api`, which has the sink, or name a server: IKM_CLICKHOUSE=http://user:password@host:8123"
        )
    from cli.compose import run_sink  # noqa: PLC0415  a role imports its own engine only

    _begin(settings)
    _show_metrics(settings)
    with _explained(settings):
        uvloop.run(run_sink(settings))


def _begin(settings: Settings) -> None:
    """What every role does first: logs, the armed crash point."""
    logging.configure(settings.log_level, settings.log_format)
    crash.arm(settings.crash_at)


def _show_metrics(settings: Settings) -> None:
    try:
        metrics.serve(settings.metrics_port)
    except OSError as error:
        raise click.ClickException(
            f"metrics cannot be shown on port {settings.metrics_port} ({error.strerror}): set IKM_METRICS_PORT to a "
            "free one for each process, or to 0"
        ) from error


def _listen(settings: Settings) -> socket.socket:
    """The API's listening socket.

    Raises:
        click.ClickException: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in settings.api_host else socket.AF_INET
    # asyncio sends small answers at once only where the protocol is named; otherwise each waits 40 ms for an ACK
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.api_host, settings.api_port))
    except OSError as error:
        listener.close()
        raise click.ClickException(
            f"the API cannot listen on {settings.api_host}:{settings.api_port} ({error.strerror}): stop what holds the "
            "port, or set IKM_API_HOST and IKM_API_PORT"
        ) from error
    listener.listen(BACKLOG)
    return listener


@contextmanager
def _explained(settings: Settings) -> Iterator[None]:
    """One line with the cure for what a role finds wrong at its start."""
    try:
        yield
    except TopicError as error:
        raise click.ClickException(str(error)) from error
    except KafkaConnectionError as error:
        raise click.ClickException(
            f"Kafka at {settings.kafka_bootstrap} is not to be reached: start it, or set IKM_KAFKA_BOOTSTRAP"
        ) from error
