"""Why a record lies on `rejected.v1`."""

from dataclasses import asdict, dataclass

from ikm.errors import Code, Fault


@dataclass(frozen=True, slots=True)
class Reason:
    """The headers that stand before a rejected record's own.

    Attributes:
        code: The published reason code.
        field: Path of the value that is wrong, or a header's name.
        message: What is wrong, which value, and what to send instead.
        origin: Where the record was found: topic/partition/offset.
    """

    code: Code
    field: str
    message: str
    origin: str

    @classmethod
    def of(cls, fault: Fault, origin: str) -> "Reason":
        """A fault found in the record at an origin."""
        return cls(fault.code, fault.field, fault.message, origin)

    def headers(self) -> list[tuple[str, bytes]]:
        """As Kafka carries them."""
        return [(name, text.encode("utf-8", "replace")) for name, text in asdict(self).items()]
