"""`/health/live`, `/health/ready` and `/metrics`."""

import asyncio
from collections.abc import Iterator

import prometheus_client
from fastapi import APIRouter
from starlette.responses import Response

from api.figures import History
from api.index_store import IndexStore
from api.lag import LagMonitor
from api.shapes import LiveBody, ReadyBody
from ikm.errors import Code
from ikm.published import SILENT_AFTER_MS
from ikm.times import rfc3339_ms
from runtime.clock import Clock
from runtime.logging import logger
from runtime.openapi import operation
from runtime.topics import RESPONSES
from runtime.units import UnitsStore
from runtime.web import Problem, json_response

log = logger(__name__)

HISTORY_WITHIN_S = 3.0


class Readiness:
    """Whether this process and the workers can serve true figures now."""

    def __init__(
        self,
        units: UnitsStore,
        published: IndexStore,
        history: History,
        lag: LagMonitor,
        *,
        lag_limit: int,
        clock: Clock,
    ) -> None:
        """Wire the questions to who answers them; `lag_limit` is in records."""
        self._units = units
        self._published = published
        self._history = history
        self._lag = lag
        self._limit = lag_limit
        self._clock = clock

    async def faults(self) -> list[tuple[str, str]]:
        """What is not ready: pairs of the part and what is the matter; empty when all is well."""
        return [*self._memory(), *self._workers(), *await self._store()]

    def lag(self) -> int:
        """Records of the log that the published figures do not hold yet."""
        return sum(self._lag.lag().values())

    def heard_ms(self) -> int | None:
        """When the partition that has been silent the longest gave its last sign of life; None if one never did."""
        seen = [self._lag.seen_ms(partition) for partition in range(RESPONSES.partitions)]
        return None if None in seen else min(at for at in seen if at is not None)

    def _memory(self) -> Iterator[tuple[str, str]]:
        if not self._units.is_ready:
            yield "units", "the register of units is still being read"
        if not self._published.is_ready:
            yield "figures", "the published figures are still being read"

    def _workers(self) -> Iterator[tuple[str, str]]:
        now_ms = self._clock()
        asked_ms = self._lag.asked_ms
        if asked_ms is None or now_ms - asked_ms > SILENT_AFTER_MS:
            yield "kafka", "Kafka does not say where the log ends"
        seen = {partition: self._lag.seen_ms(partition) for partition in range(RESPONSES.partitions)}
        silent = [partition for partition, at in seen.items() if at is None or now_ms - at > SILENT_AFTER_MS]
        if silent:
            yield "worker", f"no worker publishes partitions {silent}: none is assigned, or it is still recovering"
        if self.lag() > self._limit:
            yield "lag", f"the figures lie {self.lag()} records behind the log, more than IKM_LAG_LIMIT={self._limit}"

    async def _store(self) -> list[tuple[str, str]]:
        try:
            async with asyncio.timeout(HISTORY_WITHIN_S):
                await self._history.progress()
        except Exception as error:  # noqa: BLE001 - whatever it is, the answer is the same: not ready
            log.warning("clickhouse_away", error=repr(error))
            return [("clickhouse", f"ClickHouse does not answer: {str(error)[:200] or 'too slow'}")]
        return []


def health_router(readiness: Readiness) -> APIRouter:
    """The routes that say how the process is."""
    router = APIRouter(tags=["operation"])

    @router.head("/health/live", include_in_schema=False)
    @router.get("/health/live", **operation({200: LiveBody}))
    async def live() -> Response:
        """The process answers."""
        return json_response({"status": "live"})

    @router.head("/health/ready", include_in_schema=False)
    @router.get("/health/ready", **operation({200: ReadyBody}))
    async def ready() -> Response:
        """Every partition has a worker that has recovered, the lag is under the limit, and the stores are read."""
        faults = await readiness.faults()
        if faults:
            errors = [{"field": part, "code": Code.UNAVAILABLE, "message": message} for part, message in faults]
            detail = "; ".join(message for _, message in faults)
            raise Problem(503, detail, errors=errors, headers={"Retry-After": "1"})
        heard_ms = readiness.heard_ms()
        heard = None if heard_ms is None else rfc3339_ms(heard_ms)
        return json_response({"status": "ready", "lag": readiness.lag(), "heard": heard})

    @router.head("/metrics", include_in_schema=False)
    @router.get("/metrics", **operation({200: None}, media_type="text/plain"))
    async def metrics() -> Response:
        """This process's metrics, for Prometheus."""
        return Response(prometheus_client.generate_latest(), media_type=prometheus_client.CONTENT_TYPE_LATEST)

    return router
