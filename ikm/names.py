"""The names that appear in keys, paths and events."""

import re
from typing import Annotated, Final

from pydantic import StringConstraints

UNIT_PATTERN: Final = r"^[a-z0-9-]{1,64}$"
SOURCE_PATTERN: Final = r"^[A-Za-z0-9._:-]{1,128}$"
ID_PATTERN: Final = SOURCE_PATTERN
SERVICE_PATTERN: Final = r"^[A-Za-z0-9._-]{1,64}$"

UnitCode = Annotated[str, StringConstraints(strict=True, pattern=UNIT_PATTERN)]
SourceName = Annotated[str, StringConstraints(strict=True, pattern=SOURCE_PATTERN)]
ResponseId = Annotated[str, StringConstraints(strict=True, pattern=ID_PATTERN)]
ServiceCode = Annotated[str, StringConstraints(strict=True, pattern=SERVICE_PATTERN)]

# The same rules for names that do not come through a model, such as parts of a path.
UNIT: Final = re.compile(UNIT_PATTERN[1:-1])
SOURCE: Final = re.compile(SOURCE_PATTERN[1:-1])
SERVICE: Final = re.compile(SERVICE_PATTERN[1:-1])


def is_unit(text: str) -> bool:
    """Whether a text can be a unit's code."""
    return UNIT.fullmatch(text) is not None


def is_source(text: str) -> bool:
    """Whether a text can be a source's name or a response's id (they share one rule)."""
    return SOURCE.fullmatch(text) is not None


def is_service(text: str) -> bool:
    """Whether a text can be a service's code."""
    return SERVICE.fullmatch(text) is not None
