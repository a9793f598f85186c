"""流动登记 of one invented community: nine in ten have a permit in force, some run out within the month, some were
renewed, and a few who should be registered are not yet."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from grid.demo import invention
from grid.demo.people import Household, Stay
from grid.demo.writing import Rows, Written, insert_plain
from grid.register.models import Floating

MOST_OUT = 6
PERMIT, EXPIRED, SOON, RENEWED, MISSING = 0.94, 0.02, 0.08, 0.3, 0.03
WENT_TO = (("01", "广东深圳，电子厂"), ("01", "浙江杭州，餐饮店"), ("01", "上海，建筑工地"), ("08", "邻市，照顾老人"))


def write_floating(made: invention.Community, written: Written, today: date) -> None:
    """Everybody who floats, and a few who work elsewhere for a while."""
    dice = Random(2026)
    rows: Rows = []
    away = 0
    for home in made.homes:
        for stay in home.present():
            row: dict[str, Any] = {"community_id": written.community_id, "person_id": written.people[id(stay.person)]}
            if stay.person.population_kind == "floating":
                if dice.random() > MISSING:
                    rows += [row | one for one in _renewed(_came(home, stay, today, dice), stay, dice)]
            elif away < MOST_OUT and not stay.is_head and 20 < stay.person.age(today) < 40 and dice.random() < 0.03:
                away += 1
                rows.append(row | dict(_empty()) | _went(stay, today, dice))
    insert_plain(Floating, rows)


def _empty() -> Iterator[tuple[str, Any]]:
    """Rows of one insert name the same columns."""
    for name in ("permit_kind", "permit_no", "expires_on", "dwelling_kind", "employed_by", "rented_by", "left_on"):
        yield name, None


def _came(home: Household, stay: Stay, today: date, dice: Random) -> dict[str, Any]:
    person, rented = stay.person, home.occupancy == "rented"
    grown = person.age(today) >= 16
    return {
        "direction": "in",
        "reason": ("01" if person.employer else dice.choice(("01", "03", "08"))) if grown else "06",
        "dwelling_kind": "02" if rented else "01",
        "employed_by": person.employer,
        "rented_by": home.owner_name if rented else None,
        "went_to": None,
        "left_on": None,
    } | _permit(stay, today, dice)


def _renewed(row: dict[str, Any], stay: Stay, dice: Random) -> list[dict[str, Any]]:
    """The registration, after the one of the year before where there was one."""
    begun: date = row["registered_on"]
    year_before = begun - timedelta(days=365)
    if not row["expires_on"] or year_before < stay.from_on or dice.random() > RENEWED:
        return [row]
    former = {"registered_on": year_before, "expires_on": begun + timedelta(days=5), "left_on": begun}
    return [row | former | {"permit_no": f"9901{dice.randrange(10**9):09d}"}, row]


def _permit(stay: Stay, today: date, dice: Random) -> dict[str, Any]:
    """Valid for a year from its last renewal; 办卡率 ≥ 90 %: plan 2, item 3."""
    if dice.random() > PERMIT:
        given: dict[str, Any] = dict.fromkeys(("permit_kind", "permit_no", "expires_on"))
        return given | {"registered_on": stay.from_on}
    toss = dice.random()
    days = -dice.randint(3, 60) if toss < EXPIRED else dice.randint(0, 29) if toss < SOON else dice.randint(31, 364)
    expires_on = today + timedelta(days=days)
    return {
        "permit_kind": "01",
        "permit_no": f"9901{dice.randrange(10**9):09d}",
        "registered_on": max(stay.from_on, expires_on - timedelta(days=365)),
        "expires_on": expires_on,
    }


def _went(stay: Stay, today: date, dice: Random) -> dict[str, Any]:
    gone = today - timedelta(days=dice.randint(20, 300))
    reason, where = dice.choice(WENT_TO)
    return {
        "direction": "out",
        "reason": reason,
        "registered_on": max(stay.from_on, gone),
        "went_to": where,
    }
