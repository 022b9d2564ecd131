"""What the notifier says of the notices it sent: told whom, when, how, delivered or not."""

from pydantic import AwareDatetime, Field

from contracts.deadlines import DeadlineId
from contracts.vocabulary import Code, OfficeId, Published


class NoticeSent(Published):
    """A notice (通知) reached the next mail server or inbox. Carries offices and ids, never a person or text."""

    notice_id: Code
    obligation_id: Code
    recipient_office: OfficeId
    step: Code = Field(description="the ladder's step, such as due_soon, due, overdue, escalated")
    channel: Code
    about: Code = Field(description="id of the batch or resolution the notice is about")
    deadline: DeadlineId | None = Field(default=None, description="T01 … T16")
    sent_at: AwareDatetime


class NoticeFailed(Published):
    """A notice could not be delivered and will not be tried again by itself."""

    notice_id: Code
    obligation_id: Code
    recipient_office: OfficeId
    step: Code
    channel: Code
    about: Code
    deadline: DeadlineId | None = None
    failed_at: AwareDatetime
    reason_code: Code
