"""Reads a date in every spelling a roster holds; a date that is only half there stays half."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from grid.core.i18n import _
from grid.register.addresses import numeral

_EXCEL_DAY_0 = date(1899, 12, 30)
_YMD = re.compile(r"^(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?(?:[T\s].*)?$")
_YEAR_DIGITS = "〇○零一二三四五六七八九"
_CHINESE_YEAR = re.compile(rf"^([{_YEAR_DIGITS}]{{4}})(?=年)")
_CHINESE_PART = re.compile(r"([一二三四五六七八九十]{1,3})(?=[月日号])")
# Years of two digits: up to this one they are of this century.
_LAST_SHORT = 30
_SHORT_YMD = re.compile(r"^(\d{2})[-./年](\d{1,2})[-./月](\d{1,2})日?$")
_YM = re.compile(r"^(\d{4})[-./年](\d{1,2})月?$")
_MD = re.compile(r"^(\d{1,2})[-./月](\d{1,2})日?(?:\s.*)?$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_COMPACT_YM = re.compile(r"^((?:19|20)\d{2})(0[1-9]|1[0-2])$")
_YEAR = re.compile(r"^((?:18|19|20)\d{2})年?$")


@dataclass(frozen=True)
class DateReading:
    """`day` when the whole date is known; `partial` ('1990-01' or '1990') when only part of it is."""

    day: date | None = None
    partial: str | None = None
    warning: str | None = None


def read_date(cell: object, year: int | None = None) -> DateReading | None:
    """None for an empty cell. `year` completes a date without one (1月15日)."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, datetime):
        return DateReading(cell.date())
    if isinstance(cell, date):
        return DateReading(cell)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _from_number(cell)
    text = unicodedata.normalize("NFKC", str(cell)[:60]).strip().strip("'’")
    return _from_text(_one_spelling(text), year) if text else None


def _one_spelling(text: str) -> str:
    """With digits, and with one kind of sign between them: 二〇二一年三月五日, 2021，3，5 and 2021 3 5."""
    text = _CHINESE_YEAR.sub(lambda found: "".join(str(numeral(c)) for c in found[1]), text)
    text = _CHINESE_PART.sub(lambda found: str(numeral(found[1])), text)
    text = re.sub(r"(?<=[年月./-])\s+|\s+(?=[年月日./-])", "", text)
    text = re.sub(r"(?<=\d)(?:[,，、。．‐-―−]|[./-]{2,})(?=\d)|(?<=^\d{4})\s+(?=\d)", "-", text)
    text = re.sub(r"(?<=-\d)\s+(?=\d{1,2}$)|(?<=-\d\d)\s+(?=\d{1,2}$)", "-", text)
    return re.sub(r"(?<=日)生$|(?<=月)(?:份|初|底|[上中下]旬)$", "", text.replace("号", "日"))


def read_birth(cell: object, today: date) -> DateReading | None:
    """As read_date, but nobody is born in the future or before 1850."""
    read = read_date(cell)
    if read is None or read.day is None:
        return read
    if read.day > today:
        return DateReading(warning=_("出生日期 %(day)s 还没有到，没有采用", day=read.day))
    if read.day.year < 1850:
        return DateReading(warning=_("出生日期 %(day)s 太早，没有采用", day=read.day))
    return read


def _from_number(cell: float) -> DateReading:
    whole = int(cell)
    if isinstance(cell, float) and cell != whole and 1850 <= whole <= 2100:
        # 1990.1 in a number cell is read as January; October can't be told from it, so the day stays open.
        return _partial(whole, int(str(cell).split(".")[1][:2]))
    if 18500101 <= whole <= 21001231 or 185001 <= whole <= 210012 or 1850 <= whole <= 2100:
        return _from_text(str(whole), None)
    if 1 <= whole <= 80000:
        return DateReading(_EXCEL_DAY_0 + timedelta(days=whole))
    return DateReading(warning=_("看不懂日期 %(what)s，没有采用", what=whole))


def _from_text(text: str, year: int | None) -> DateReading:
    found = _YMD.match(text) or _COMPACT.match(text)
    if found:
        return _whole(text, *(int(part) for part in found.groups()))
    found = _YM.match(text) or _COMPACT_YM.match(text)
    if found:
        return _partial(int(found[1]), int(found[2]))
    found = _SHORT_YMD.match(text)
    if found:
        return _short_year(text, *(int(part) for part in found.groups()))
    found = _YEAR.match(text)
    if found:
        return DateReading(partial=found[1], warning=_("只有年份 %(year)s，月日不详", year=found[1]))
    found = _MD.match(text)
    if found and year:
        return _whole(text, year, int(found[1]), int(found[2]))
    if re.fullmatch(r"\d{4,5}(?:\.0+)?", text):
        return _from_number(int(float(text)))
    return DateReading(warning=_("看不懂日期 %(what)s，没有采用", what=text[:20]))


def _whole(text: str, year: int, month: int, day: int) -> DateReading:
    try:
        return DateReading(date(year, month, day))
    except ValueError:
        return DateReading(warning=_("没有 %(what)s 这一天，没有采用", what=text[:20]))


def _short_year(text: str, year: int, month: int, day: int) -> DateReading:
    """Read, and said: 21 may be 1921."""
    whole = _whole(text, year + (2000 if year <= _LAST_SHORT else 1900), month, day)
    if whole.day is None:
        return whole
    return DateReading(
        whole.day, warning=_("%(what)s 的年份只有两位，按 %(year)s 年算", what=text, year=whole.day.year)
    )


def _partial(year: int, month: int) -> DateReading:
    if year < 1 or not 1 <= month <= 12:
        return DateReading(warning=_("没有 %(year)s 年 %(month)s 月，没有采用", year=year, month=month))
    return DateReading(
        partial=f"{year:04}-{month:02}",
        warning=_("只有 %(year)s 年 %(month)s 月，日子不详", year=year, month=month),
    )
