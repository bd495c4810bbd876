"""Why a record lies on `rejected.v1`."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from itertools import takewhile
from typing import Final, Self

from ikm.errors import Code, Fault
from ikm.events import Response, Withdrawal
from ikm.faults import REFUSED_FOR_NOW
from ikm.profile import PROFILE
from ikm.questionnaire import QUESTIONNAIRES
from ikm.wire import HEADERS

_KNOWN: Final = frozenset(
    {
        *("body", "key", "value", "partition", "record"),
        *HEADERS,
        *Response.model_fields,
        *Withdrawal.model_fields,
        *REFUSED_FOR_NOW,
        *PROFILE,
        *(item.code for form in QUESTIONNAIRES.values() for item in form.items),
    }
)
UNKNOWN: Final = "*"


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
    def of(cls, fault: Fault, origin: str) -> Self:
        """A fault found in the record at an origin."""
        return cls(fault.code, fault.field, fault.message, origin)

    def headers(self) -> list[tuple[str, bytes]]:
        """As Kafka carries them."""
        return [(name, text.encode("utf-8", "replace")) for name, text in asdict(self).items()]

    @classmethod
    def read(cls, headers: Iterable[tuple[str, bytes]]) -> Self:
        """The reason in front of a rejected record's own headers, which may have the same names.

        Raises:
            ValueError: There is none, or its code is not known.
        """
        ours = list(headers)[: len(fields(cls))]
        said = {name: (text or b"").decode("utf-8", "replace") for name, text in ours}
        if [name for name, _ in ours] != [field.name for field in fields(cls)]:
            raise ValueError(f"the headers begin with {', '.join(said) or 'nothing'}, not with a reason")
        return cls(Code(said["code"]), said["field"], said["message"], said["origin"])

    @property
    def place(self) -> tuple[str, int, int]:
        """Topic, partition and offset of the record; raises ValueError if the origin is none."""
        topic, partition, offset = self.origin.split("/")
        return topic, int(partition), int(offset)

    @property
    def known_field(self) -> str:
        """The path as far as it consists of names of ours; what a sender made up, or said, becomes `*`."""
        parts = self.field.split(".")
        known = list(takewhile(_KNOWN.__contains__, parts))
        return ".".join(known if len(known) == len(parts) else [*known, UNKNOWN])
