"""The words every service and client shares: identifiers, categories, offices, roles, stored objects.

Source of the words: docs/glossary.md; of the categories: 学位授予信息年报数据结构及代码手册, 2.1.1–2.3.4.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Self
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

BatchId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
ResolutionId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
RecordId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}\.[0-9]+\.[0-9]+$")]
UnitCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
ProvinceCode = Annotated[str, StringConstraints(pattern=r"^([0-9]{2}|JD)$")]
ResolutionNumber = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
PersonId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:|/+=-]{0,99}$")]
MediaType = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]+/[A-Za-z0-9.+-]+(; ?[a-z0-9-]+=[A-Za-z0-9._-]+)*$", max_length=100),
]
# A machine word (identifier, version, code, channel …), never prose: so no sentence about a person, no
# address and no name can travel on Kafka in a field that was meant for a code.
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/+-]{0,199}$")]
OfficeId = Annotated[
    str,
    StringConstraints(
        pattern=r"^(unit:[0-9]{5}|province:[0-9]{2}|military:JD|national_office|national_centre)$"
    ),
]
RFC_3339 = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$"
Round = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=0)]


def new_id() -> str:
    """A new identifier of a batch, a resolution or a notice: 32 hexadecimal digits, random."""
    return uuid4().hex


class RecordCategory(StrEnum):
    """The ten record categories (采集类别) in which degree records are collected."""

    B1 = "B1"
    B2 = "B2"
    B3 = "B3"
    S1 = "S1"
    S2 = "S2"
    S3 = "S3"
    X1 = "X1"
    X2 = "X2"
    X3 = "X3"
    X4 = "X4"

    @property
    def name_zh(self) -> str:
        """The category's name on screens and letters."""
        return CATEGORY_NAMES_ZH[self]

    @property
    def level(self) -> "DegreeLevel":
        """The degree level this category belongs to."""
        return {"B": DegreeLevel.DOCTOR, "S": DegreeLevel.MASTER, "X": DegreeLevel.BACHELOR}[self.value[0]]


class DegreeLevel(StrEnum):
    """Degree level (学位层次); the values are the digits used in certificate numbers (GB/T 6864)."""

    DOCTOR = "2"
    MASTER = "3"
    BACHELOR = "4"


CATEGORY_NAMES_ZH = {
    RecordCategory.B1: "学历教育博士学位",
    RecordCategory.B2: "同等学力人员申请博士学位",
    RecordCategory.B3: "博士专业学位",
    RecordCategory.S1: "学历教育硕士学位",
    RecordCategory.S2: "同等学力人员申请硕士学位",
    RecordCategory.S3: "硕士专业学位",
    RecordCategory.X1: "普通高等教育本科毕业生学士学位",
    RecordCategory.X2: "成人高等教育本科毕业生学士学位",
    RecordCategory.X3: "来华留学本科毕业生学士学位",
    RecordCategory.X4: "学士专业学位",
}


class Role(StrEnum):
    """What a person may do in an office (PROCESS §1)."""

    COLLECTOR = "collector"
    CHECKER = "checker"
    SUBMITTER = "submitter"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    CENTRE_OPERATOR = "centre_operator"
    OPERATOR = "operator"


class OfficeKind(StrEnum):
    """The tiers of Article 4 (三级管理) and the national centre of Article 14."""

    UNIT = "unit"
    PROVINCE = "province"
    MILITARY = "military"
    NATIONAL_OFFICE = "national_office"
    NATIONAL_CENTRE = "national_centre"


@dataclass(frozen=True, slots=True)
class Office:
    """An office (机构) that acts: a unit, a province, the military office, the national office or centre.

    Written ``unit:10284``, ``province:32``, ``military:JD``, ``national_office``, ``national_centre``.
    """

    kind: OfficeKind
    code: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads the written form; raises ValueError when it is none."""
        kind, _, code = text.partition(":")
        office = cls(OfficeKind(kind), code)
        if str(office) != text or not _OFFICE_CODES[office.kind].fullmatch(code):
            raise ValueError("office code does not fit the kind of office")
        return office

    @classmethod
    def unit(cls, code: str) -> Self:
        """The office of a degree-granting unit (学位授予单位)."""
        return cls(OfficeKind.UNIT, code)

    @classmethod
    def province(cls, code: str) -> Self:
        """The provincial office (省级学位委员会办公室), or the military one for the code JD (Article 29)."""
        return cls(OfficeKind.MILITARY if code == "JD" else OfficeKind.PROVINCE, code)

    def __str__(self) -> str:
        return f"{self.kind}:{self.code}" if self.code else str(self.kind)


_OFFICE_CODES = {
    OfficeKind.UNIT: re.compile(r"[0-9]{5}"),
    OfficeKind.PROVINCE: re.compile(r"[0-9]{2}"),
    OfficeKind.MILITARY: re.compile(r"JD"),
    OfficeKind.NATIONAL_OFFICE: re.compile(r""),
    OfficeKind.NATIONAL_CENTRE: re.compile(r""),
}


class Published(BaseModel):
    """What crosses a boundary: frozen, tolerant of fields a newer sender adds."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class StoredObject(Published):
    """A reference to bytes in object storage: their SHA-256, size in bytes and media type (claim check)."""

    sha256: Sha256
    size_bytes: Count
    media_type: MediaType


class RulePackRef(Published):
    """Which rule pack judged: version and content hash."""

    version: Code
    sha256: Sha256


class RecordSet(Published):
    """A record set: records as Parquet in object storage, their count and RFC 6962 Merkle root."""

    object: StoredObject
    record_count: Count
    merkle_root: Sha256


class ActKind(StrEnum):
    """Key acts of Article 15 that are confirmed by a named person or office."""

    COLLECT = "collect"
    CHECK = "check"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    ASSESS = "assess"
    APPROVE = "approve"
    FORMAT_CHECK = "format_check"
    STORE = "store"


class Act(Published):
    """An act (第十五条): who did what to which digest, when, in which office and role.

    ``person`` is the opaque identifier of a natural person, never a name; ``digest`` is the SHA-256 of
    the bytes the person confirmed; ``reason`` is a code of contracts.reasons, never a sentence.
    """

    kind: ActKind
    person: PersonId
    office: OfficeId
    role: Code
    at: Annotated[str, Field(description="RFC 3339 instant", pattern=RFC_3339)]
    digest: Sha256
    reason: Code | None = None
