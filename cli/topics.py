"""`ikm topics`."""

import asyncio

import click
from aiokafka.errors import KafkaError

from cli.options import settings_of
from runtime.topics import TOPICS, TopicError, ensure_topics


@click.command()
def topics() -> None:
    """Create the topics that are missing and assert those that are there."""
    settings = settings_of()
    try:
        epoch = asyncio.run(ensure_topics(settings.kafka_bootstrap, settings.kafka_replication))
    except TopicError as error:
        raise click.ClickException(str(error)) from error
    except KafkaError as error:
        raise click.ClickException(
            f"Kafka at {settings.kafka_bootstrap} is not to be reached ({error}): start it, or set IKM_KAFKA_BOOTSTRAP"
        ) from error
    for topic in TOPICS:
        click.echo(f"{topic.name}: {topic.partitions} partitions")
    click.echo(f"log epoch {epoch}")
