"""The whole system on this machine: which children there are, when each is ready, how others find them."""

import asyncio
import http.client
import json
import os
import sys
from dataclasses import dataclass

from aiokafka.errors import KafkaError

from ikm.times import parse_rfc3339
from runtime.clock import system_clock
from runtime.keys import ensure_secret, login_token_file
from runtime.local import jars
from runtime.local.broker import BrokerError, LocalBroker
from runtime.local.child import Program
from runtime.local.datadir import DataDir, Endpoints, explained, replace
from runtime.local.errors import StartError
from runtime.local.ports import free_ports, listens, port_is_free
from runtime.local.supervisor import Say, Supervisor
from runtime.settings import Settings
from runtime.topics import TopicError, ensure_topics

HOST = "127.0.0.1"
ROLES = ("worker", "api")


@dataclass(frozen=True, slots=True)
class Terminal:
    """How the person who typed `ikm up` is told: a line, and the progress of fetching (jars there, jars wanted)."""

    say: Say
    progress: jars.Progress


class LocalSystem:
    """Kafka, worker, API with sink, and the sample, under one supervisor that owns one data directory."""

    def __init__(self, settings: Settings, terminal: Terminal, *, sample_rate: float | None) -> None:
        """`settings` names data directory, port and crash point; `sample_rate` in answers per second, None without."""
        self._settings = settings
        self._terminal = terminal
        self._sample_rate = sample_rate
        self._home = DataDir(settings.data_dir)

    def run(self) -> None:
        """Start, watch and stop; returns by an exception only.

        Raises:
            StoppedError: somebody asked to stop, and everything has.
            StartError: it cannot start or go on; nothing is left running.
        """
        self._home.prepare()
        with self._home.claim() as inherited:
            supervisor = Supervisor(self._settings.data_dir, inherited, self._terminal.say, self._publish)
            supervisor.listen()
            self._supervisor = supervisor
            try:
                self._start()
                supervisor.watch()
            finally:
                supervisor.stop()
                self._home.forget_endpoints()

    def _start(self) -> None:
        port = self._settings.api_port
        if not port_is_free(port):
            raise StartError(
                f"port {port} is taken: stop what listens on it, or choose another: `ikm up --port {port + 1}`"
            )
        broker = self._broker()
        self._start_kafka(broker)
        with explained(self._settings.data_dir):
            ensure_secret(self._settings.admin_key_file)
            token = ensure_secret(login_token_file(self._settings.data_dir))
        self._begun_ms = system_clock()
        for role in ROLES:
            self._supervisor.add(self._role(role, [role]))
        self._supervisor.until(self._is_ready, "worker and API", patience_s=15)
        self._supervisor.starting = False
        self._publish()
        self._announce(broker, token)
        if self._sample_rate is not None:
            self._supervisor.add(self._role("sample", ["sample", "--rate", str(self._sample_rate)]))

    def _broker(self) -> LocalBroker:
        self._terminal.say("starting Kafka")
        try:
            class_path = jars.class_path(self._settings.cache_dir, self._on_jar)
        except jars.JarsError as error:
            raise StartError(str(error)) from error
        self._supervisor.check_stop()
        port, controller_port = self._kafka_ports()
        return LocalBroker(self._settings.data_dir / "kafka", port, controller_port, tuple(class_path))

    def _on_jar(self, there: int, wanted: int) -> None:
        self._supervisor.check_stop()
        self._terminal.progress(there, wanted)

    def _kafka_ports(self) -> tuple[int, int]:
        """Those of the last time where they are free, so that a client's address lasts; else new ones."""
        remembered = self._settings.data_dir / "ports.json"
        ports: list[int] = json.loads(remembered.read_text(encoding="utf-8")) if remembered.exists() else []
        if len(ports) != 2 or not all(port_is_free(port) for port in ports):  # noqa: PLR2004  clients and controller
            ports = free_ports(2)
            with explained(self._settings.data_dir):
                replace(remembered, json.dumps(ports))
        return ports[0], ports[1]

    def _start_kafka(self, broker: LocalBroker) -> None:
        self._kafka = broker
        try:
            with explained(self._settings.data_dir):
                broker.prepare()
        except BrokerError as error:
            self._supervisor.check_stop()
            raise StartError(str(error)) from error
        self._supervisor.add(Program("kafka", broker.command(), broker.environment(), self._home.log_file("kafka")))
        self._supervisor.until(lambda: broker.listens(self._supervisor.pid("kafka")), "Kafka")
        self._supervisor.until(self._has_topics, "Kafka's topics")

    def _has_topics(self) -> bool:
        try:
            asyncio.run(ensure_topics(self._kafka.bootstrap))
        except TopicError as error:
            raise StartError(str(error)) from error
        except (KafkaError, OSError):
            return False
        return True

    def _role(self, name: str, arguments: list[str]) -> Program:
        """A role of this program as a child. A crash point is armed for its first start only."""
        data_dir = self._settings.data_dir
        environment = {
            **{key: value for key, value in os.environ.items() if key != "IKM_CRASH_AT"},
            "IKM_DATA_DIR": str(data_dir),
            "IKM_KAFKA_BOOTSTRAP": self._kafka.bootstrap,
            "IKM_KAFKA_REPLICATION": "1",
            "IKM_CLICKHOUSE": f"chdb://{data_dir / 'clickhouse'}",
            "IKM_API_HOST": HOST,
            "IKM_API_PORT": str(self._settings.api_port),
            "IKM_ADMIN_KEY_FILE": str(self._settings.admin_key_file),
            "IKM_CRASH_AT": "",
            "PYTHONUNBUFFERED": "1",
        }
        first_only = {"IKM_CRASH_AT": self._settings.crash_at} if name in ROLES else {}
        command = [sys.executable, "-P", "-m", "cli.main", *arguments]
        return Program(name, command, environment, self._home.log_file(name), first_only)

    def _is_ready(self) -> bool:
        """True when the API says that it, sink and worker are, and has heard of every partition since this start.

        What a worker said before it was killed is not taken for the new one's word, nor a stranger's API for ours.
        """
        if not listens(self._supervisor.pid("api"), self._settings.api_port):
            return False
        connection = http.client.HTTPConnection(HOST, self._settings.api_port, timeout=2)
        try:
            connection.request("GET", "/health/ready")
            answer = connection.getresponse()
            body = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return False
        finally:
            connection.close()
        return answer.status == http.HTTPStatus.OK and parse_rfc3339(body["heard"]) >= self._begun_ms

    def _publish(self) -> None:
        """Write `endpoints.json`, once everything has been ready."""
        if self._supervisor.starting:
            return
        pids = {"supervisor": os.getpid(), **{name: self._supervisor.pid(name) for name in ("kafka", *ROLES)}}
        with explained(self._settings.data_dir):
            self._home.write_endpoints(Endpoints(self._address, self._kafka.bootstrap, pids))

    @property
    def _address(self) -> str:
        return f"http://{HOST}:{self._settings.api_port}"

    def _announce(self, broker: LocalBroker, token: str) -> None:
        rows = (
            ("board", f"{self._address}/login?token={token}"),
            ("API", f"{self._address}/docs"),
            ("health", f"{self._address}/health/ready"),
            ("Kafka", broker.bootstrap),
            ("data", str(self._settings.data_dir)),
            ("admin key", str(self._settings.admin_key_file)),
            ("logs", str(self._settings.data_dir / "logs")),
        )
        self._terminal.say("ready")
        for name, value in rows:
            self._terminal.say(f"  {name:<10} {value}")
        self._terminal.say("Ctrl-C stops everything; what is acknowledged stays")
