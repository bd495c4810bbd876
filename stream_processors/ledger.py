"""Which offsets may be committed, and whether records arrive without a hole; no Kafka, no Faust.

Stock Faust can commit past a record in process. Here the commit point of a partition is what the processor said is
delivered, nothing else.
"""

from dataclasses import dataclass


class Hole(Exception):  # noqa: N818 - it is a finding about the log, as `StopIteration` is
    """Records are missing between what was expected and what came: the process must end and read them again."""


@dataclass(slots=True)
class _Partition:
    expected: int
    acknowledged: int
    committed: int


class Ledger:
    """Offsets of the partitions assigned: expected next, acknowledged, committed; all are "next offsets"."""

    def __init__(self) -> None:
        self._partitions: dict[int, _Partition] = {}

    def start(self, partition: int, offset: int) -> None:
        """A partition begins to be read at an offset."""
        self._partitions[partition] = _Partition(offset, offset, offset)

    def forget(self) -> None:
        """All partitions are revoked."""
        self._partitions.clear()

    def reads(self, partition: int) -> bool:
        """Whether the partition is read here; between its revocation and the next assignment it is not."""
        return partition in self._partitions

    def deliver(self, partition: int, first: int, end: int) -> None:
        """Records [first, end) have come.

        Raises:
            Hole: if they do not follow what came before.
        """
        known = self._partitions[partition]
        if first != known.expected:
            raise Hole(f"partition {partition}: expected offset {known.expected}, got {first}..{end - 1}")
        known.expected = end

    def acknowledge(self, partition: int, offset: int) -> None:
        """Everything below `offset` is delivered downstream; ignored for a partition revoked meanwhile."""
        known = self._partitions.get(partition)
        if known is not None:
            known.acknowledged = max(known.acknowledged, offset)

    def committable(self) -> dict[int, int]:
        """Partition → offset to commit, for those that moved since the last commit."""
        return {p: known.acknowledged for p, known in self._partitions.items() if known.acknowledged > known.committed}

    def commit(self, partition: int, offset: int) -> None:
        """`offset` is committed."""
        known = self._partitions.get(partition)
        if known is not None:
            known.committed = max(known.committed, offset)

    def committed(self, partition: int) -> int:
        """The committed offset of a partition read here."""
        return self._partitions[partition].committed

    def acknowledged(self) -> dict[int, int]:
        """Partition → offset up to which everything is delivered downstream."""
        return {p: known.acknowledged for p, known in self._partitions.items()}
