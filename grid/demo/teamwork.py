"""A year of teamwork in one invented community: teams, nightly patrols, the rota, weekly plans and awards."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from grid.cases.models import Case
from grid.core.clock import ZONE
from grid.core.db import db
from grid.demo.duty_words import (
    CONTENTS,
    FINDINGS,
    PLANS,
    REMARKS,
    TEAMS,
    TURNS,
    UNDONE,
)
from grid.demo.writing import Rows, Written, insert_all, insert_plain
from grid.register.models import Building, Household, PatrolRoute, Person, Residency
from grid.services.models import (
    Award,
    Patrol,
    PatrolFinding,
    Shift,
    Team,
    TeamMember,
    WorkPlan,
    WorkPlanItem,
)

SEED = 20260605
NIGHTS, GAPS, FOUND, AHEAD = 365, 7, 45, 14
WEEKS = 52


def write_teamwork(today: date, written: Written, administrator: int, workers: Sequence[int]) -> None:
    """Inside an open audit entry, after the register and the cases."""
    _Teamwork(today, written, administrator, workers).write()


class _Teamwork:
    def __init__(self, today: date, written: Written, administrator: int, workers: Sequence[int]) -> None:
        self.today, self.administrator, self.workers = today, administrator, workers
        self.here = {"community_id": written.community_id}
        self.dice = Random(SEED)
        self.houses = list(written.buildings.values())
        self.people = self._people()

    def write(self) -> None:
        teams = self._teams()
        self._patrols(teams)
        self._plans()
        self._awards()

    def _people(self) -> list[tuple[int, str]]:
        """Neighbours of an age to walk about at night."""
        of_age = Person.birth.between(date(self.today.year - 72, 1, 1), date(self.today.year - 30, 1, 1))
        found = db.session.execute(
            select(Person.id, Person.name)
            .join(Residency, Residency.person_id == Person.id)
            .where(Residency.to_on.is_(None), of_age, Person.community_id == self.here["community_id"])
            .order_by(Person.id)
        )
        return [(person_id, name) for person_id, name in found]

    # Teams

    def _teams(self) -> list[tuple[int, list[str]]]:
        """Ids, with the names of who is in them."""
        chosen = [self.dice.sample(self.people, min(n, len(self.people))) for _kind, _name, n in TEAMS]
        founded = [date(self.today.year - self.dice.randint(1, 6), self.dice.randint(1, 12), 1) for _team in TEAMS]
        rows: Rows = [
            {"kind": kind, "name": name, "leader": people[0][1] if people else None, "founded_on": on, **self.here}
            for (kind, name, _n), people, on in zip(TEAMS, chosen, founded, strict=True)
        ]
        ids = insert_all(Team, rows)
        members: Rows = [
            {
                "team_id": team,
                "person_id": person,
                "name": name,
                "phone": f"1990003{self.dice.randint(0, 9999):04d}",
                "since": on,
                **self.here,
            }
            for team, people, on in zip(ids, chosen, founded, strict=True)
            for person, name in people
        ]
        insert_plain(TeamMember, members)
        return [(team, [name for _id, name in people]) for team, people in zip(ids, chosen, strict=True)]

    # Patrols

    def _patrols(self, teams: Sequence[tuple[int, list[str]]]) -> None:
        gaps = set(self.dice.sample(range(4, NIGHTS), GAPS))
        days = [self.today - timedelta(days=back) for back in range(NIGHTS, 0, -1) if back not in gaps]
        routes = list(
            db.session.scalars(select(PatrolRoute.id).where(PatrolRoute.community_id == self.here["community_id"]))
        )
        planned = [self.today + timedelta(days=n) for n in range(-28, AHEAD)]
        shifts = {day: self._shift(day, teams, routes) for day in planned}
        ids = dict(zip(planned, insert_all(Shift, list(shifts.values())), strict=True))
        rows = [self._patrol(day, teams, routes, shifts.get(day), ids.get(day)) for day in days]
        patrols = insert_all(Patrol, rows)
        self._findings([(patrol, row["started_at"]) for patrol, row in zip(patrols, rows, strict=True)])

    def _shift(self, day: date, teams: Sequence[tuple[int, list[str]]], routes: list[int]) -> dict[str, Any]:
        team, names = teams[TURNS[day.weekday()]]
        who = "、".join(self.dice.sample(names, min(4, len(names))))
        route = self.dice.choice(routes) if routes else None
        return {
            "team_id": team, "on_day": day, "starts": "19:00", "ends": "21:00", "who": who, "route_id": route,
            **self.here,
        }  # fmt: skip

    def _patrol(
        self, day: date, teams: Sequence[tuple[int, list[str]]], routes: list[int], shift: Any, shift_id: int | None
    ) -> dict[str, Any]:
        turn = shift or self._shift(day, teams, routes)
        begin = self._at(day, 19, self.dice.choice((0, 0, 5, 10, 30)))
        end = begin + timedelta(minutes=self.dice.choice((90, 100, 110, 120)))
        return {
            "team_id": turn["team_id"],
            "shift_id": shift_id,
            "route_id": turn["route_id"],
            "started_at": begin,
            "ended_at": end,
            "headcount": max(1, len(turn["who"].split("、"))),
            "who": turn["who"],
            "content": self.dice.choice(CONTENTS),
            "recorded_by": self.dice.choice(self.workers),
            "recorded_at": end + timedelta(minutes=self.dice.randint(2, 40)),
            **self.here,
        }

    def _at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), ZONE)

    def _findings(self, patrols: Sequence[tuple[int, datetime]]) -> None:
        """Most were put right on the spot; the cases that say a patrol found them hang on the patrol before."""
        nights = self.dice.sample(range(len(patrols) - 3), FOUND)
        rows: Rows = [
            self._finding(patrols[night][0], *self.dice.choice(FINDINGS), self.dice.choice(self.houses))
            for night in sorted(nights)
        ]
        rows += [
            self._finding(_last_before(patrols, case.at), case.content, None, case.building_id, case.id)
            for case in self._cases()
        ]
        insert_plain(PatrolFinding, rows)

    def _cases(self) -> list[Case]:
        wanted = select(Case).where(Case.community_id == self.here["community_id"], Case.source == "patrol")
        return list(db.session.scalars(wanted.order_by(Case.id)))

    def _finding(
        self, patrol: int, content: str, place: str | None, house: int | None, case: int | None = None
    ) -> dict[str, Any]:
        found = {"patrol_id": patrol, "content": content, "place": place, "building_id": house, "case_id": case}
        return found | self.here

    # Weekly plans

    def _plans(self) -> None:
        monday = self.today - timedelta(days=self.today.weekday())
        rows: Rows = []
        for back in range(WEEKS - 1, -1, -1):
            for nth, worker in enumerate(self.workers):
                if state := self._state(back, nth):
                    rows.append(self._plan(worker, monday - timedelta(days=7 * back), state, nth))
        ids = insert_all(WorkPlan, rows)
        insert_plain(
            WorkPlanItem, [item for id_, row in zip(ids, rows, strict=True) for item in self._items(id_, row, monday)]
        )

    def _state(self, back: int, nth: int) -> str | None:
        """Old weeks are archived, the last one is half checked, and this one somebody has not written yet."""
        if back >= 2:
            return "archived" if (back + nth) % 11 else None
        states = (
            ("submitted", "submitted", "draft", "submitted", None, "draft"),
            ("submitted", "checked", "checked", "submitted", "submitted", None),
        )
        return states[back][nth % 6]

    def _plan(self, worker: int, monday: date, state: str, nth: int) -> dict[str, Any]:
        is_checked = state in ("checked", "archived")
        checked_at = self._at(monday + timedelta(days=5), 10, 20) if is_checked else None
        return {
            "user_id": worker, "week_on": monday, "state": state, "version": 2,
            "submitted_at": None if state == "draft" else self._at(monday, 9, 5 + nth),
            "checked_by": self.administrator if is_checked else None, "checked_at": checked_at,
            "remark": self.dice.choice(REMARKS) if is_checked else None, "recorded_at": self._at(monday, 8, 40),
            **self.here,
        }  # fmt: skip

    def _items(self, plan_id: int, plan: dict[str, Any], monday: date) -> Rows:
        is_over = plan["week_on"] < monday
        rows: Rows = []
        for seq, words in enumerate(self.dice.sample(PLANS, self.dice.randint(4, 6)), 1):
            is_done = self.dice.random() < (0.9 if is_over else 0.3)
            note = self.dice.choice(UNDONE) if is_over and not is_done else None
            item = {"work_plan_id": plan_id, "seq": seq, "words": words, "is_done": is_done, "note": note}
            rows.append(item | self.here)
        return rows

    # Awards

    def _awards(self) -> None:
        rows: Rows = []
        for year in (self.today.year - 1, self.today.year):
            on = min(date(year, 6, 28), self.today)
            rows += [self._award(year, on, **facts) for facts in self._honoured()]
        insert_plain(Award, rows)

    def _honoured(self) -> list[dict[str, Any]]:
        found = [{"kind": "safe_family", **home} for home in self._homes(12)]
        found += [{"kind": "civilised_family", **home} for home in self._homes(5)]
        heads = db.session.execute(
            select(Building.id, Building.head_name)
            .where(Building.community_id == self.here["community_id"], Building.head_name.is_not(None))
            .order_by(Building.id)
        ).all()
        chosen = self.dice.sample(heads, min(3, len(heads)))
        found += [{"kind": "good_head", "building_id": house, "name": name} for house, name in chosen]
        volunteers = self.dice.sample(self.people, min(4, len(self.people)))
        return found + [{"kind": "good_volunteer", "name": name} for _id, name in volunteers]

    def _homes(self, n: int) -> list[dict[str, Any]]:
        """Families that their file calls safe ones."""
        found = db.session.execute(
            select(Household.id, Household.building_id, Person.name)
            .join(Residency, Residency.household_id == Household.id)
            .join(Person, Person.id == Residency.person_id)
            .where(
                Household.community_id == self.here["community_id"],
                Household.safe_family.is_(True),
                Residency.is_head.is_(True),
                Residency.to_on.is_(None),
            )
            .order_by(Household.id)
        ).all()
        chosen = self.dice.sample(found, min(n, len(found)))
        return [{"household_id": home, "building_id": house, "name": f"{name}家"} for home, house, name in chosen]

    def _award(self, year: int, on: date, **facts: Any) -> dict[str, Any]:
        empty = {"household_id": None, "building_id": None}
        return empty | {"year": year, "on_day": on, "recorded_by": self.administrator, **facts, **self.here}


def _last_before(patrols: Sequence[tuple[int, datetime]], at: datetime) -> int:
    return next((patrol for patrol, begin in reversed(patrols) if begin <= at), patrols[0][0])
