"""Compares a map with the register: the outline of the community, its blocks, its buildings, its patrol routes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grid.core.i18n import _
from grid.exchange import telling
from grid.exchange.geojson import KINDS, Layer, Ring, Shape, right_handed
from grid.exchange.lines import CHANGED, NEW, REFUSED, SAME, Line, Lines, Plan, differing
from grid.exchange.nearness import together
from grid.exchange.queries import Doors, Known
from grid.register.addresses import level_no, same_no

MOST_FLOORS = 200


@dataclass
class MapWrites:
    """What an applied map changes. Blocks, buildings, routes: id of the row that is there, else None; its fields.
    A building says its block by `seq`."""

    community: dict[str, Any] = field(default_factory=dict)
    blocks: list[tuple[int | None, dict[str, Any]]] = field(default_factory=list)
    buildings: list[tuple[int | None, dict[str, Any]]] = field(default_factory=list)
    routes: list[tuple[int | None, dict[str, Any]]] = field(default_factory=list)


@dataclass
class _Drawing:
    """What is filled while the layers are read in order."""

    known: Doors
    writes: MapWrites = field(default_factory=MapWrites)
    lines: list[Line] = field(default_factory=list)
    seqs: dict[int, int] = field(default_factory=dict)
    nos: dict[str, int] = field(default_factory=dict)
    routes: dict[str, int] = field(default_factory=dict)


def name_in(layers: Sequence[Layer]) -> str | None:
    """The name of the community, where the boundary tells it."""
    for layer in layers:
        if layer.kind == "boundary" and layer.shapes:
            name = layer.shapes[0].properties.get("name")
            return str(name).strip()[:50] or None if name else None
    return None


def plan_map(
    layers: Sequence[Layer],
    name: str,
    community: Mapping[str, Any],
    known: Doors,
    credit: str | None = None,
) -> Plan:
    """`community` holds the present `outline` and `map_credit`; empty where it is new."""
    drawing = _Drawing(known)
    layers = together(layers, _standing(layers, community, known))
    for layer in sorted(layers, key=lambda layer: KINDS.index(layer.kind)):
        for shape in layer.shapes:
            _PLANNERS[layer.kind](drawing, layer, shape, community)
    plan = Plan(
        "map",
        tuple(dict.fromkeys(layer.name for layer in layers)),
        known.community_id,
        name,
        drawing.writes,
        Lines(drawing.lines),
    )
    _plan_credit(plan, layers, community, credit)
    return plan


def _standing(layers: Sequence[Layer], community: Mapping[str, Any], known: Doors) -> list[list[Ring]]:
    """The outlines that stay as they are beside those of the files."""
    drawn = [(layer.kind, shape.properties) for layer in layers for shape in layer.shapes if shape.outline]
    seqs = {_whole(said.get("seq"), 1, 999) for kind, said in drawn if kind == "blocks"}
    nos = {level_no(said.get("no")) for kind, said in drawn if kind == "buildings"}
    redrawn = {same_no(no) for no in nos if no}
    staying = [block.facts["outline"] for seq, block in known.blocks.items() if seq not in seqs]
    staying += [building.facts["outline"] for no, building in known.buildings.items() if no not in redrawn]
    if all(kind != "boundary" for kind, _said in drawn):
        staying.append(community.get("outline"))
    return [outline for outline in staying if outline]


def _plan_credit(plan: Plan, layers: Sequence[Layer], community: Mapping[str, Any], credit: str | None) -> None:
    """What is said wins; what the files tell of themselves joins what stands there."""
    there = community.get("map_credit") or ""
    told = next((layer.credit for layer in layers if layer.credit), "")
    whole = credit if credit is not None else there if told in there else _joined(there, told)
    if whole:
        plan.notes.append(_("地图来源：%(credit)s。地图和打印件上都会写明。", credit=whole))
    if whole == there:
        return
    plan.writes.community["map_credit"] = whole
    if plan.community_id is not None:
        changes = telling.changes(community, {"map_credit": whole})
        plan.lines.append(Line(plan.files[0], "", 0, CHANGED, _("地图来源"), changes))


def _joined(known: str, more: str) -> str:
    """A second source does not take the first one's name off the map."""
    return "；".join(part for part in (known, more) if part)[:200]


def _boundary(drawing: _Drawing, layer: Layer, shape: Shape, community: Mapping[str, Any]) -> None:
    subject = _("社区范围")
    if shape is not layer.shapes[0]:
        _refuse(drawing, layer, shape, subject, _("边界只能有一个图形"))
    elif shape.outline is None:
        _refuse(drawing, layer, shape, subject, shape.fault or "")
    else:
        fields = {"outline": _drawn(shape.outline, community)}
        new = differing(community, fields)
        drawing.writes.community |= new
        _add(drawing, layer, shape, subject, community if community.get("outline") else None, new)


