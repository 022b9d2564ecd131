"""The envelope of every event: CloudEvents 1.0, structured JSON, with causation and W3C trace context."""

from datetime import datetime
from typing import Generic, Literal, TypeVar
from uuid import UUID, uuid4

from pydantic import AwareDatetime, Field

from contracts.vocabulary import Code, Published

P = TypeVar("P", bound=Published)


class Message(Published, Generic[P]):
    """An event on a topic.

    ``id`` is unique for ever and is what an inbox remembers; ``type`` is the topic's name; ``subject`` is
    the identifier of the thing the event is about and the Kafka key; ``causationid`` is the id of the
    message that led to this one (none when a person's request did).
    Source: CloudEvents 1.0, extensions causationid, traceparent and tracestate (distributed tracing).
    """

    specversion: Literal["1.0"] = "1.0"
    id: UUID = Field(default_factory=uuid4)
    source: Code
    type: Code
    subject: Code
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    causationid: UUID | None = None
    traceparent: str | None = None
    data: P

    @property
    def said_at(self) -> datetime:
        """The instant the sender said it."""
        return self.time
