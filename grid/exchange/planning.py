"""From files to a plan: reads them, finds the community they are about, and compares."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from grid.core.clock import now
from grid.core.i18n import N_, _
from grid.exchange import floating_queries, progress, queries, tag_queries
from grid.exchange.door_plan import plan_doors
from grid.exchange.floating_plan import plan_floating
from grid.exchange.geojson import Layer, read_layers
from grid.exchange.lines import SKIPPED, Line, Plan, left_out_words
from grid.exchange.map_plan import name_in, plan_map
from grid.exchange.resident_plan import plan_residents
from grid.exchange.sheets import Rows, Sheet
from grid.exchange.tag_plan import plan_tags
from grid.exchange.visit_plan import end_of, plan_visits
from grid.exchange.visit_queries import visited
from grid.exchange.visit_rows import read_visits
from grid.exchange.vocabulary import Vocabulary
from grid.exchange.workbooks import MOST_BYTES, Unreadable, read_sheets
from grid.register.models import Community
from grid.register.queries import community_named
from grid.tags.queries import has_ledger_access

KINDS = {
    "map": N_("地图"),
    "doors": N_("房屋"),
    "residents": N_("人员"),
    "floating": N_("流动人口"),
    "tags": N_("标签"),
    "visits": N_("走访"),
}
MOST_FILES = 12

# Name and content.
File = tuple[str, bytes]
# Name and what was read of it.
Table = tuple[str, Sequence[Sheet]]


@dataclass(frozen=True)
class Order:
    """What to import: the files, and the community where they don't tell it themselves."""

    kind: str
    files: tuple[File, ...]
    community: str | None = None
    credit: str | None = None
    # By upload: which community was chosen, or that there is to be a new one. A name may change hands meanwhile.
    community_id: int | None = None
    is_new: bool = False
    # By the key of a line: whom the rows that somebody left out are about, and answers to what a row asked.
    left_out: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    # Whether rows may give restricted tags: whoever uploads them has said why they must see these.
    may_restrict: bool = False
    # Its token: an upload is written once, and one can tell that it was.
    upload: str | None = None


def plan_files(order: Order, today: date) -> Plan:
    """What importing the files would do; raises Unreadable. Writes nothing."""
    kind, files = order.kind, order.files
    if not files or len(files) > MOST_FILES:
        raise Unreadable(_("请选 1 到 %(n)s 个文件。", n=MOST_FILES))
    if sum(len(content) for _name, content in files) > 2 * MOST_BYTES:
        raise Unreadable(_("这些文件一共太大，请分几次导入。"))
    with progress.heard(progress.present()) as work:
        work.sheets.clear()
        plan = _plan_map(order) if kind == "map" else _plan_tables(order, _tables(order), today)
        plan.sheets = list(work.sheets)
    return plan


def as_allowed(order: Order, owner_id: int) -> Order:
    """Restricted tags are for whoever has said why, in the half hour after it."""
    there = order.community_id
    return replace(order, may_restrict=there is not None and has_ledger_access(owner_id, there, now()))


def _tables(order: Order) -> list[Table]:
    progress.begin(progress.READING)
    tables = [(name, _chosen(order, name, read_sheets(name, content))) for name, content in order.files]
    progress.begin(progress.COMPARING, sum(len(sheet.rows) for _name, sheets in tables for sheet in sheets))
    return tables


def _chosen(order: Order, file: str, sheets: Sequence[Sheet]) -> Sequence[Sheet]:
    """The sheets with the rows marked that somebody left out."""
    if not order.left_out:
        return sheets
    return [replace(sheet, rows=_marked(order, file, sheet)) for sheet in sheets]


def _marked(order: Order, file: str, sheet: Sheet) -> Rows:
    places = (_left_out(file, sheet.name, row.number) for row in sheet.rows)
    return sheet.rows.leaving_out(line.row for line in places if line.key in order.left_out)


def _left_out(file: str, sheet: str, row: int, subject: str = "") -> Line:
    return Line(file, sheet, row, SKIPPED, subject, (), (left_out_words(),))


