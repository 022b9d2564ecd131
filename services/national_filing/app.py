"""The national centre's service, put together."""

from pathlib import Path
from typing import cast

from contracts.topics import ServiceName
from services.kit.service import Service
from services.kit.work import Work
from services.national_filing import store
from services.national_filing.api import router
from services.national_filing.handlers import HANDLERS
from services.national_filing.settings import Settings


async def _count_states(work: Work) -> dict[str, int]:
    return await store.count_states(work.pool)


async def _read_keys(work: Work) -> None:
    """A key that cannot be used shows at the start, not at the first filing."""
    _ = cast("Settings", work.settings).published_keys


SERVICE = Service(
    name=ServiceName.NATIONAL_FILING,
    settings=Settings,
    migrations=Path(__file__).parent / "migrations",
    handlers=HANDLERS,
    routers=(router,),
    count_states=_count_states,
    set_up=_read_keys,
    title_zh="国家备案",
)
