"""Health that reports progress: alive means the parts still move; ready means the world answers."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

from services.kit.consumer import Consumer
from services.kit.database import DATABASE_FAULTS
from services.kit.relay import Relay, outbox_age_seconds
from services.kit.sweeps import Sweeper
from services.kit.work import Work

RELAY_SILENT_SECONDS = 60.0
HANDLER_STUCK_SECONDS = 300.0
READY_SECONDS = 5.0


@dataclass(slots=True)
class Health:
    """What the health endpoints look at. A watchdog can act on the same facts."""

    work: Work
    consumer: Consumer
    relay: Relay
    sweeper: Sweeper
    hearing: bool = False

    def live(self) -> tuple[bool, Mapping[str, object]]:
        """Whether the process still makes progress, and the facts."""
        now = monotonic()
        busy = self.consumer.busy_since
        facts: dict[str, object] = {
            "relay_silent_seconds": round(now - self.relay.progressed_at, 1),
            "handler_busy_seconds": round(now - busy, 1) if busy is not None else 0,
            "consumer_stopped": self.consumer.stopped,
            "dead_letters_in_a_row": self.consumer.dead_in_a_row,
            "shards_led": sorted(self.relay.shards),
            "sweeps_age_seconds": {
                name: round(now - at, 1) for name, at in sorted(self.sweeper.swept_at.items())
            },
        }
        alive = not self.consumer.stopped and (busy is None or now - busy < HANDLER_STUCK_SECONDS)
        return alive and now - self.relay.progressed_at < RELAY_SILENT_SECONDS, facts

    async def ready(self) -> tuple[bool, Mapping[str, object]]:
        """Whether requests and messages can be served now, and the facts."""
        try:
            async with asyncio.timeout(READY_SECONDS):
                age = await outbox_age_seconds(self.work.pool)
        except DATABASE_FAULTS as error:
            return False, {"database": type(error).__name__}
        hearing = self.hearing and not self.consumer.stopped
        return hearing, {"database": "ok", "hearing": hearing, "outbox_oldest_seconds": round(age, 1)}
