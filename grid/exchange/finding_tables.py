"""Which sheets of some files hold what an import is about, and what is to be said of the others."""

from collections.abc import Callable, Iterator, Sequence

from grid.core.i18n import _
from grid.exchange import progress
from grid.exchange.columns import Fields, Layout, wonder_about_headings
from grid.exchange.lines import SheetRead
from grid.exchange.sheets import Sheet, Unreadable

Files = Sequence[tuple[str, Sequence[Sheet]]]


def tables(
    files: Files,
    layout_of: Callable[[Sheet], Layout | None],
    notes: list[str],
    wanted: str,
    beside: Fields | None = None,
) -> Iterator[tuple[str, Sheet, Layout]]:
    """Each sheet that is seen and whose columns are known; `notes` get what there is to say of all.

    Raises Unreadable with the sentence `wanted` after the last, where there was none.
    """
    found = False
    for file, sheets in files:
        for sheet in sheets:
            layout = layout_of(sheet)
            notes += sheet_notes(file, sheet, layout)
            if layout and not sheet.hidden:
                found = True
                wonder_about_headings(file, sheet, layout, beside)
                yield file, sheet, layout
    if not found:
        names = "、".join(file for file, _sheets in files)
        raise Unreadable(_("%(names)s 里没有找到表头。%(wanted)s", names=names, wanted=wanted))


def sheet_read(file: str, sheet: Sheet, layout: Layout) -> SheetRead:
    columns = sorted((at, layout.headings[name], name) for name, at in layout.columns.items())
    return SheetRead(file, sheet.name, layout.heading_row, tuple(columns), layout.unused, len(sheet.rows))


def sheet_notes(file: str, sheet: Sheet, layout: Layout | None) -> list[str]:
    """What to say of a sheet as a whole: hidden, without a heading, or with columns nobody reads."""
    about = {"file": file, "sheet": sheet.name}
    if sheet.hidden:
        return [_("%(file)s 的“%(sheet)s”是隐藏的工作表，没有导入。", **about)]
    if layout is None:
        return [_("%(file)s 的“%(sheet)s”没有认得的表头，没有导入。", **about)] if sheet.rows else []
    progress.understood(sheet_read(file, sheet, layout))
    if layout.unused:
        unused = "、".join(layout.unused[:20])
        return [_("%(file)s 的“%(sheet)s”里没有用到的列：%(unused)s。", unused=unused, **about)]
    return []
