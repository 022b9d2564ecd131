"""Numbers of identity documents (身份证件号码) that are valid in form and belong to nobody.

Resident identity numbers carry a province's own code (320000) where a county's belongs: such numbers pass
GB 11643 and every format rule but are never issued to a person. Forms: id_document_type.csv.
"""

from operator import mul
from random import Random

RESIDENT, TRAVEL_HK_MACAO, TRAVEL_TAIWAN, RESIDENCE_PERMIT = "01", "05", "06", "07"
PERMANENT_RESIDENT, PERMANENT_RESIDENT_OLD, PASSPORT, OVERSEAS_PASSPORT = "08", "09", "10", "11"

CHINA, HONG_KONG, MACAO, TAIWAN = "156", "344", "446", "158"
RESIDENCE_PREFIX = {HONG_KONG: "810000", MACAO: "820000", TAIWAN: "830000"}

_PROVINCES = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65"
PROVINCES = tuple(_PROVINCES.split())

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def check_character(digits: str) -> str:
    """The 18th character to 17 digits (GB 11643, MOD 11-2)."""
    return "10X98765432"[sum(map(mul, map(int, digits), _WEIGHTS)) % 11]


def _checked(prefix: str, born: str, serial: int) -> str:
    digits = f"{prefix}{born}{serial:03d}"
    return digits + check_character(digits)


def _serial(rng: Random, sex: str) -> int:
    """Three digits whose last is odd for men and even for women."""
    return rng.randrange(500) * 2 + (sex == "1")


def resident_number(rng: Random, born: str, sex: str) -> str:
    """居民身份证 (01), with a place code that is never issued."""
    return _checked(rng.choice(PROVINCES) + "0000", born, _serial(rng, sex))


def residence_permit_number(rng: Random, born: str, sex: str, country: str) -> str:
    """港澳台居民居住证 (07)."""
    return _checked(RESIDENCE_PREFIX[country], born, _serial(rng, sex))


def permanent_resident_number(rng: Random, born: str, sex: str, country: str) -> str:
    """外国人永久居留身份证, version 2023 (08): 9, place of application, country, birth date, serial, check."""
    return _checked(f"9{rng.choice(PROVINCES)}{country}", born, _serial(rng, sex))


def old_permanent_resident_number(rng: Random, born: str, alpha3: str) -> str:
    """外国人永久居留证 before 2023-12 (09): three letters and twelve digits."""
    return f"{alpha3}{rng.randrange(10_000):04d}{born[2:]}{rng.randrange(100):02d}"


def travel_permit_number(rng: Random, country: str) -> str:
    """港澳居民来往内地通行证 (05, H or M) or 台湾居民来往大陆通行证 (06), without the issue count."""
    digits = f"{rng.randrange(100_000_000):08d}"
    return digits if country == TAIWAN else ("H" if country == HONG_KONG else "M") + digits


def passport_number(rng: Random) -> str:
    """护照 (10)."""
    return f"{rng.choice('ABCFGKLMNPRTX')}{rng.choice('ABCDEFGHKX')}{rng.randrange(10_000_000):07d}"


def overseas_passport_number(rng: Random) -> str:
    """Chinese passport of an overseas Chinese (华侨, 11)."""
    return f"E{rng.choice('ABCDEFGH')}{rng.randrange(10_000_000):07d}"
