"""D01: at least one resolution scan that can be read (学位授予决议扫描件, Article 12(4))."""

from collections.abc import Callable

from contracts.standard.rules.context import Context, ScanFacts, Stage
from contracts.standard.rules.rule import Branch, Example, OfBatch, Rule, Severity, Spot, Text

SCAN_SIZE_MAX_BYTES = 200 * 1024 * 1024
SCAN_PAGE_COUNT_MAX = 500
_SCAN = ScanFacts(sha256="0" * 64, size_bytes=120_000, page_count=3)


def _none(context: Context) -> tuple[Spot, ...]:
    return () if context.documents else (Spot(),)


def _each(broken: Callable[[ScanFacts], bool]) -> OfBatch:
    """One finding for each scan the question is true of; the scan is named by the start of its digest."""

    def spots(context: Context) -> tuple[Spot, ...]:
        return tuple(Spot(detail=scan.sha256[:12]) for scan in context.documents or () if broken(scan))

    return OfBatch(spots)


def _with(*scans: ScanFacts) -> tuple[Example, ...]:
    return (Example(given={"documents": scans}),)


def _scan(size_bytes: int = 120_000, page_count: int = 3, **facts: bool) -> ScanFacts:
    return ScanFacts("1" * 64, size_bytes, page_count, **facts)


def _about_scans(
    name: str,
    check: OfBatch,
    good: tuple[Example, ...],
    bad: tuple[Example, ...],
    message: Text | None = None,
    fix: Text | None = None,
) -> Branch:
    return Branch(name, check, good, bad, message, fix, needs=frozenset({"documents"}))


D01 = Rule(
    id="D01",
    severity=Severity.ERROR,
    stages=frozenset({Stage.UNIT, Stage.CENTRE}),
    fields=("resolution",),
    article="12(4)",
    evidence="REG 12(4)",
    message=Text("缺少可读的决议扫描件", "There is no readable scan of the resolution"),
    fix=Text(
        "请上传含学位获得者名单的决议扫描件(PDF)",
        "Upload the scanned resolution with its list of names as PDF",
    ),
    branches=(
        _about_scans("none", OfBatch(_none), _with(_SCAN), _with()),
        _about_scans(
            "unreadable",
            _each(lambda scan: not scan.readable and not scan.encrypted),
            _with(_SCAN),
            _with(_SCAN, _scan(readable=False)),
            Text("决议扫描件 {detail} 无法打开", "The scan {detail} cannot be opened"),
            Text("请重新扫描或重新导出为PDF", "Scan or export the PDF again"),
        ),
        _about_scans(
            "encrypted",
            _each(lambda scan: scan.encrypted),
            _with(_SCAN),
            _with(_scan(encrypted=True)),
            Text("决议扫描件 {detail} 已加密", "The scan {detail} is encrypted"),
            Text("请取消密码后重新上传", "Remove the password and upload again"),
        ),
        _about_scans(
            "no-pages",
            _each(lambda scan: scan.readable and not scan.encrypted and scan.page_count <= 0),
            _with(_SCAN),
            _with(_scan(page_count=0)),
            Text("决议扫描件 {detail} 没有页面", "The scan {detail} has no pages"),
        ),
        _about_scans(
            "too-large",
            _each(
                lambda scan: scan.size_bytes > SCAN_SIZE_MAX_BYTES or scan.page_count > SCAN_PAGE_COUNT_MAX
            ),
            _with(_SCAN),
            _with(_scan(page_count=501)) + _with(_scan(size_bytes=SCAN_SIZE_MAX_BYTES + 1)),
            Text(
                "决议扫描件 {detail} 超过500页或200 MiB",
                "The scan {detail} has more than 500 pages or 200 MiB",
            ),
            Text("请降低分辨率或拆分后上传", "Scan at a lower resolution or split it"),
        ),
        _about_scans(
            "malware",
            _each(lambda scan: scan.malware_free is False),
            _with(_SCAN),
            _with(_scan(malware_free=False)),
            Text("决议扫描件 {detail} 含恶意内容", "The scan {detail} carries malware"),
            Text("请在干净的计算机上重新生成该文件", "Make the file again on a clean computer"),
        ),
    ),
)

RULES = (D01,)
