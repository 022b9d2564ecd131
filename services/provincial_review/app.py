"""Provincial review put together."""

from collections.abc import Mapping
from pathlib import Path

from contracts.topics import ServiceName
from services.kit.service import Service
from services.kit.work import Work
from services.provincial_review.api import ROUTERS
from services.provincial_review.handlers import HANDLERS
from services.provincial_review.settings import Settings
from services.provincial_review.store import reviews


async def _count_states(work: Work) -> Mapping[str, int]:
    async with work.pool.acquire() as conn:
        return await reviews.count_by_state(conn)


SERVICE = Service(
    name=ServiceName.PROVINCIAL_REVIEW,
    settings=Settings,
    migrations=Path(__file__).parent / "migrations",
    handlers=HANDLERS,
    routers=ROUTERS,
    count_states=_count_states,
    title_zh="省级审核",
)
