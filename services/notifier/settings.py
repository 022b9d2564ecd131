"""What the notifier is told from outside, beyond what every service is."""

from pydantic import Field, SecretStr

from services.kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of the notifier: the mail server, and what 及时 means for each limit."""

    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_starttls: bool = Field(default=False, description="demand STARTTLS before anything is sent")
    smtp_timeout_seconds: float = Field(default=20.0, gt=0)
    mail_from: str = "xuewei@localhost"
    mail_tries_max: int = Field(default=8, ge=1)
    mail_retry_seconds: float = Field(default=60.0, gt=0, description="doubled after each try")
    deliver_claim_seconds: float = Field(
        default=120.0, gt=0, description="a delivery begun longer ago than this was cut off by a crash"
    )
    correction_due_days: int = Field(default=10, ge=1, description="T04: 及时 for returned records")
    format_check_due_days: int = Field(default=15, ge=1, description="T07: 及时 for the centre")
    format_correction_due_days: int = Field(default=15, ge=1, description="T08: 及时 after format feedback")
    storage_due_days: int = Field(default=1, ge=1, description="T09: 及时 for storage and backup")
