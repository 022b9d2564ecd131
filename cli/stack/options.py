"""What a caller may choose about an embedded stack."""

import json
from dataclasses import asdict, dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class StackOptions:
    """`kafka`: an external Apache Kafka (host:port) instead of the embedded broker; `ports`: fixed ports by child
    (a service's name, `postgres`, `broker`, `issuer`, `smtp`, `mail`); `settings`: more environment variables for
    a service by its name, or for all under `*`; `throwaway`: data that need not survive a power cut (tests).
    """

    kafka: str | None = None
    ports: dict[str, int] = field(default_factory=dict)
    settings: dict[str, dict[str, str]] = field(default_factory=dict)
    throwaway: bool = False

    def to_json(self) -> str:
        """For the command line of the supervisor's process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `to_json` wrote."""
        return cls(**json.loads(text))