def _block(drawing: _Drawing, layer: Layer, shape: Shape, community: Mapping[str, Any]) -> None:
    seq = _whole(shape.properties.get("seq"), 1, 999)
    subject = str(shape.properties.get("name") or _("片区"))[:50]
    fault = shape.fault or _fault_of_key(seq, drawing.seqs, "seq")
    if fault or seq is None:
        _refuse(drawing, layer, shape, subject, fault or "")
        return
    drawing.seqs[seq] = shape.number
    there = drawing.known.blocks.get(seq)
    outline = _drawn(shape.outline, there.facts if there else {})
    fields = {"seq": seq, "name": _words(shape.properties.get("name"), 50), "outline": outline}
    new = differing(there.facts if there else {}, fields)
    new.pop("seq", None)
    if there is None:
        drawing.writes.blocks.append((None, fields | {"name": fields["name"] or _("第%(n)s片区", n=seq)}))
    elif new:
        drawing.writes.blocks.append((there.id, new))
    _add(drawing, layer, shape, subject, there.facts if there else None, new)


def _building(drawing: _Drawing, layer: Layer, shape: Shape, community: Mapping[str, Any]) -> None:
    no = level_no(shape.properties.get("no"))
    subject = _("%(no)s幢", no=no or "?")
    fault = shape.fault or _fault_of_key(same_no(no) if no else None, drawing.nos, "no")
    if fault or no is None:
        _refuse(drawing, layer, shape, subject, fault or "")
        return
    drawing.nos[same_no(no)] = shape.number
    there = drawing.known.building_of(no)
    fields, remarks = _building_fields(drawing, shape, there)
    new = differing(there.facts if there else {}, fields)
    if there is None:
        drawing.writes.buildings.append((None, {"no": no, **{k: v for k, v in fields.items() if v is not None}}))
    elif new:
        drawing.writes.buildings.append((there.id, new))
    _add(drawing, layer, shape, subject, there.facts if there else None, new, remarks)


def _drawn(outline: list[Ring] | None, there: Mapping[str, Any]) -> list[Ring] | None:
    """The outline that stands, where the file has it with its rings the other way round: RFC 7946 turns them."""
    standing = there.get("outline")
    turned = standing and outline and right_handed(standing) == right_handed(outline)
    return standing if turned else outline


def _route(drawing: _Drawing, layer: Layer, shape: Shape, community: Mapping[str, Any]) -> None:
    """Known by its name."""
    name = _words(shape.properties.get("name"), 50)
    fault = shape.fault or (None if shape.line else _("不是一条线（LineString）"))
    fault = fault or _fault_of_key(name, drawing.routes, "name")
    if fault or name is None:
        _refuse(drawing, layer, shape, name or _("巡逻路线"), fault or "")
        return
    drawing.routes[name] = shape.number
    there = drawing.known.routes.get(name)
    new = differing(there.facts if there else {}, {"line": shape.line})
    if there is None or new:
        drawing.writes.routes.append((there.id if there else None, {"name": name, **new}))
    _add(drawing, layer, shape, name, there.facts if there else None, new)


def _building_fields(drawing: _Drawing, shape: Shape, there: Known | None) -> tuple[dict[str, Any], list[str]]:
    said, remarks = shape.properties, []
    fields: dict[str, Any] = {
        "name": _words(said.get("name"), 80),
        "estate": _words(said.get("estate"), 50),
        "outline": _drawn(shape.outline, there.facts if there else {}),
    }
    # Floors of a map are often reckoned from heights: a door list knows better.
    if there is None or there.facts["floors"] is None:
        fields["floors"] = _whole(said.get("floors"), 1, MOST_FLOORS)
    if said.get("block") is not None:
        seq = _whole(said["block"], 1, 999)
        known = drawing.known.blocks.get(seq) if seq else None
        if seq in drawing.seqs or known:
            fields |= _block_of(seq, known, there)
        else:
            remarks.append(_("没有第 %(seq)s 片区，楼栋先不归片区", seq=str(said["block"])[:20]))
    return fields, remarks


def _block_of(seq: int | None, known: Known | None, there: Known | None) -> dict[str, Any]:
    """Nothing where the building lies in that block already."""
    if known and there and there.facts["block_id"] == known.id:
        return {}
    return {"block": seq}


def _fault_of_key(key: Any, seen: Mapping[Any, int], name: str) -> str | None:
    if key is None:
        return _("属性 %(name)s 缺失或不是编号", name=name)
    if key in seen:
        return _("属性 %(name)s 的值 %(key)s 和第 %(n)s 个图形重复", name=name, key=key, n=seen[key])
    return None


def _add(
    drawing: _Drawing,
    layer: Layer,
    shape: Shape,
    subject: str,
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any],
    remarks: Sequence[str] = (),
) -> None:
    outcome = NEW if old is None else CHANGED if new else SAME
    told = telling.changes(old or {}, new)
    drawing.lines.append(Line(layer.name, "", shape.number, outcome, subject, told, tuple(remarks)))


def _refuse(drawing: _Drawing, layer: Layer, shape: Shape, subject: str, why: str) -> None:
    drawing.lines.append(Line(layer.name, "", shape.number, REFUSED, subject, (), (why,)))


def _whole(value: Any, least: int, most: int) -> int | None:
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
        return None
    return int(value) if value == int(value) else None


def _words(value: Any, longest: int) -> str | None:
    return str(value).strip()[:longest] or None if value is not None else None


_PLANNERS = {"boundary": _boundary, "blocks": _block, "buildings": _building, "routes": _route}
