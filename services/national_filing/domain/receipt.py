"""What a filing says on paper: its number, its archive list (归档清单) and its receipt (回执)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.deadlines import SHANGHAI
from contracts.reviews import ReviewCompleted
from contracts.vocabulary import RecordSet, RulePackRef, StoredObject

ARCHIVE_FORM = "xuewei-archive/1"


def filing_number(year: int, province_code: str, serial: int) -> str:
    """The filing number (备案号): ``BA2026-32-000017``, counted by year and province."""
    return f"BA{year}-{province_code}-{serial:06d}"


@dataclass(frozen=True, slots=True)
class Filing:
    """The facts of one filing (备案)."""

    number: str
    review: ReviewCompleted
    record_set: RecordSet
    rule_pack: RulePackRef
    filed_at: datetime
    unit_name: str

    def archive(self) -> dict[str, Any]:
        """The archive list: every stored object of the filed round by digest, and the acts (第十五条)."""
        review = self.review
        return {
            "form": ARCHIVE_FORM,
            "filing_number": self.number,
            "batch_id": review.batch_id,
            "round": review.round,
            "record_set": self.record_set.model_dump(),
            "original": review.original.model_dump(),
            "scan": review.scan.model_dump(),
            "manifest": review.manifest.model_dump(),
            "opinion": review.opinion.model_dump() if review.opinion else None,
            "rule_pack": self.rule_pack.model_dump(),
            "acts": [act.model_dump() for act in review.acts],
        }

    def receipt(self, archive: StoredObject) -> Mapping[str, Any]:
        """What the receipt says, before it is signed."""
        review = self.review
        return {
            "filing_number": self.number,
            "batch_id": review.batch_id,
            "round": review.round,
            "unit": {"code": review.unit_code, "name": self.unit_name},
            "province_code": review.province_code,
            "category": {"code": review.category, "name": review.category.name_zh},
            "resolution_number": review.resolution_number,
            "filed_count": self.record_set.record_count,
            "filed_at": self.filed_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
            "merkle_root": self.record_set.merkle_root,
            "digests": {
                "original": review.original.sha256,
                "record_set": self.record_set.object.sha256,
                "scan": review.scan.sha256,
                "manifest": review.manifest.sha256,
                "archive": archive.sha256,
            },
            "rule_pack": self.rule_pack.model_dump(),
            "article": "14(3)",
        }
