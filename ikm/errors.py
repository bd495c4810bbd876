"""What is wrong with a piece of input, in words that can be published."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Code(StrEnum):
    """The published list of reason codes; `MEANINGS` says what each one stands for."""

    MALFORMED_JSON = "malformed_json"
    MISSING_FIELD = "missing_field"
    UNKNOWN_FIELD = "unknown_field"
    WRONG_TYPE = "wrong_type"
    INVALID_NAME = "invalid_name"
    OUT_OF_SCALE = "out_of_scale"
    UNKNOWN_ITEM = "unknown_item"
    NO_ANSWER = "no_answer"
    UNKNOWN_UNIT = "unknown_unit"
    UNKNOWN_SERVICE = "unknown_service"
    UNIT_CLOSED = "unit_closed"
    UNKNOWN_QUESTIONNAIRE = "unknown_questionnaire"
    TIME_WITHOUT_OFFSET = "time_without_offset"
    TIME_OUT_OF_RANGE = "time_out_of_range"
    NOT_SUPPORTED_YET = "not_supported_yet"
    SOURCE_NOT_YOURS = "source_not_yours"
    CONTRADICTION = "contradiction"
    TOO_LARGE = "too_large"
    MISSING_HEADER = "missing_header"
    UNKNOWN_TYPE = "unknown_type"
    KEY_MISMATCH = "key_mismatch"
    WRONG_PARTITION = "wrong_partition"
    TOMBSTONE = "tombstone"
    STORE_REFUSED = "store_refused"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    UNPROCESSABLE = "unprocessable"
    INTERNAL = "internal"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"


MEANINGS: Mapping[Code, str] = MappingProxyType(
    {
        Code.MALFORMED_JSON: "the bytes are not JSON in UTF-8 (NaN and Infinity are not JSON)",
        Code.MISSING_FIELD: "a required field is absent",
        Code.UNKNOWN_FIELD: "a field that this version does not know",
        Code.WRONG_TYPE: 'a value of another JSON type or form than the field takes (4.0, true and "4" are no score)',
        Code.INVALID_NAME: "a unit, source, id or service outside the allowed characters or length",
        Code.OUT_OF_SCALE: "a score, number or choice outside the values that the field allows",
        Code.UNKNOWN_ITEM: "an answer to an item that the questionnaire does not have",
        Code.NO_ANSWER: "no item has a score",
        Code.UNKNOWN_UNIT: "the unit is not registered",
        Code.UNKNOWN_SERVICE: "the unit lists its services and this is none of them",
        Code.UNIT_CLOSED: "the unit was closed or merged before the answer was submitted",
        Code.UNKNOWN_QUESTIONNAIRE: "no such questionnaire",
        Code.TIME_WITHOUT_OFFSET: "a time that does not say its UTC offset",
        Code.TIME_OUT_OF_RANGE: "a time before 2004 or more than 5 minutes after it was received",
        Code.NOT_SUPPORTED_YET: "a field that is known but refused until it can be handled safely",
        Code.SOURCE_NOT_YOURS: "the key belongs to another source",
        Code.CONTRADICTION: "two statements about the same thing differ",
        Code.TOO_LARGE: "the body has too many bytes or items",
        Code.MISSING_HEADER: "a required header of the record is absent or empty",
        Code.UNKNOWN_TYPE: "an event type or CloudEvents version that this version does not know",
        Code.KEY_MISMATCH: "the record's key is not the unit in its value",
        Code.WRONG_PARTITION: "the record lies in another partition than its key belongs to",
        Code.TOMBSTONE: "the record has no value; withdrawals are events of their own",
        Code.STORE_REFUSED: "the store, not the rules, could not take the record",
        Code.UNAUTHORIZED: "no key, or one that is not known",
        Code.FORBIDDEN: "the key does not allow this",
        Code.NOT_FOUND: "nothing is there",
        Code.METHOD_NOT_ALLOWED: "the address does not take this method",
        Code.CONFLICT: "the request does not fit the present state (a position of another log)",
        Code.UNSUPPORTED_MEDIA_TYPE: "the content type is not application/json",
        Code.UNPROCESSABLE: "the request is well formed and cannot be carried out",
        Code.INTERNAL: "the request failed inside, by no fault of its own; the log says why",
        Code.UNAVAILABLE: "a part of the system is not ready; repeating later is safe",
        Code.TIMEOUT: "what was waited for did not come in time",
    }
)

REFUSALS: Mapping[Code, str] = MappingProxyType(
    {
        Code.MALFORMED_JSON: "bukan JSON",
        Code.MISSING_FIELD: "isian wajib tidak ada",
        Code.UNKNOWN_FIELD: "isian tidak dikenal",
        Code.WRONG_TYPE: "jenis nilai salah",
        Code.INVALID_NAME: "nama tidak sah",
        Code.OUT_OF_SCALE: "nilai di luar skala",
        Code.UNKNOWN_ITEM: "pertanyaan tidak dikenal",
        Code.NO_ANSWER: "tidak ada jawaban",
        Code.UNKNOWN_UNIT: "unit tidak terdaftar",
        Code.UNKNOWN_SERVICE: "layanan tidak terdaftar",
        Code.UNIT_CLOSED: "unit sudah ditutup",
        Code.UNKNOWN_QUESTIONNAIRE: "kuesioner tidak dikenal",
        Code.TIME_WITHOUT_OFFSET: "waktu tanpa zona",
        Code.TIME_OUT_OF_RANGE: "waktu di luar batas",
        Code.NOT_SUPPORTED_YET: "isian belum didukung",
        Code.SOURCE_NOT_YOURS: "sumber milik pihak lain",
        Code.CONTRADICTION: "isian saling bertentangan",
        Code.TOO_LARGE: "terlalu besar",
        Code.MISSING_HEADER: "header wajib tidak ada",
        Code.UNKNOWN_TYPE: "jenis peristiwa tidak dikenal",
        Code.KEY_MISMATCH: "kunci bukan unitnya",
        Code.WRONG_PARTITION: "partisi salah",
        Code.TOMBSTONE: "rekaman tanpa isi",
        Code.STORE_REFUSED: "ditolak penyimpanan",
    }
)
"""Why a record can lie on `rejected.v1`, as an officer reads it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One problem.

    Attributes:
        field: Path of the value, such as `answers.waktu`; `body` for the whole, a header's name for a header.
        code: The published reason code.
        message: What is wrong, which value, and what to send instead.
    """

    field: str
    code: Code
    message: str


class Refused(Exception):  # noqa: N818 - input that is refused is an outcome, not an error of the program
    """Input that cannot be accepted, with one fault per problem (at least one)."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        if not self.faults:
            raise ValueError("a refusal needs at least one fault")
        super().__init__("; ".join(fault.message for fault in self.faults))
