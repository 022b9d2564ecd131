"""The collector (采集服务): where units bring resolutions and batches, and see what becomes of them."""

from collections.abc import Mapping
from pathlib import Path

from contracts.topics import ServiceName
from services.collector.api import ROUTERS
from services.collector.handlers import HANDLERS
from services.collector.readers import close_readers, open_readers
from services.collector.settings import Settings
from services.collector.store.batches import count_batches_by_state
from services.kit.service import Service
from services.kit.work import Work


async def count_states(work: Work) -> Mapping[str, int]:
    """How many batches are in which state, for metrics."""
    async with work.pool.acquire() as conn:
        return await count_batches_by_state(conn)


SERVICE = Service(
    name=ServiceName.COLLECTOR,
    settings=Settings,
    migrations=Path(__file__).parent / "migrations",
    handlers=HANDLERS,
    routers=ROUTERS,
    count_states=count_states,
    set_up=open_readers,
    tear_down=close_readers,
    title_zh="采集服务",
)
