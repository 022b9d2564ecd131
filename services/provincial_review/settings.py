"""What provincial review is told from outside, beside what every service is told."""

from pydantic import Field

from services.kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of provincial review (省级审核)."""

    partial_approval: bool = Field(
        default=True,
        description="whether approved records go on while others are returned; off: any return returns the round",
    )
    review_near_days: int = Field(
        default=10,
        ge=0,
        le=30,
        description="days left from which an open review is shown as near its due date",
    )
    page_records_max: int = Field(default=500, ge=1, le=5_000, description="records on one page of a review")
