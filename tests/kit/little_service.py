"""A service of its own process for tests of starting and stopping: hearing takes as many seconds as it is told."""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

from contracts import topics
from contracts.message import Message
from contracts.topics import ServiceName
from services.kit.service import Service, main
from services.kit.settings import ServiceSettings
from services.kit.sweeps import Sweep
from services.kit.work import Work


async def dawdle(message: Message[Any], work: Work) -> None:
    """Works on a message for ``attempt`` seconds inside its transaction."""
    async with work.once(message) as tx:
        if tx is not None:
            sys.stderr.write("working on it\n")
            await asyncio.sleep(message.data.attempt)


async def stumble(_: Work) -> int:
    """A sweep with a fault of our own."""
    raise LookupError("张三 320102199001011234")


SERVICE = Service(
    name=ServiceName.COLLECTOR,
    settings=ServiceSettings,
    migrations=Path(tempfile.gettempdir()) / "no-migrations",
    handlers={topics.BATCH_RECEIVED: dawdle},
    sweeps=(Sweep("stumble", 1, stumble),) if "stumbling" in sys.argv else (),
)

if __name__ == "__main__":
    main(SERVICE)
