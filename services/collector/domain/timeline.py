"""What may stand in a batch's timeline (时间线), in both languages."""

from collections.abc import Mapping
from enum import StrEnum


class What(StrEnum):
    """The kinds of things that happen to a batch."""

    RECEIVED = "received"
    UNREADABLE = "unreadable"
    FINDINGS = "findings"
    COLLECTED = "collected"
    CHECKED = "checked"
    OBJECTED = "objected"
    SUBMITTED = "submitted"
    WITHDRAWAL_REQUESTED = "withdrawal_requested"
    WITHDRAWN = "withdrawn"
    REVIEWED = "reviewed"
    FORMAT_CHECKED = "format_checked"
    FILED = "filed"
    NOTICE_SENT = "notice_sent"
    NOTICE_FAILED = "notice_failed"

    @property
    def text_zh(self) -> str:
        """What happened, in Chinese."""
        return TEXTS[self][0]

    @property
    def text_en(self) -> str:
        """What happened, in English."""
        return TEXTS[self][1]


W = What
TEXTS: Mapping[What, tuple[str, str]] = {
    W.RECEIVED: ("已接收文件", "The file was received"),
    W.UNREADABLE: ("文件无法读取", "The file could not be read"),
    W.FINDINGS: ("校验发现强制错误", "The check found errors"),
    W.COLLECTED: ("采集完成,校验无强制错误", "Collected: the check found no error"),
    W.CHECKED: ("校核通过", "Checked by a second person"),
    W.OBJECTED: ("校核未通过", "The checker did not pass it"),
    W.SUBMITTED: ("已上报省级审核", "Submitted to the province"),
    W.WITHDRAWAL_REQUESTED: ("单位申请撤回", "The unit asked to withdraw"),
    W.WITHDRAWN: ("已撤回", "Withdrawn"),
    W.REVIEWED: ("省级审核完成", "The province completed its review"),
    W.FORMAT_CHECKED: ("形式审查完成", "The national centre completed the format check"),
    W.FILED: ("已备案,回执已出具", "Filed; the receipt was issued"),
    W.NOTICE_SENT: ("通知已送出", "A notice was sent"),
    W.NOTICE_FAILED: ("通知未送达", "A notice could not be delivered"),
}
