"""The closed, published list of reason codes (原因代码): why something was refused, returned or set aside.

A code is never reused and never changes its meaning; ``since`` is the platform version that brought it.
Doors map ``kind`` to a status or exit code; texts never carry a value or a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class ReasonKind(StrEnum):
    """What a door answers for a reason: one HTTP status and one exit code each."""

    NOT_SIGNED_IN = "not_signed_in"
    NOT_ALLOWED = "not_allowed"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    INVALID = "invalid"
    TOO_LARGE = "too_large"
    UNAVAILABLE = "unavailable"
    RETURNED = "returned"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: code, kind, article, text in two languages, how to mend it in two languages."""

    code: str
    kind: ReasonKind
    article: str
    text_zh: str
    text_en: str
    fix_zh: str
    fix_en: str
    since: str = "0.1"


K = ReasonKind
_ALL = (
    # --- identity -------------------------------------------------------------------------------
    Reason("token-missing", K.NOT_SIGNED_IN, "15", "未提供访问令牌", "No access token was given", "请先登录", "Sign in and send the token as a Bearer token"),
    Reason("token-invalid", K.NOT_SIGNED_IN, "15", "访问令牌无效", "The access token is not valid", "请重新登录", "Sign in again"),
    Reason("token-expired", K.NOT_SIGNED_IN, "15", "访问令牌已过期", "The access token has expired", "请重新登录", "Sign in again; no work is lost"),
    Reason("role-missing", K.NOT_ALLOWED, "15", "您没有办理此事项的角色", "You do not hold the role this act needs", "请由具备该角色的人员办理", "Ask a person who holds the role named in `needs`"),
    Reason("office-foreign", K.NOT_ALLOWED, "4", "此事项属于其他机构", "This belongs to another office", "请由所属机构办理", "Only the office it belongs to may act"),
    Reason("same-person", K.NOT_ALLOWED, "12(2)", "同一自然人不得办理相互制约的环节", "The same natural person may not do both acts", "请由另一人员办理", "Ask another person who holds the role"),
    # --- requests -------------------------------------------------------------------------------
    Reason("request-invalid", K.INVALID, "12(5)", "请求内容不符合接口约定", "The request does not fit the interface", "请按 errors 中的提示修改", "Mend what `errors` names"),
    Reason("not-found", K.NOT_FOUND, "4", "未找到", "There is no such thing, or not in your office", "请核对编号", "Check the identifier"),
    Reason("idempotency-key-missing", K.INVALID, "12(4)", "缺少 Idempotency-Key", "The Idempotency-Key header is missing", "请为每次报送生成一个唯一键并在重试时沿用", "Send one unique key per batch and repeat it when you retry"),
    Reason("idempotency-key-reused", K.CONFLICT, "12(4)", "同一 Idempotency-Key 已用于不同内容", "This Idempotency-Key was used with another body", "请换用新键", "Use a new key for a new batch"),
    Reason("busy", K.UNAVAILABLE, "14(1)", "系统繁忙", "The service is busy", "请稍后重试", "Retry after the time in Retry-After"),
    Reason("fault", K.SYSTEM, "14(1)", "系统故障,已记录", "A fault of ours; it was recorded", "请稍后重试或提供 trace_id 联系支持", "Retry later, or quote the trace_id"),
    Reason("method-not-allowed", K.INVALID, "14(1)", "该地址不支持此方法", "This address does not serve the method", "请使用 Allow 所列方法", "Use a method named in Allow"),
    Reason("request-too-large", K.TOO_LARGE, "12(5)", "请求内容超过大小上限", "The body of the request is larger than the limit", "请分次提交;文件请用 PUT /v1/objects 上传", "Send less at once; files go to PUT /v1/objects"),
    # --- objects --------------------------------------------------------------------------------
    Reason("digest-malformed", K.INVALID, "15", "摘要应为64位十六进制小写", "The digest is not 64 lower-case hexadecimal digits", "请使用文件的 SHA-256", "Use the SHA-256 of the bytes"),
    Reason("digest-mismatch", K.INVALID, "15", "内容与摘要不符", "The bytes do not have the digest named in the address", "请重新计算 SHA-256 并上传", "Compute the SHA-256 again and upload again"),
    Reason("object-too-large", K.TOO_LARGE, "12(4)", "文件超过大小上限", "The object is larger than the limit", "请拆分文件", "Split the file; the limit is in `limit_bytes`"),
    Reason("object-length-wrong", K.INVALID, "15", "内容长度与声明不符", "The body is longer or shorter than announced", "请重新上传", "Upload again"),
    Reason("object-empty", K.INVALID, "12(4)", "文件为空", "The object is empty", "请选择正确的文件", "Choose the right file"),
    Reason("object-unknown", K.INVALID, "12(4)", "引用的文件尚未上传", "The object named was not uploaded by your unit", "请先上传该文件", "Upload it first with PUT /v1/objects/{sha256}"),
    Reason("object-missing", K.SYSTEM, "14(3)", "存储中缺少该文件", "The object is missing from storage", "请联系运维", "Operators are told; nothing is filed without it"),
    Reason("object-damaged", K.SYSTEM, "14(3)", "存储中的文件与摘要不符", "The stored object does not have its digest", "请联系运维", "Operators are told; nothing is filed from it"),
    # --- messages (dead letters) ----------------------------------------------------------------
    Reason("message-not-json", K.SYSTEM, "14(1)", "消息不是 JSON", "The message is not JSON", "请联系运维", "See the dead letters"),
    Reason("message-invalid", K.SYSTEM, "14(1)", "消息不符合约定", "The message does not fit its contract", "请联系运维", "See the dead letters"),
    Reason("message-version-unknown", K.SYSTEM, "14(1)", "消息版本未知", "The message is of an unknown type or version", "请联系运维", "Upgrade the consumer, then replay"),
    Reason("message-refused", K.SYSTEM, "14(1)", "消息与当前状态不符", "The message does not fit what is known of its subject", "请联系运维", "See the dead letters"),
    # --- provincial review ----------------------------------------------------------------------
    Reason("review-not-assessed", K.CONFLICT, "13(1)", "尚无初审意见,不能签发或退回初审", "There is no assessment to sign or send back yet", "请先由初审人员提交意见", "Let a reviewer assess the round first"),
    Reason("review-decided", K.CONFLICT, "13(1)", "本轮审核已签发,不能再更改", "This round was decided and the decision stands", "如需更正请由单位在下一轮办理", "Corrections are made in the next round"),
    Reason("review-withdrawn", K.CONFLICT, "13(2)", "单位已撤回本轮报送", "The unit withdrew this round", "请等待单位重新上报", "Wait until the unit submits again"),
    Reason("review-changed", K.CONFLICT, "13(1)", "审核内容已被他人更新", "Someone acted on this review in the meantime", "请刷新后重新办理", "Look at the review again, then decide"),
    Reason("record-unknown", K.INVALID, "13(2)", "本轮没有该记录", "This round has no such record", "请核对 record_id", "Check the record_id"),
    Reason("record-named-twice", K.INVALID, "13(2)", "同一记录重复列出", "The same record is named twice", "每条记录只列一次", "Name each record once"),
    Reason("return-reason-unknown", K.INVALID, "13(2)", "退回原因代码不在公布目录内", "The reason code is not one of the published reasons for a return", "请选用公布的退回原因代码", "Use a published return reason"),
    Reason("field-unknown", K.INVALID, "9", "该类别没有此数据项", "The category has no such field", "请核对数据项代码", "Check the field code"),
    Reason("record-breaks-rule", K.INVALID, "13(1)", "记录有强制性校验发现,不能通过审核", "A record with an error finding cannot be approved", "请以 rule-broken 等原因退回该记录", "Return the record, for example with the reason rule-broken"),
    Reason("record-set-mismatch", K.SYSTEM, "15", "记录集与事件所载摘要或数量不符", "The record set does not have the root or count its event names", "请联系运维", "Operators are told; nothing is reviewed from it"),
    Reason("no-list-supplied", K.NOT_FOUND, "13(1)", "单位未提供可比对的名单", "The unit supplied no list of names to compare with", "请对照决议扫描件人工核对", "Compare with the scan of the resolution by eye"),
    Reason("list-unreadable", K.NOT_FOUND, "13(1)", "名单无法读取,未作比对", "The list of names cannot be read; nothing was compared", "请对照决议扫描件人工核对", "Compare with the scan of the resolution by eye"),
    # --- why a province returns a record (退回原因) -----------------------------------------------
    Reason("not-in-resolution", K.RETURNED, "13(1)", "决议名单中无此人", "The person is not on the list of the resolution", "请核对决议名单,删除该记录或补充决议", "Check the list; drop the record or supply the resolution that names the person"),
    Reason("name-differs", K.RETURNED, "13(1)", "姓名与决议不一致", "The name differs from the resolution", "请按决议更正姓名", "Correct the name as in the resolution"),
    Reason("award-date-differs", K.RETURNED, "13(1)", "获学位日期与决议不一致", "The award date differs from the resolution", "请按决议更正获学位日期", "Correct the award date as in the resolution"),
    Reason("category-differs", K.RETURNED, "13(1)", "学位类别与决议不一致", "The degree category differs from the resolution", "请按决议更正学位类别", "Correct the degree category as in the resolution"),
    Reason("major-differs", K.RETURNED, "13(1)", "专业与决议不一致", "The major differs from the resolution", "请按决议更正专业", "Correct the major as in the resolution"),
    Reason("certificate-number-differs", K.RETURNED, "13(1)", "学位证书编号与决议名单不一致", "The certificate number differs from the list of the resolution", "请按决议名单更正证书编号", "Correct the certificate number as on the list"),
    Reason("student-record-differs", K.RETURNED, "13(1)", "与学籍学历信息不一致", "The record differs from the student record", "请与学籍学历信息核对后更正", "Compare with the student record and correct"),
    Reason("exam-record-differs", K.RETURNED, "13(1)", "与考试信息不一致", "The record differs from the examination data", "请与考试信息核对后更正", "Compare with the examination data and correct"),
    Reason("rule-broken", K.RETURNED, "13(1)", "信息不符合有关标准", "The record breaks a rule of the data standard", "请按校验发现更正", "Mend what the findings name"),
    Reason("scan-unreadable", K.RETURNED, "13(1)", "决议扫描件无法辨认", "The scan of the resolution cannot be read", "请重新扫描并上传决议", "Scan the resolution again and upload it"),
    Reason("headcount-differs", K.RETURNED, "13(1)", "报送人数与决议人数不一致", "The number of records differs from the head count of the resolution", "请核对人数,补报缺少的记录或说明原因", "Check the head count; add what is missing or explain"),
    Reason("duplicate-award", K.RETURNED, "13(1)", "同一学位重复授予或重复报送", "The same award is reported twice", "请核实并删除重复记录", "Check and drop the repeated record"),
    Reason("not-conforming", K.RETURNED, "13(1)", "不符合学位授予有关规定", "The award does not conform to the provisions on awarding degrees", "请核实授予条件后更正或撤回", "Check the conditions of the award; correct or withdraw"),
    Reason("whole-batch-returned", K.RETURNED, "13(2)", "因同批其他记录被退回,整批退回", "Returned with its round: other records were returned and the province decides rounds whole", "更正被指出的记录后整批重新上报", "Correct the records that were named and submit the round again"),
    Reason("other", K.RETURNED, "13(2)", "其他原因,见退回说明", "Another reason, told in the comment", "请按退回说明办理", "Do what the comment says"),
    Reason("certificate-number-taken", K.RETURNED, "14(2)", "学位证书编号已被备案信息使用", "The certificate number belongs to a filed record already", "请核对证书编号;确为重复报送的请清理", "Check the certificate number; clean out a record reported twice"),
    # --- collector ------------------------------------------------------------------------------
    Reason("unit-unknown", K.NOT_ALLOWED, "4", "学位授予单位代码表中没有您的单位", "Your unit is not in the table of degree-granting units", "请联系省级学位委员会办公室登记单位代码", "Ask the provincial office to register the unit code"),
    Reason("resolution-number-taken", K.CONFLICT, "12(4)", "该决议编号已登记且内容不同", "A resolution of this number is registered with other content", "请核对决议编号;同一决议请勿改动内容", "Check the number; send the registered content again to get it back"),
    Reason("level-not-in-resolution", K.INVALID, "12(4)", "决议不含该学位层次", "The resolution does not award degrees of this level", "请选择对应层次的决议", "Choose the resolution that awards this level; see `levels`"),
    Reason("batch-already-received", K.CONFLICT, "12(4)", "同一文件已作为批次接收", "The same file was received as a batch already", "无需重复上传,请查看 batch_id 所指批次", "Nothing is lost: look at the batch named in `batch_id`"),
    Reason("illegal-move", K.CONFLICT, "11", "批次当前状态不允许此操作", "The batch's state does not allow this", "请查看批次状态与下一步", "See `state`, and `next` of the batch for who must act"),
    Reason("window-closed", K.CONFLICT, "12(4), 12(6)", "自决议生效起30日的报送期限已过,须申请补报", "The 30 days since the resolution took effect are over; late filing must be applied for", "请按第十二条(六)申请补报", "Apply for late filing under Article 12(6)"),
    Reason("not-checked-yet", K.CONFLICT, "12(5)", "文件尚在解析校验", "The file is still being read and checked", "请稍后再查", "Wait until the batch's state is no longer received"),
    Reason("too-heavy", K.INVALID, "12(5)", "读取该文件超过内存或时间上限", "Reading the file needs more memory or time than is given", "请拆分或另存后重新上传", "Split the file or save it anew and upload again"),
    # --- record files and name lists that cannot be read (contracts.standard.unreadable) -----------
    Reason("not-a-table", K.INVALID, "12(5)", "文件不是 XLSX 或 CSV 表格", "The file is not an XLSX or CSV table", "请另存为 XLSX 或 CSV 后上传", "Save it as XLSX or CSV"),
    Reason("cannot-open", K.INVALID, "12(5)", "无法打开文件", "The file cannot be opened", "请核对路径与权限", "Check its path and permissions"),
    Reason("empty", K.INVALID, "12(5)", "文件是空的", "The file is empty", "请选择正确的文件", "Choose the right file"),
    Reason("header-only", K.INVALID, "12(5)", "文件只有表头,没有数据行", "The file has headers but no rows", "请填写数据后上传", "Fill in the records"),
    Reason("no-known-columns", K.INVALID, "12(5)", "首行没有可识别的列名", "The first row has no known column name", "请以数据项代码或中文名称作为表头", "Use field codes or Chinese names as headers"),
    Reason("encoding", K.INVALID, "12(5)", "文字编码无法识别", "The text is in no known encoding", "请另存为 UTF-8 或 GB 18030", "Save it as UTF-8 or GB 18030"),
    Reason("mixed-encoding", K.INVALID, "12(5)", "同一文件混用了不同编码", "The file mixes encodings", "请统一另存为 UTF-8", "Save all of it as UTF-8"),
    Reason("nul-bytes", K.INVALID, "12(5)", "文件含有空字节,可能是不带 BOM 的 UTF-16 或已损坏", "The file holds NUL bytes: UTF-16 without a BOM, or damage", "请另存为 UTF-8", "Save it as UTF-8"),
    Reason("ragged", K.INVALID, "12(5)", "有的行与表头列数不同", "Some rows have another number of cells than the header", "请检查分隔符与引号", "Check separators and quotation marks"),
    Reason("quotes", K.INVALID, "12(5)", "引号不成对或位置不正确", "A quotation mark is unpaired or in the wrong place", "请改正引号,或另存为 XLSX", "Put the quotation marks right, or save it as XLSX"),
    Reason("truncated", K.INVALID, "12(5)", "文件不完整", "The file is cut short", "请重新导出并上传", "Export and upload it again"),
    Reason("damaged", K.INVALID, "12(5)", "文件已损坏", "The file is damaged", "请用表格软件打开后另存", "Open it in a spreadsheet program and save it again"),
    Reason("zip-bomb", K.INVALID, "12(5)", "文件解压后过大", "The file unpacks to far more than a table needs", "请将数据复制到新工作簿后上传", "Copy the records into a new workbook"),
    Reason("xml-entities", K.INVALID, "12(5)", "文件内含 XML 实体或文档类型声明,不予读取", "The file declares XML entities or a document type and is not read", "请用表格软件另存为 XLSX", "Save it as XLSX with a spreadsheet program"),
    Reason("macros", K.INVALID, "12(5)", "文件含有宏", "The file holds macros", "请另存为不含宏的 XLSX", "Save it as XLSX without macros"),
    Reason("old-xls", K.INVALID, "12(5)", "这是旧版 XLS 文件,改扩展名无效", "This is an old XLS file, whatever its name says", "请另存为 XLSX", "Save it as XLSX"),
    Reason("encrypted", K.INVALID, "12(5)", "文件已加密", "The file is encrypted", "请去除密码后上传", "Remove the password"),
    Reason("formula", K.INVALID, "12(5)", "单元格含有公式", "A cell holds a formula", "请将公式粘贴为数值", "Paste formulas as values"),
    Reason("error-value", K.INVALID, "12(5)", "单元格是错误值(如 #N/A)", "A cell holds an error value such as #N/A", "请改正该单元格", "Put the cell right"),
    Reason("several-sheets", K.INVALID, "12(5)", "有多个工作表含数据", "More than one sheet holds records", "请只保留一个工作表", "Keep one sheet"),
    Reason("too-large", K.TOO_LARGE, "12(5)", "文件超过大小上限", "The file is larger than the limit", "请拆分批次", "Split the batch"),
    Reason("too-many-rows", K.INVALID, "12(5)", "行数超过上限", "There are more rows than the limit", "请拆分批次", "Split the batch"),
    Reason("too-many-columns", K.INVALID, "12(5)", "列数超过上限", "There are more columns than the limit", "请删除多余的列", "Delete surplus columns"),
    Reason("cell-too-large", K.INVALID, "12(5)", "单元格内容超过长度上限", "A cell is longer than the limit", "请核对该单元格", "Check the cell"),
    # --- scans that are not taken (contracts.standard.scans) --------------------------------------
    Reason("reader-fault", K.SYSTEM, "12(5)", "读取时发生系统故障,已记录", "Reading failed by a fault of ours, which was recorded", "文件未必有误,请提供受理号联系支持或重新上传", "The file may be in order: quote the acceptance number, or upload again"),
    Reason("scan-empty", K.INVALID, "12(4)", "扫描件是空文件", "The scan is an empty file", "请重新扫描后上传", "Scan the resolution again"),
    Reason("scan-too-large", K.TOO_LARGE, "12(4)", "扫描件超过大小上限", "The scan is larger than the limit", "请降低分辨率或拆分", "Scan at a lower resolution"),
    Reason("scan-not-a-pdf", K.INVALID, "12(4)", "扫描件不是 PDF", "The scan is not a PDF, whatever its name says", "请导出为 PDF", "Export it as PDF"),
    Reason("scan-truncated", K.INVALID, "12(4)", "扫描件不完整", "The scan is cut short", "请重新扫描或导出", "Scan or export it again"),
    Reason("scan-encrypted", K.INVALID, "12(4)", "扫描件已加密", "The scan is encrypted", "请去除密码与权限限制", "Remove passwords and restrictions"),
    Reason("scan-damaged", K.INVALID, "12(4)", "扫描件已损坏", "The scan is damaged and cannot be opened", "请重新扫描或导出", "Scan or export it again"),
    Reason("scan-no-pages", K.INVALID, "12(4)", "扫描件没有页面", "The scan has no pages", "请重新扫描或导出", "Scan or export it again"),
    Reason("scan-too-many-pages", K.INVALID, "12(4)", "扫描件页数超过上限", "The scan has more pages than the limit", "请拆分决议附件", "Split the annex of the resolution"),
    Reason("scan-too-heavy", K.INVALID, "12(4)", "打开扫描件超过内存或时间上限", "Opening the scan needs more memory or time than is given", "请降低分辨率后重新导出", "Export it again at a lower resolution"),
    # --- why a unit itself sends a batch back (校核退回与撤回) --------------------------------------
    Reason("check-failed", K.RETURNED, "12(2)", "校核未通过", "The checker did not pass it", "请采集人更正后重新上传", "Let the collector correct and upload again"),
    Reason("withdrawn-by-unit", K.RETURNED, "17", "单位撤回", "Withdrawn by the unit", "更正后可重新上报", "Correct, then submit again"),
    Reason("wrong-file", K.RETURNED, "17", "上传文件有误", "The wrong file was uploaded", "请上传正确的文件", "Upload the right file"),
    # --- notices --------------------------------------------------------------------------------
    Reason("contact-missing", K.SYSTEM, "14(1)", "该机构未登记电子邮箱", "The office has given no e-mail address", "请登记接收通知的邮箱", "Set one with PUT /v1/contact; the in-app inbox has the notice"),
    Reason("mail-refused", K.SYSTEM, "14(1)", "邮件被对方服务器拒收", "The mail server refused the message for good", "请核对邮箱地址", "Check the address; the in-app inbox has the notice"),
    Reason("mail-unavailable", K.SYSTEM, "14(1)", "邮件服务器多次无法接收", "The mail server could not take the message after several tries", "请联系运维", "Operators look at the mail server; the in-app inbox has the notice"),
    Reason("delivery-unknown", K.SYSTEM, "14(1)", "发送中断,是否送达不明", "Sending was cut off; whether the mail left is unknown", "请查看站内通知", "It is not sent twice; the in-app inbox has the notice"),
)  # fmt: skip

REASONS = {reason.code: reason for reason in _ALL}


def reason(code: str) -> Reason:
    """The reason with this code; KeyError when the list has none."""
    return REASONS[code]


@dataclass(frozen=True, slots=True)
class Refused:
    """A domain's refusal, as a value: a published reason code and what a reader needs to act on it.

    ``extra`` holds states, limits, roles and dates; never a person's data.
    """

    code: str
    extra: Mapping[str, str | int] = field(default_factory=dict[str, str | int])

    def __post_init__(self) -> None:
        if self.code not in REASONS:
            raise KeyError(self.code)
