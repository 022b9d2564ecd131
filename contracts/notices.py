"""What the notifier says of the notices it sent: told whom, when, how, delivered or not."""

from pydantic import AwareDatetime, Field

from contracts.vocabulary import Published


class NoticeSent(Published):
    """A notice (通知) reached the next mail server or inbox. Carries offices and ids, never a person or text."""

    notice_id: str
    obligation_id: str
    recipient_office: str
    step: str = Field(description="the ladder's step, such as due_soon, due, overdue, escalated")
    channel: str
    about: str = Field(description="id of the batch or resolution the notice is about")
    deadline: str | None = Field(default=None, description="T01 … T16")
    sent_at: AwareDatetime


class NoticeFailed(Published):
    """A notice could not be delivered and will not be tried again by itself."""

    notice_id: str
    obligation_id: str
    recipient_office: str
    step: str
    channel: str
    about: str
    deadline: str | None = None
    failed_at: AwareDatetime
    reason_code: str
