"""What the four papers that hang or lie about outside a household's file have in common."""

from typing import Any

from grid.documents.papers import Options


def chosen(options: Options, name: str, among: Any, otherwise: str) -> str:
    """What the reader chose, where it is one of the choices."""
    wanted = options.get(name)
    return str(wanted) if wanted in among else otherwise


NARROW = 0.6


def length(text: str) -> float:
    """In ems; Chinese characters are one each."""
    return sum(NARROW if ord(letter) < 0x2E80 else 1.0 for letter in text)


def cut(text: str, ems: float) -> str:
    """`text`, or as much of it as fits with …"""
    if length(text) <= ems:
        return text
    while text and length(text) + 1 > ems:
        text = text[:-1]
    return text + "…"


def fitted(text: str, width: float, largest: float, smallest: float) -> float:
    """How large letters may be so that `text` stands on one line."""
    return round(max(smallest, min(largest, width / max(1.0, length(text)))), 2)
