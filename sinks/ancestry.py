"""In whose trees a unit's answers count: the register as the writers of `cells` need it, by partition of the log."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from ikm.lineage import FIRST_HOUR, LAST_HOUR
from ikm.partition import partition_of
from ikm.times import MS_PER_HOUR
from ikm.tree import Tree
from ikm.versions import Versions

Above = tuple[str, int, int]
"""A unit with others below it, and over which hours [first, end), UTC epoch hours, some unit's answers count there."""


@dataclass(frozen=True, slots=True)
class Ancestry:
    """Of each unit, which trees it was in: its own too, where others stood below it.

    Attributes:
        trees: by the member's code, sorted.
        digests: by partition, a number that differs where the trees of its units do.
    """

    trees: Mapping[str, Sequence[Above]]
    digests: Sequence[int]

    @classmethod
    def of(cls, versions: Mapping[str, Versions], partitions: int) -> Self:
        """Read it out of the register.

        Args:
            versions: of every unit, by code.
            partitions: of the log.
        """
        tree = Tree(version for each in versions.values() for version in each)
        trees: dict[str, list[Above]] = defaultdict(list)
        for owner in versions:
            members = tree.members(owner, FIRST_HOUR, LAST_HOUR * MS_PER_HOUR)
            for member, spans in members.items() if len(members) > 1 else ():
                trees[member] += ((owner, first // MS_PER_HOUR, end // MS_PER_HOUR) for first, end in spans)
        hashes = [hashlib.sha256() for _ in range(partitions)]
        for member, above in sorted(trees.items()):
            hashes[partition_of(member, partitions)].update(repr((member, sorted(above))).encode())
        return cls(trees, [int.from_bytes(found.digest()[:8], "big") for found in hashes])

    def owners(self, unit: str, hour: int) -> Iterator[str]:
        """The trees that an answer about a unit counts in, by the hour in which it was submitted (UTC epoch hours)."""
        return (owner for owner, first, end in self.trees.get(unit, ()) if first <= hour < end)

    def of_partition(self, partition: int) -> Iterator[tuple[str, str, int, int]]:
        """(member, tree, first, end) of the units of a partition."""
        for member, above in self.trees.items():
            if partition_of(member, len(self.digests)) == partition:
                yield from ((member, *one) for one in above)
