"""The OpenAPI document of the API, from the application itself."""

from typing import Any

from api.admin import Operations
from api.app import Reads, create_app
from producers.http import write_router
from runtime.settings import Settings

_NOTHING: Any = None
"""The document is made from the routes; what they would read from and write to is never asked."""


def document() -> dict[str, Any]:
    """The document that `/openapi.json` serves."""
    reads = Reads(
        settings=Settings.model_construct(lag_limit=0),
        log_epoch=0,
        clock=_NOTHING,
        keys=_NOTHING,
        units=_NOTHING,
        published=_NOTHING,
        lag=_NOTHING,
        history=_NOTHING,
        frames=_NOTHING,
        cell_frames=_NOTHING,
    )
    operations = Operations(verify=_NOTHING, replay=_NOTHING, replay_status=_NOTHING, closer=_NOTHING)
    app = create_app(reads, writes=write_router(_NOTHING, _NOTHING, _NOTHING, _NOTHING), operations=operations)
    return app.openapi()
