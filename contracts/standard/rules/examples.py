"""A valid record (合格记录) of every category, on which the rules' examples are built. The people are made up."""

from contracts.standard.rules.identity_numbers import check_character
from contracts.vocabulary import RecordCategory

UNIT = "10001"
RESOLUTION_NUMBER = "学位〔2025〕12号"
AWARD_DATE = "20250625"
_BODY = "11010520020315007"
IDENTITY_NUMBER = _BODY + check_character(_BODY)


def certificate_number(level: str, serial: int = 1, year: str = "2025") -> str:
    """A certificate number of the example unit: unit, level digit, year, six digits (学位〔2015〕18号)."""
    return f"{UNIT}{level}{year}{serial:06d}"


_PERSON = {
    "XM": "欧阳明",
    "XMPY": "Ouyang Ming",
    "XBM": "1",
    "GBM": "156",
    "MZM": "01",
    "ZZMMM": "03",
    "CSRQ": "20020315",
    "ZJLXM": "01",
    "ZJHM": IDENTITY_NUMBER,
}
_FOREIGNER = {
    "XM": "Maria Clara Santos",
    "XMPY": "Santos Maria Clara",
    "XBM": "2",
    "GBM": "076",
    "CSRQ": "20020315",
    "ZJLXM": "10",
    "ZJHM": "FX123456",
}
_AWARD = {
    "XWSYDWM": UNIT,
    "XZXM": "周远",
    "ZXXM": "周远",
    "HXWRQ": AWARD_DATE,
    "JYBH": RESOLUTION_NUMBER,
    "ZP": IDENTITY_NUMBER + ".jpg",
}
_THESIS = {
    "DSXM": "林清",
    "LWTM": "稀疏图上的最短路径",
    "LWGJC": "图；最短路径；稀疏",
    "LWXTLYM": "04",
    "LWYJFX": "图算法",
    "LWZXYZ": "zh",
}
_STUDY = {"RXNY": "202109", "BYNY": "202506", "XH": "2021000123"}
_APPLICATION = {"SQXWBH": "2024100010001", "SQXWNY": "202403"}
_ACADEMIC = {"SFYJXK": "0", "YJXKM": "0812", "ZYDM": "081202", "ZYMC": "计算机软件与理论"}
_BACHELOR = {
    **_STUDY,
    "PYDWM": UNIT,
    "ZYDM": "080901",
    "ZYMC": "计算机科学与技术",
    "ZSZYMC": "计算机科学与技术",
    "KSH": "21110105150001",
    "XZ": "4",
    "XXXSM": "01",
    "SFDEXW": "0",
    "SFFXXW": "0",
    **_THESIS,
    "LWLXM": "BYLW",
}


def _graduate(level: str, degree: str, *groups: dict[str, str]) -> dict[str, str]:
    record = {**_PERSON, **_AWARD, **_THESIS, "LWLXM": "2", "XWLBM": degree}
    for group in groups:
        record |= group
    return record | {"XWZSBH": certificate_number(level)}


def _bachelor(degree: str, *groups: dict[str, str]) -> dict[str, str]:
    record = {**_AWARD, **_BACHELOR, "XWLBM": degree, "XWZSBH": certificate_number("4")}
    for group in groups:
        record |= group
    return record


def _without(record: dict[str, str], *codes: str) -> dict[str, str]:
    return {code: text for code, text in record.items() if code not in codes}


_MODE = {"XXFSM": "1"}
_ADULT = {"XXXSM": "07", "XZ": "2.5", "RXNY": "202209"}
_ARCHITECTURE = {"ZYDM": "082801", "ZYMC": "建筑学", "ZSZYMC": "建筑学", "XZ": "5", "RXNY": "202009"}
_THESIS_CODES = ("DSXM", "LWTM", "LWGJC", "LWXTLYM", "LWYJFX", "LWZXYZ", "LWLXM")
_BASELINES = {
    RecordCategory.B1: _graduate("2", "208", _STUDY, _MODE, _ACADEMIC),
    RecordCategory.B2: _graduate("2", "208", _APPLICATION, _ACADEMIC),
    RecordCategory.B3: _graduate("2", "20854", _STUDY, _MODE, {"ZYLY": "0854", "ZYMC": "电子信息"}),
    RecordCategory.S1: _graduate("3", "308", _STUDY, _MODE, _ACADEMIC),
    RecordCategory.S2: _graduate("3", "308", _APPLICATION, _ACADEMIC),
    RecordCategory.S3: _graduate("3", "30854", _STUDY, _MODE, {"ZYLY": "0854", "ZYMC": "电子信息"}),
    RecordCategory.X1: _bachelor("408", _PERSON),
    RecordCategory.X2: _without(_bachelor("408", _PERSON, _ADULT), *_THESIS_CODES, "SFDEXW", "SFFXXW"),
    RecordCategory.X3: _without(_bachelor("408", _FOREIGNER), "KSH"),
    RecordCategory.X4: _bachelor("40851", _PERSON, _ARCHITECTURE),
}


def baseline(category: RecordCategory) -> dict[str, str]:
    """A record of the category without a finding: field code to text; a fresh copy each time."""
    return dict(_BASELINES[category])
