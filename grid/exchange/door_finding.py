"""Finds the door an address in a file means, in any spelling; says why where it can't."""

from grid.core.i18n import _
from grid.exchange import cells
from grid.exchange.queries import DoorKey, Doors
from grid.exchange.rowcells import RowCells
from grid.register.addresses import Address, parse_address, same_no, short_address


class DoorNotFound(Exception):
    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def address_in(read: RowCells) -> Address | None:
    """The address of a row, from one column or from several; None where all are empty."""
    parts = [read.raw(name) for name in ("building", "unit", "door")]
    if any(cells.words(part) for part in parts):
        building, unit, door = (cells.words(part) for part in parts)
        unit = f"{unit}单元" if unit.isdecimal() else unit
        building = f"{building}幢" if building.isdecimal() else building
        return parse_address(building, unit, door)
    whole = cells.words(read.raw("address"))
    return parse_address(whole) or Address(room=whole) if whole else None


def find_door(doors: Doors, address: Address, remarks: list[str]) -> tuple[DoorKey, str]:
    """The key of the door and its short address; remarks where the file and the register disagree."""
    building = doors.building_of(address.building)
    if address.building is None:
        raise DoorNotFound(_("住址里看不出是哪栋楼"))
    if building is None:
        raise DoorNotFound(_("没有 %(no)s 幢这栋楼，请先导入房屋表", no=address.building))
    if address.room is None:
        raise DoorNotFound(_("住址里没有房间号"))
    no, room = same_no(address.building), same_no(address.room)
    known = building.facts["estate"]
    # 武汉市桃园小区 is 桃园小区.
    if address.estate and known and not address.estate.endswith(known):
        remarks.append(_("住址写的是%(said)s，%(no)s 幢登记在%(known)s", said=address.estate, no=no, known=known))
    unit = _unit(doors, address, no, room)
    key = (no, unit, room)
    if key not in doors.doors:
        raise DoorNotFound(_why_no_door(doors, address, no, room))
    return key, _shown(no, unit, doors.doors[key].facts["room"])


def _unit(doors: Doors, address: Address, no: str, room: str) -> int:
    units = doors.units_with.get((no, room), [])
    if units == [0]:
        return 0
    if address.unit and address.unit.isdecimal():
        return int(address.unit)
    if len(units) == 1:
        return units[0]
    if not units:
        raise DoorNotFound(_why_no_door(doors, address, no, room))
    candidates = "、".join(_shown(no, unit, room) for unit in sorted(units))
    raise DoorNotFound(_("没写单元，可能是：%(doors)s", doors=candidates))


def _why_no_door(doors: Doors, address: Address, no: str, room: str) -> str:
    said = short_address(address)
    floor = int(room[:-2]) if room.isdecimal() and 3 <= len(room) <= 4 else None
    floors = doors.floors_of.get(no, set())
    if floor is not None and floors and floor not in floors:
        return _("没有 %(door)s：%(no)s 幢没有 %(floor)s 层", door=said, no=no, floor=floor)
    return _("房屋表里没有 %(door)s 这一户；若确有此户，请先补进房屋表", door=said)


def _shown(no: str, unit: int, room: str) -> str:
    return short_address(Address(None, no, str(unit) if unit else None, room))
