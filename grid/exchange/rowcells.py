"""One row of a sheet with its columns known: reads its cells and gathers what there is to say about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grid.core.i18n import _
from grid.exchange import cells
from grid.exchange.columns import Layout
from grid.exchange.workbooks import Row


@dataclass(slots=True)
class RowCells:
    row: Row
    layout: Layout
    remarks: list[str] = field(default_factory=list)
    # The cells that remarks are about: column from 0, sentence.
    marks: list[tuple[int, str]] = field(default_factory=list)
    # A day of leaving or death that the row does not tell was taken to be today.
    guessed_day: bool = False

    def raw(self, name: str) -> Any:
        return self.layout.value(self.row, name)

    def taken(self, name: str, reading: cells.Reading) -> Any:
        """The value of a reading; its sentences are kept with the name of the column before them."""
        value, remarks = reading
        sentences = [self.layout.about(name, remark) for remark in remarks]
        self.remarks += sentences
        if name in self.layout.columns:
            self.marks += [(self.layout.columns[name], sentence) for sentence in sentences]
        return value

    def text(self, name: str, longest: int) -> Any:
        return self.taken(name, cells.read_text(self.raw(name), longest, self.layout.headings.get(name, "")))

    def code(self, name: str, codes: str, synonyms: Mapping[str, str] | None = None, told: str = "%(what)s") -> Any:
        """The code of a word; one that nobody knows is to be asked about. `synonyms` are those of this kind of file,
        `told` is how a remark is put."""
        vocabulary, kind = self.layout.vocabulary, f"code:{codes}"
        said = cells.words(self.raw(name))
        learnt = vocabulary.means(kind, said)
        code, remarks = cells.read_code(codes, said, learnt or (synonyms or {}).get(said))
        if said and code is None and learnt is None:
            vocabulary.wonder(kind, said, self.place)
        return self.taken(name, (code, [_(told, what=remark) for remark in remarks]))

    def meaning(self, codes: str, said: str) -> str | None:
        """What this community has said that a word means: a code, or nothing at all; else somebody is asked."""
        vocabulary, kind = self.layout.vocabulary, f"code:{codes}"
        learnt = vocabulary.means(kind, said)
        if learnt is None:
            vocabulary.wonder(kind, said, self.place)
        return learnt

    @property
    def place(self) -> str:
        return _("第 %(n)s 行", n=self.row.number)

    def flag(self, name: str) -> Any:
        return self.taken(name, cells.read_flag(self.raw(name)))

    def phones(self, name: str) -> Any:
        return self.taken(name, cells.read_phones(self.raw(name)))

    def whole(self, name: str, least: int, most: int) -> int | None:
        heading = self.layout.headings.get(name, "")
        value = self.taken(name, cells.read_number(self.raw(name), heading, least, most))
        return None if value is None else int(value)
