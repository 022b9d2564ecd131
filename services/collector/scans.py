"""Looking at one scan (扫描件) in a process of its own, which loads nothing but the PDF library."""

from contracts.standard.scans import ScanFacts, ScanLimits, UnreadableScan, inspect_scan


def look_at_scan(data: bytes, limits: ScanLimits) -> ScanFacts | UnreadableScan:
    """Opens a scan and counts its pages; an unreadable one is an answer, not a fault."""
    try:
        return inspect_scan(data, limits)
    except UnreadableScan as answer:
        return answer


def load() -> None:
    """Loads the library, so that the first scan does not wait for it."""
    look_at_scan(b"%PDF-1.7\n%%EOF", ScanLimits())
