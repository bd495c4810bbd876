"""A register that a test changes as it likes, in the place of the one that is read from Kafka."""

from collections.abc import Iterable, Sequence

from ikm.registry import Unit
from ikm.versions import Versions


class Register:
    """Of units, as `UnitsStore` shows it; `put` changes it."""

    def __init__(self, units: Iterable[Unit] = ()) -> None:
        self.units: list[Unit] = []
        self.position = 0
        self.put(units)

    def put(self, units: Iterable[Unit]) -> None:
        self.units += units
        self.position += 1

    async def wait_ready(self) -> None:
        """It is."""

    def codes(self) -> Sequence[str]:
        return sorted({unit.code for unit in self.units})

    def versions(self, code: str) -> Versions:
        return Versions(unit for unit in self.units if unit.code == code)
