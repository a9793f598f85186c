"""Reads an address the way people write it (3-2-501, 3幢2单元501室, 3#2单元501) and writes it one way."""

import re
import unicodedata
from dataclasses import dataclass

# No address is longer; what somebody pastes into a cell may be.
LONGEST = 200
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_DIGITS |= {c: n for n, c in enumerate("壹贰叁肆伍陆柒捌玖", 1)}
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100}
_NUMERALS = f"[{''.join((*_DIGITS, *_TENS))}]"
_LEVELS = r"幢|栋|座|号楼|楼栋|单元|门|室|层|楼(?!栋)"
# Before a level word; between dashes; or as the room at the end: 三幢二单元五〇一, 三-二-五〇一.
_NUMERAL = re.compile(
    rf"第?({_NUMERALS}+)(?={_LEVELS})|(?:^|(?<=-))({_NUMERALS}+)(?=-)"
    rf"|(?:(?<=单元)|(?<=[\d幢栋座门层楼#-]))({_NUMERALS}{{2,4}})$"
)
_OLD_SIGNS = str.maketrans("棟單樓號層門", "栋单楼号层门")
_DASHES = re.compile(r"[‐-―−－﹣~～/\\_]+")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[.、，,·:：](?=[\dA-Za-z商])")
_APART = re.compile(r"(?<=\d)\s+(?=\d)")
_SPACES = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")

_LABEL = r"[0-9A-Za-z甲乙丙丁戊己]{1,5}"
_BUILDING_MARK = r"(?:号?楼栋|幢|栋|座|号楼|#楼|#|[号楼](?=第?[0-9A-Za-z甲乙丙丁]{1,3}单元|-\d{1,2}-))"
_BUILDING = re.compile(rf"^(?P<estate>.*?)第?(?P<no>{_LABEL}){_BUILDING_MARK}-?(?P<rest>.*)$")
_UNIT = re.compile(r"^第?(?P<no>[0-9A-Za-z甲乙丙丁]{1,3})(?:单元|门栋|门|梯|#)-?(?P<rest>.*)$")
_UNIT_DASH = re.compile(r"^(?P<no>\d{1,2})-(?P<rest>.+)$")
_SHORT = re.compile(r"^(?P<estate>[^\d]*?)(?P<no>[A-Za-z]?\d{1,4}[A-Za-z]?)-(?P<rest>.+)$")
_FLOOR = re.compile(r"^(?:第?\d{1,3}(?:楼|层))-?(?=.)")
_ROOM_END = re.compile(r"(?:号房|[室房号户])$")
_ROOM = re.compile(r"^[\w·\-]{1,12}$")
_LABELLED = re.compile(r"^(?:(?:现|居)?住?地?址|房号|门牌号?)[:：]")
_FLOOR_BEFORE = re.compile(r"^(\d{1,2})-(?=\1\d{2}$)")
_REMARK = re.compile(r"(?<=.)\([^()]*\)$")
_PARENTS = re.compile(r"^.*(?:社区|大组|片区|网格)(?=.)")
_ZEROS = re.compile(r"(?<![0-9A-Za-z])0+(?=\d)")


@dataclass(frozen=True)
class Address:
    """The parts as written, without their level words; None where the text does not say."""

    estate: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What two spellings of one door have in common: 0303 and 303 are the same room."""
        return (same_no(self.building), same_no(self.unit), same_no(self.room))


def same_no(text: str | None) -> str:
    """A number for comparing: upper case, without leading zeros; B1-01 keeps its own (B1-1)."""
    return _ZEROS.sub("", (text or "").upper())


def plain(text: object) -> str:
    """The text in half width, with one kind of dash, Chinese numerals as digits, and no spaces."""
    if isinstance(text, float) and text.is_integer():
        text = int(text)
    half = unicodedata.normalize("NFKC", "" if text is None else str(text)[:LONGEST])
    half = _APART.sub("-", half.strip()).translate(_OLD_SIGNS)
    half = _SPACES.sub("", half).replace("（", "(").replace("）", ")")
    half = _BETWEEN_DIGITS.sub("-", _DASHES.sub("-", half))
    half = _NUMERAL.sub(lambda found: str(numeral(found[1] or found[2] or found[3])), half)
    return re.sub(r"-{2,}", "-", half).strip("-,，。;；") if not half.startswith("-") else half


def parse_address(*parts: object) -> Address | None:
    """Read one address, given whole or in pieces ('桃园小区4幢', '1单元101室'); None if it says nothing."""
    text = _LABELLED.sub("", "".join(plain(part) for part in parts))
    if not text:
        return None
    found = _BUILDING.match(text)
    if found is None:
        found = _SHORT.match(text)
    if found is None:
        unit, room = _unit_and_room(text)
        return Address(unit=unit, room=room) if unit or room else None
    unit, room = _unit_and_room(found["rest"])
    return Address(_estate(found["estate"]), _trimmed(found["no"]), unit, room)


def level_no(text: object) -> str | None:
    """The number in '4幢', '第2单元', '3号楼', 4 or 4.0, without its level word; None if there is none."""
    bare = plain(text)
    if not bare:
        return None
    found = re.match(rf"^.*?第?({_LABEL})(?:号?楼栋|幢|栋|座|号楼|#楼|#|号|楼|单元|门栋|门|梯)?$", bare)
    return _trimmed(found[1]) if found else None


def room_no(text: object) -> str | None:
    """The room in '501室', '0501', '商1' or 'B1-01', as written but without 室; None if there is none."""
    room = _ROOM_END.sub("", plain(text))
    return room if room and _ROOM.match(room) else None


def format_address(address: Address, building: str = "幢", unit: str = "单元", room: str = "室") -> str:
    """桃园小区3幢2单元501室; the level words can be the community's own."""
    door = address.room or ""
    return "".join(
        (
            address.estate or "",
            f"{address.building}{building}" if address.building else "",
            f"{address.unit}{unit}" if address.unit else "",
            f"{door}{room}" if door.isdigit() else door,
        )
    )


def short_address(address: Address) -> str:
    """3-2-501, as everyone types it."""
    return "-".join(part for part in (address.building, address.unit, address.room) if part)


def _unit_and_room(rest: str) -> tuple[str | None, str | None]:
    found = _UNIT.match(rest) or _UNIT_DASH.match(rest)
    unit = None
    if found:
        unit, rest = _trimmed(found["no"]), found["rest"]
    return unit, room_no(_FLOOR_BEFORE.sub("", _FLOOR.sub("", _REMARK.sub("", rest))))


def _estate(text: str) -> str | None:
    name = _PARENTS.sub("", text).strip("-,，#")
    return (name if name.count("(") == name.count(")") else name.strip("()")) or None


def _trimmed(no: str) -> str:
    return no.upper().lstrip("0") or "0"


def numeral(words: str) -> int:
    """二十四 → 24, 一百零三 → 103, 五〇一 → 501, 叁 → 3."""
    if not set(words) & set(_TENS):
        return int("".join(str(_DIGITS[c]) for c in words))
    total, digit = 0, 0
    for c in words:
        if c in _TENS:
            total += (digit or 1) * _TENS[c]
            digit = 0
        else:
            digit = _DIGITS[c]
    return total + digit
