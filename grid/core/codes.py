"""Code lists: the national standards' (codes.json says from where and how sure) and the product's own words."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grid.core.i18n import gettext
from grid.core.own_codes import OWN


@dataclass(frozen=True)
class CodeList:
    """An ordered list of code → Chinese label, with the standard it comes from."""

    label: str
    origin: str
    items: tuple[tuple[str, str], ...]

    @cached_property
    def by_code(self) -> Mapping[str, str]:
        return dict(self.items)

    @cached_property
    def by_label(self) -> Mapping[str, str]:
        return {label: code for code, label in self.items}

    def __contains__(self, code: object) -> bool:
        return code in self.by_code

    def text(self, code: str | None) -> str:
        """The label in the reader's language; '' for nothing, the code itself when unknown."""
        return gettext(self.by_code.get(code, code)) if code else ""

    def choices(self) -> list[tuple[str, str]]:
        return [(code, gettext(label)) for code, label in self.items]


def _standard() -> dict[str, CodeList]:
    read = json.loads(Path(__file__).with_name("codes.json").read_text(encoding="utf-8"))
    return {
        name: CodeList(entry["label"], entry["origin"], tuple((i["code"], i["label"]) for i in entry["items"]))
        for name, entry in read.items()
    }


def _own() -> dict[str, CodeList]:
    return {name: CodeList(label, "Yihu", tuple(items)) for name, (label, *items) in OWN.items()}


CODES: dict[str, CodeList] = _standard() | _own()
