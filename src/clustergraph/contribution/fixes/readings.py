"""What a text may have been meant to say as a literal of a datatype: numbers, dates, Japanese eras."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from clustergraph.terms import XSD, Literal, NamedNode
from clustergraph.validation.literals import INTEGERS, is_well_typed

# The year before the first of each era, by its names.
_ERAS = {
    "明治": 1867, "meiji": 1867, "m": 1867, "大正": 1911, "taisho": 1911, "t": 1911,
    "昭和": 1925, "showa": 1925, "s": 1925, "平成": 1988, "heisei": 1988, "h": 1988,
    "令和": 2018, "reiwa": 2018, "r": 2018,
}  # fmt: skip
_ERA_DATE = re.compile(
    rf"({'|'.join(sorted(_ERAS, key=len, reverse=True))})\s*(元|\d{{1,2}})\s*年?度?"
    r"(?:[\s./-]*(\d{1,2})\s*月?(?:[\s./-]*(\d{1,2})\s*日?)?)?"
)
_YEAR_FIRST = re.compile(
    r"(?:fy\s*)?(\d{4})\s*年?度?(?:[\s./-]*(\d{1,2})(?!\d)\s*月?(?:[\s./-]*(\d{1,2})\s*日?)?)?"
)
_YEAR_LAST = re.compile(r"(\d{1,2})[\s./-]+(\d{1,2})[\s./-]+(\d{4})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = re.compile(rf"(?:(\d{{1,2}})\s+)?({'|'.join(_MONTHS)})[a-z]*\.?\s+(?:(\d{{1,2}}),?\s+)?(\d{{4}})")
_GROUPED = re.compile(r"([+-]?)(\d{1,3}(?:[, ']\d{3})+|\d+)(\.\d+)?")
_MYRIADS = {"兆": 10**12, "億": 10**8, "万": 10**4}
_MYRIAD = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*(兆|億|万)")
_TRUE = {"true", "yes", "y", "1", "はい", "有", "あり", "○"}
_FALSE = {"false", "no", "n", "0", "いいえ", "無", "なし", "×"}
_NUMBERS = INTEGERS | {XSD.decimal.value, XSD.double.value, XSD.float.value}

# No number and no date is longer than this; what some patterns take grows faster than a text does.
_LONGEST = 100

_Date = tuple[int, int | None, int | None]


def readings(text: str, datatype: NamedNode) -> Iterator[Literal]:
    """Well-formed literals of the datatype that the text may mean, the likeliest first.

    >>> [one.value for one in readings("平成14年", XSD.gYear)]
    ['2002']
    >>> [one.value for one in readings("１，０００", XSD.decimal)]
    ['1000']
    >>> [one.value for one in readings("03/04/2002", XSD.date)]
    ['2002-04-03', '2002-03-04']
    """
    if len(text) > _LONGEST:
        return
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    seen = set()
    for form in (plain, *_forms(plain.lower(), datatype)):
        literal = Literal(form, datatype=datatype)
        if form not in seen and is_well_typed(literal):
            seen.add(form)
            yield literal


def _forms(plain: str, datatype: NamedNode) -> Iterator[str]:
    if datatype.value in _NUMBERS:
        yield from _numbers(plain)
    elif datatype == XSD.boolean:
        yield from (word for word, texts in (("true", _TRUE), ("false", _FALSE)) if plain in texts)
    elif datatype in {XSD.gYear, XSD.gYearMonth, XSD.date}:
        for year, month, day in _dates(plain):
            if datatype == XSD.gYear:
                yield f"{year:04}"
            elif month is not None and datatype == XSD.gYearMonth:
                yield f"{year:04}-{month:02}"
            elif month is not None and day is not None and datatype == XSD.date:
                yield f"{year:04}-{month:02}-{day:02}"


def _numbers(plain: str) -> Iterator[str]:
    if found := _GROUPED.match(plain):
        rest = plain[found.end() :].strip()
        if not rest or not any(char.isdigit() or char in "兆億万" for char in rest):
            yield found[1] + re.sub(r"[, ']", "", found[2]) + (found[3] or "")
    parts = _MYRIAD.findall(plain)
    if parts and not re.search(r"\d", _MYRIAD.sub("", plain)):
        total = sum(float(number.replace(",", "")) * _MYRIADS[unit] for number, unit in parts)
        yield f"{total:.0f}"


def _dates(plain: str) -> Iterator[_Date]:
    """The dates that the text may mean, to the precision that it has."""
    if found := _ERA_DATE.fullmatch(plain):
        year = _ERAS[found[1]] + (1 if found[2] == "元" else int(found[2]))
        yield year, _number(found[3]), _number(found[4])
    if found := _COMPACT.fullmatch(plain) or _YEAR_FIRST.fullmatch(plain):
        year, month, day = int(found[1]), _number(found[2]), _number(found[3])
        yield year, month, day
        # The day before the month.
        yield year, day, month
    if found := _YEAR_LAST.fullmatch(plain):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        yield year, second, first
        yield year, first, second
    if found := _NAMED.fullmatch(plain):
        yield int(found[4]), _MONTHS.index(found[2]) + 1, _number(found[1] or found[3])


def _number(digits: str | None) -> int | None:
    return int(digits) if digits else None