def _lines_left_out(order: Order, places: Iterable[tuple[str, str, int]]) -> list[Line]:
    if not order.left_out:
        return []
    lines = (_left_out(*place) for place in places)
    return [replace(line, subject=order.left_out[line.key]) for line in lines if line.key in order.left_out]


def _plan_tables(order: Order, tables: Sequence[Table], today: date) -> Plan:
    there = _community(order)
    vocabulary = Vocabulary(queries.learnt(there.id))
    plan = _plan_kind(order, tables, there, vocabulary, today)
    plan.unknown = vocabulary.unknown
    places = ((name, sheet.name, row.number) for name, sheets in tables for sheet in sheets for row in sheet.rows)
    plan.lines.extend(_lines_left_out(order, places))
    return plan


def _plan_kind(order: Order, tables: Sequence[Table], there: Community, vocabulary: Vocabulary, today: date) -> Plan:
    kind, known = order.kind, queries.doors(there.id)
    if kind == "doors":
        return plan_doors(tables, there.name, known, vocabulary)
    if kind == "floating":
        registered = floating_queries.registrations(there.id)
        return plan_floating(tables, there.name, known, queries.people(there.id), registered, today, vocabulary)
    if kind == "tags":
        carried = tag_queries.tags(there.id)
        people = queries.people(there.id)
        return plan_tags(tables, there.name, known, people, carried, today, vocabulary, order.may_restrict)
    if kind == "visits":
        roster = read_visits(tables, vocabulary)
        been = visited(there.id, roster.period)
        return plan_visits(roster, there.name, known, been, end_of(today), order.answers)
    people = queries.people(there.id)
    return plan_residents(tables, there.name, known, people, today, vocabulary, order.may_restrict)


def _plan_map(order: Order) -> Plan:
    drawings = [layer for name, content in order.files for layer in read_layers(name, content)]
    layers = [_without(order, layer) for layer in drawings]
    drawn = name_in(drawings)
    name = (order.community or drawn or "").strip()[:50]
    there = _drawn_on(order, name)
    if there and order.is_new:
        raise Unreadable(_("“%(name)s”已经有了，请从列表里选，或写一个新名称。", name=there.name))
    if not name and there is None:
        raise Unreadable(_("地图里没有社区名称。请写明社区名称（命令行用 --community）。"))
    facts = {"outline": there.outline, "map_credit": there.map_credit} if there else {}
    known = queries.doors(there.id if there else None)
    plan = plan_map(layers, there.name if there else name, facts, known, order.credit)
    places = ((layer.name, "", shape.number) for layer in drawings for shape in layer.shapes)
    plan.lines.extend(_lines_left_out(order, places))
    return plan


def _without(order: Order, layer: Layer) -> Layer:
    """The layer without the shapes that somebody left out."""
    staying = [shape for shape in layer.shapes if _left_out(layer.name, "", shape.number).key not in order.left_out]
    return replace(layer, shapes=staying)


def _drawn_on(order: Order, name: str) -> Community | None:
    if order.community_id is not None:
        return _community(order)
    return community_named(name) if name or order.is_new else _only_community()


def _community(order: Order) -> Community:
    """The one that was chosen or is named, or the only one there is."""
    name = order.community
    if order.community_id is not None:
        chosen = queries.community_with(order.community_id)
        if chosen is None:
            raise Unreadable(_("社区“%(name)s”已经不在了，没有写入。", name=(name or "")[:50]))
        return chosen
    there = community_named(name.strip()) if name else _only_community()
    if there is None and name:
        raise Unreadable(_("没有叫“%(name)s”的社区。请先导入地图，或先新建社区。", name=name[:50]))
    if there is None:
        raise Unreadable(_("还没有社区。请先导入地图，或先新建社区。"))
    return there


def _only_community() -> Community | None:
    found = queries.all_communities()
    if len(found) > 1:
        names = "、".join(community.name for community in found[:10])
        raise Unreadable(_("有好几个社区（%(names)s），请写明导入哪一个（命令行用 --community）。", names=names))
    return found[0] if found else None
