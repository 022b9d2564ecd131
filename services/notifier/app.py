"""The notifier, put together."""

from pathlib import Path

from contracts.topics import ServiceName
from services.kit.service import Service
from services.kit.work import Work
from services.notifier import store
from services.notifier.api import router
from services.notifier.handlers import HANDLERS
from services.notifier.settings import Settings
from services.notifier.sweeps import SWEEPS


async def _count_states(work: Work) -> dict[str, int]:
    return await store.count_states(work.pool)


SERVICE = Service(
    name=ServiceName.NOTIFIER,
    settings=Settings,
    migrations=Path(__file__).parent / "migrations",
    handlers=HANDLERS,
    routers=(router,),
    sweeps=SWEEPS,
    count_states=_count_states,
    title_zh="通知催办",
)
