"""THE table of topics: what is said, by whom, to whom, under which key, kept how long.

A topic's name is its message type, its schema file and its examples folder.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from contracts.batches import BatchReceived, BatchSubmitted, BatchWithdrawn
from contracts.filings import BatchFiled, FormatCheckCompleted
from contracts.notices import NoticeFailed, NoticeSent
from contracts.resolutions import ResolutionRegistered
from contracts.reviews import ReviewCompleted
from contracts.vocabulary import Published

P = TypeVar("P", bound=Published)


class ServiceName(StrEnum):
    """The four independent services."""

    COLLECTOR = "collector"
    PROVINCIAL_REVIEW = "provincial_review"
    NATIONAL_FILING = "national_filing"
    NOTIFIER = "notifier"


C, R, F, N = (
    ServiceName.COLLECTOR,
    ServiceName.PROVINCIAL_REVIEW,
    ServiceName.NATIONAL_FILING,
    ServiceName.NOTIFIER,
)


@dataclass(frozen=True, slots=True)
class Topic(Generic[P]):
    """One topic. ``key`` names the id the messages are keyed by; retention in days."""

    name: str
    payload: type[P]
    key: str
    producer: ServiceName
    consumers: frozenset[ServiceName]
    retention_days: int = 30
    partitions: int = 12
    about: str = ""

    def __hash__(self) -> int:
        return hash(self.name)


BATCH_RECEIVED = Topic(
    "batch.received.v1", BatchReceived, "batch_id", C, frozenset({C}), about="批次已接收,等待解析与校验"
)
RESOLUTION_REGISTERED = Topic(
    "resolution.registered.v1",
    ResolutionRegistered,
    "resolution_id",
    C,
    frozenset({R, N}),
    about="决议已登记,30日报送期限开始",
)
BATCH_SUBMITTED = Topic(
    "batch.submitted.v1", BatchSubmitted, "batch_id", C, frozenset({R, N}), about="批次已上报省级审核"
)
BATCH_WITHDRAWN = Topic(
    "batch.withdrawn.v1", BatchWithdrawn, "batch_id", C, frozenset({R, N}), about="单位申请撤回本轮上报"
)
REVIEW_COMPLETED = Topic(
    "review.completed.v1", ReviewCompleted, "batch_id", R, frozenset({C, F, N}), about="省级审核完成"
)
FORMAT_CHECK_COMPLETED = Topic(
    "format-check.completed.v1",
    FormatCheckCompleted,
    "batch_id",
    F,
    frozenset({C, R, N}),
    about="形式审查完成",
)
BATCH_FILED = Topic(
    "batch.filed.v1", BatchFiled, "batch_id", F, frozenset({C, R, N}), about="已备案归档,回执已出具"
)
NOTICE_SENT = Topic(
    "notice.sent.v1", NoticeSent, "recipient_office", N, frozenset({C, R, F}), about="通知已送出"
)
NOTICE_FAILED = Topic(
    "notice.failed.v1", NoticeFailed, "recipient_office", N, frozenset({C, R, F}), about="通知未送达"
)

TOPICS: tuple[Topic[Published], ...] = (
    BATCH_RECEIVED,
    RESOLUTION_REGISTERED,
    BATCH_SUBMITTED,
    BATCH_WITHDRAWN,
    REVIEW_COMPLETED,
    FORMAT_CHECK_COMPLETED,
    BATCH_FILED,
    NOTICE_SENT,
    NOTICE_FAILED,
)  # pyright: ignore[reportAssignmentType]  # Topic is read-only in P

BY_NAME = {topic.name: topic for topic in TOPICS}


def said_by(service: ServiceName) -> tuple[Topic[Published], ...]:
    """The topics a service produces."""
    return tuple(topic for topic in TOPICS if topic.producer == service)


def heard_by(service: ServiceName) -> tuple[Topic[Published], ...]:
    """The topics a service consumes."""
    return tuple(topic for topic in TOPICS if service in topic.consumers)


@dataclass(frozen=True, slots=True)
class DeadLetterTopic:
    """Where a service puts a copy of what it could not understand; the original stays in its database."""

    name: str
    retention_days: int = 90
    partitions: int = 1


def dead_letters_of(service: ServiceName) -> DeadLetterTopic:
    """The dead-letter topic of a service."""
    return DeadLetterTopic(f"{service}.dead-letters")
