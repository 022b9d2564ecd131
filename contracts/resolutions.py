"""What is said of resolutions (学位授予决议): Article 12(4)."""

from datetime import date

from contracts.vocabulary import (
    Count,
    DegreeLevel,
    ProvinceCode,
    Published,
    ResolutionId,
    ResolutionNumber,
    StoredObject,
    UnitCode,
)


class ResolutionRegistered(Published):
    """A unit registered a resolution; its 30 days run from ``effective_on`` (T01).

    ``scan`` is the PDF, ``roster`` the typed list of names if the unit supplied one.
    """

    resolution_id: ResolutionId
    unit_code: UnitCode
    province_code: ProvinceCode
    number: ResolutionNumber
    effective_on: date
    headcount: Count
    levels: tuple[DegreeLevel, ...]
    scan: StoredObject
    page_count: Count
    roster: StoredObject | None = None
