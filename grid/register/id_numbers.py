"""Reads a resident ID number (GB 11643): never guesses, warns of doubts, refuses what Excel destroyed."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from grid.core.i18n import _

RESIDENT, PASSPORT, HK_MACAU, TAIWAN, OTHER = "111", "414", "516", "511", "990"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# Provinces; a first digit of 9 stands on residence cards of foreigners and on invented numbers.
_REGIONS = frozenset(
    (
        *(11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43),
        *(44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83),
    )
)
_SCIENTIFIC = re.compile(r"^\d(?:\.\d+)?E\+?\d{2}$")
_OTHER_KINDS = (
    (HK_MACAU, re.compile(r"^[HM]\d{8}(?:\d{2})?$")),
    (PASSPORT, re.compile(r"^(?:[A-Z]\d{8}|[A-Z]{2}\d{7})$")),
    (TAIWAN, re.compile(r"^\d{8}$")),
)


def check_digit(first17: str) -> str:
    """ISO 7064 MOD 11-2."""
    return "10X98765432"[sum(w * int(d) for w, d in zip(_WEIGHTS, first17, strict=True)) % 11]


@dataclass(frozen=True)
class IdNumber:
    """`value` is what may be stored, None when the cell holds no usable number; `warnings` are sentences."""

    value: str | None
    kind: str = RESIDENT
    warnings: tuple[str, ...] = ()

    @classmethod
    def read(cls, cell: object) -> "IdNumber | None":
        """None for an empty cell."""
        if cell is None or cell == "":
            return None
        if isinstance(cell, (int, float)) and not isinstance(cell, bool):
            return cls._from_number(cell)
        text = unicodedata.normalize("NFKC", str(cell)[:100]).upper()
        text = re.sub(r"[\s'’‘`\u200b-\u200f\u2060\ufeff-]", "", text)
        return cls._from_text(text) if text else None

    @classmethod
    def _from_number(cls, cell: float) -> "IdNumber":
        if abs(cell) >= 1e15:
            return cls(None, warnings=(_("身份证号被 Excel 当成数字，后几位已经丢失，没有采用；请核对证件后补填"),))
        return cls._from_text(str(int(cell)))

    @classmethod
    def _from_text(cls, text: str) -> "IdNumber":
        if _SCIENTIFIC.match(text):
            return cls(None, warnings=(_("身份证号变成了科学计数(如 9.9E+17)，没有采用；请核对证件后补填"),))
        if re.fullmatch(r"\d{17}[\dX]", text):
            return cls(text, warnings=tuple(_doubts(text)))
        if re.fullmatch(r"\d{15}", text):
            return cls._from_old(text)
        for kind, pattern in _OTHER_KINDS:
            if pattern.match(text):
                return cls(text, kind, (_("不是居民身份证，按其他证件保存"),))
        if re.fullmatch(r"\d+X?", text):
            return cls(None, warnings=(_("身份证号有 %(n)s 位，应为 18 位，没有采用；请核对证件", n=len(text)),))
        return cls(None, warnings=(_("看不出是什么证件号码，没有采用；请核对证件"),))

    @classmethod
    def _from_old(cls, text: str) -> "IdNumber":
        first17 = f"{text[:6]}19{text[6:]}"
        full = first17 + check_digit(first17)
        return cls(full, warnings=(_("15 位旧身份证号，已补成 18 位"), *_doubts(full)))

    @property
    def birth(self) -> date | None:
        if self.value is None or self.kind != RESIDENT:
            return None
        return _birth(self.value)

    @property
    def sex(self) -> str | None:
        """Code of GB/T 2261.1: 1 male, 2 female."""
        if self.value is None or self.kind != RESIDENT:
            return None
        return "1" if int(self.value[16]) % 2 else "2"

    @property
    def region(self) -> str | None:
        return self.value[:6] if self.value and self.kind == RESIDENT else None


def _birth(value: str) -> date | None:
    try:
        return date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return None


def _doubts(value: str) -> list[str]:
    doubts = []
    if check_digit(value[:17]) != value[17]:
        doubts.append(_("身份证号的校验位不对，已照原样保存；请核对证件"))
    birth = _birth(value)
    if birth is None or birth.year < 1850:
        doubts.append(_("身份证号里的出生日期不存在，已照原样保存；请核对证件"))
    if value[0] != "9" and int(value[:2]) not in _REGIONS:
        doubts.append(_("身份证号的地区码 %(code)s 不认识，已照原样保存", code=value[:6]))
    return doubts
