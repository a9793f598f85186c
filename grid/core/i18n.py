"""Words in the reader's language: Chinese is the source text, English is looked up in translations/en.po.

Read straight from the .po, so there is nothing to compile and a lookup costs a dict access on hot pages.
"""

from collections.abc import Iterable
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

LANGUAGES = {"zh": "简体中文", "en": "English"}
CATALOG = Path(__file__).resolve().parent.parent / "translations" / "en.po"

language: ContextVar[str] = ContextVar("language", default="zh")


@cache
def english() -> dict[str, str]:
    """Chinese source text → English; untranslated entries are absent."""
    with CATALOG.open("rb") as file:
        catalog = read_po(file, locale="en")
    return {str(m.id): str(m.string) for m in catalog if m.id and m.string and not m.fuzzy}


def gettext(text: str, /, **values: Any) -> str:
    """`text` in the reader's language, with %(name)s filled in."""
    if language.get() == "en":
        text = english().get(text, text)
    return text % values if values else text


def listed(words: Iterable[str]) -> str:
    """甲、乙、丙 — or a, b, c."""
    return (", " if language.get() == "en" else "、").join(words)


def joined(*parts: str) -> str:
    """The parts of an address: 梧桐里1幢2单元 — or with blanks between them."""
    return (" " if language.get() == "en" else "").join(part for part in parts if part)


def labelled(label: str, words: str) -> str:
    """姓名：… — or Name: …"""
    return f"{label}: {words}" if language.get() == "en" else f"{label}：{words}"


_ = gettext


def N_(text: str) -> str:
    """Mark a text for translation that is looked up later, where it is shown."""
    return text


def best_language(wanted: str | None, accepted: list[str]) -> str:
    """The saved wish, else the first browser language we speak, else Chinese."""
    if wanted in LANGUAGES:
        return str(wanted)
    for tag in accepted:
        if tag[:2].lower() in LANGUAGES:
            return tag[:2].lower()
    return "zh"
