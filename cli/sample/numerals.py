"""Head counts in words (大写数字), as resolutions state them: 357 is 叁佰伍拾柒."""

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("仟", "佰", "拾", "")


def in_words(count: int) -> str:
    """A count from 0 to 99,999,999 in capital Chinese numerals."""
    if count == 0:
        return _DIGITS[0]
    myriads, rest = divmod(count, 10_000)
    words = f"{_below_myriad(myriads)}万" if myriads else ""
    if not rest:
        return words
    gap = _DIGITS[0] if myriads and rest < 1_000 else ""
    return words + gap + _below_myriad(rest)


def _below_myriad(count: int) -> str:
    """1 to 9,999: one 零 for each run of zeros inside, none in front or behind."""
    words = "".join(
        _DIGITS[int(digit)] + (place if digit != "0" else "")
        for digit, place in zip(f"{count:04d}", _PLACES, strict=True)
    )
    return _DIGITS[0].join(part for part in words.split(_DIGITS[0]) if part)
