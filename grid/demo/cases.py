"""A year of cases, and the last weeks of reports from building heads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle
from random import Random

from grid.core.clock import ZONE, day_of
from grid.demo.case_words import HANDLED, MATTERS, OF_NEEDS, WAITING, Matter, Sighting
from grid.demo.people import Household
from grid.demo.place import Footprint
from grid.demo.visits import Visit

CASES, OPEN = 40, 8
# Of the cases that are closed by now.
FROM_VISITS = 14
# Of every head; one more waits.
HANDLED_EACH = 3


@dataclass(slots=True)
class Case:
    """Looked after by worker `worker`, in building no `building`; `home` is the index of a home."""

    type: str
    source: str
    content: str
    worker: int
    building: int
    home: int | None
    at: datetime
    recorded_at: datetime
    due_on: date | None
    result: str | None = None
    closed_on: date | None = None
    visit: Visit | None = None
    no: str = ""


@dataclass(slots=True)
class Report:
    """From the head of building no `building`; `handler` is a worker."""

    building: int
    home: int | None
    kind: str
    facts: str | None
    headcount: int | None
    seen_at: datetime
    reported_at: datetime
    state: str = "waiting"
    handler: int | None = None
    handled_at: datetime | None = None
    result: str | None = None
    case: Case | None = None


@dataclass(frozen=True, slots=True)
class Affairs:
    """Cases by number, reports in the order they came."""

    cases: tuple[Case, ...]
    reports: tuple[Report, ...]


class Desks:
    """What comes to the workers of one community; worker n has block n + 1, and `reporting` are the heads' houses."""

    def __init__(
        self, homes: Sequence[Household], houses: Sequence[Footprint], visits: Sequence[Visit],
        reporting: Sequence[int], dice: Random, today: date,
    ) -> None:  # fmt: skip
        self.homes = homes
        self.dice = dice
        self.today = today
        self.reporting = dice.sample(reporting, len(reporting))
        self.worker_of = {house.no: house.block - 1 for house in houses}
        self.workers = sorted(set(self.worker_of.values()))
        self.behind = _doors_behind(homes)
        self.needs = [visit for visit in dice.sample(visits, len(visits)) if self._becomes_a_case(visit)]
        begin = dice.randrange(len(MATTERS))
        self.matters = cycle(MATTERS[begin:] + MATTERS[:begin])
        self.cases: list[Case] = []
        self.reports: list[Report] = []

    def make(self) -> Affairs:
        self._hear_the_heads()
        for worker, is_late in self._left_open():
            self._leave_open(worker, is_late)
        for nth in range(CASES - len(self.cases)):
            self._bring_to_an_end(from_visit=nth < FROM_VISITS)
        self.cases.sort(key=lambda case: case.recorded_at)
        _number(self.cases)
        self.reports.sort(key=lambda report: report.reported_at)
        return Affairs(tuple(self.cases), tuple(self.reports))

    def _becomes_a_case(self, visit: Visit) -> bool:
        """A promised next visit would be the case's day too, so those that promise something are left alone."""
        block = self.worker_of[self.homes[visit.home].door.building]
        return visit.needs in OF_NEEDS and visit.due_on is None and visit.worker == block

    # Reports

    def _hear_the_heads(self) -> None:
        n = len(self.reporting)
        opening = [sighting for sighting in HANDLED if sighting.matter]
        others = [sighting for sighting in HANDLED if not sighting.matter]
        dealt = self.dice.sample(opening, len(opening)) + self.dice.sample(others, len(others))
        for nth, sighting in enumerate(dealt[: HANDLED_EACH * n + 1 if n else 0]):
            self._handled(self.reporting[nth % n], sighting)
        for building, sighting in zip(self.reporting, self.dice.sample(WAITING, len(WAITING)), strict=False):
            self._seen(building, sighting, back=self.dice.randint(1, 4))

    def _seen(self, building: int, sighting: Sighting, back: int) -> Report:
        seen_at = self._moment(self.today - timedelta(days=back), 8, 20)
        report = Report(
            building,
            self._door(self.behind[building], sighting.where),
            sighting.kind,
            sighting.facts,
            sighting.headcount,
            seen_at,
            seen_at + timedelta(minutes=self.dice.choice((0, 0, 1, 2, 5, 12, 35))),
        )
        self.reports.append(report)
        return report

    def _handled(self, building: int, sighting: Sighting) -> None:
        """By yesterday, also where the worker first opened a case and came back to the report when it was done."""
        report = self._seen(building, sighting, back=self.dice.randint(7, 25))
        report.state, report.handler, report.result = sighting.state, self.worker_of[building], sighting.result
        looked_into = self._office_hour(day_of(report.reported_at) + timedelta(days=self.dice.randint(1, 2)))
        report.handled_at = looked_into
        if sighting.matter is None:
            return
        report.case = self._of_report(report, sighting.matter, looked_into)
        if sighting.state == "closed":
            report.handled_at = self._office_hour(day_of(looked_into) + timedelta(days=self.dice.randint(1, 2)))
            report.case.closed_on = day_of(report.handled_at)
            report.case.result = sighting.matter.result

    def _of_report(self, report: Report, matter: Matter, opened: datetime) -> Case:
        case = Case(
            matter.type, "report", matter.content, self.worker_of[report.building], report.building, report.home,
            report.seen_at, opened, self.today + timedelta(days=self.dice.randint(2, 12)),
        )  # fmt: skip
        self.cases.append(case)
        return case

    # Cases

    def _left_open(self) -> list[tuple[int, bool]]:
        """Which worker has one more open case, and whether it is overdue: two, and the first worker has two in all."""
        open_already = [case.worker for case in self.cases if case.closed_on is None]
        first, others = self.workers[0], self.workers[1:] or self.workers
        wanted = [(first, True)] + [(first, False)] * (1 - open_already.count(first))
        wanted.append((self.dice.choice(others), True))
        rest = OPEN - len(open_already) - len(wanted)
        return wanted + [(self.dice.choice(others), False) for _ in range(rest)]

    def _leave_open(self, worker: int, is_late: bool) -> None:
        """What is late was opened weeks ago."""
        youngest, oldest = (20, 34) if is_late else (1, 18)
        case = self._of_visit(youngest, oldest, worker) or self._of_matter(youngest, oldest, worker)
        days = -self.dice.randint(2, 6) if is_late else self.dice.randint(1, 16)
        case.due_on, case.result = self.today + timedelta(days=days), None

    def _bring_to_an_end(self, from_visit: bool) -> None:
        youngest, oldest = 12, 360
        case = self._of_visit(youngest, oldest) if from_visit else None
        case = case or self._of_matter(youngest, oldest, self.dice.choice(self.workers))
        opened = day_of(case.recorded_at)
        if self.dice.random() < 0.85:
            case.due_on = opened + timedelta(days=self.dice.choice((7, 10, 14, 14, 21, 30)))
        took = self.dice.choice((0, 1, 2, 3, 4, 5, 6, 8, 9, 11, 13, 17, 24))
        case.closed_on = min(opened + timedelta(days=took), self.today - timedelta(days=1))

    def _of_visit(self, youngest: int, oldest: int, worker: int | None = None) -> Case | None:
        """What a visit of so many days ago found somebody in need of, said in its own words."""
        for nth, visit in enumerate(self.needs):
            back = (self.today - day_of(visit.at)).days
            if youngest <= back <= oldest and worker in (None, visit.worker):
                return self._handed_on(self.needs.pop(nth))
        return None

    def _handed_on(self, visit: Visit) -> Case:
        assert visit.needs
        type_, result = OF_NEEDS[visit.needs]
        building = self.homes[visit.home].door.building
        case = Case(
            type_, "visit", visit.needs, visit.worker, building, visit.home, visit.at, visit.recorded_at, None,
            result=result, visit=visit,
        )  # fmt: skip
        self.cases.append(case)
        return case

    def _of_matter(self, youngest: int, oldest: int, worker: int) -> Case:
        """What somebody told: at the counter, by phone, or a head whose report is long gone."""
        matter = next(self.matters)
        building = self.dice.choice([no for no, beat in self.worker_of.items() if beat == worker])
        sources = ("counter", "phone", "report") if oldest > 40 and matter.where == "building" else ("counter", "phone")
        told = self._office_hour(self.today - timedelta(days=self.dice.randint(youngest + 1, oldest)))
        case = Case(
            matter.type,
            self.dice.choice(sources),
            matter.content,
            worker,
            building,
            self._door(self.behind[building], matter.where),
            told - timedelta(minutes=self.dice.choice((0, 0, 10, 40, 90, 300, 1300))),
            told,
            None,
            result=matter.result,
        )
        self.cases.append(case)
        return case

    # Where and when

    def _door(self, doors: Sequence[int], where: str) -> int | None:
        """The index of a lived-in home, rented if that is asked for and there is one; None for the whole building."""
        lived_in = [i for i in doors if self.homes[i].door.use == "dwelling" and self.homes[i].present()]
        if where == "building" or not lived_in:
            return None
        rented = [i for i in lived_in if self.homes[i].occupancy == "rented"]
        return self.dice.choice(rented if where == "rented" and rented else lived_in)

    def _office_hour(self, day: date) -> datetime:
        """On that day, or on Monday where it is a Sunday."""
        return self._moment(day + timedelta(days=day.weekday() == 6), 9, 16)

    def _moment(self, day: date, first: int, last: int) -> datetime:
        at = time(self.dice.randint(first, last), self.dice.randrange(60))
        return datetime.combine(day, at, ZONE).astimezone(UTC)


def _doors_behind(homes: Sequence[Household]) -> Mapping[int, list[int]]:
    """Building no → the indexes of its homes."""
    behind: dict[int, list[int]] = {}
    for i, home in enumerate(homes):
        behind.setdefault(home.door.building, []).append(i)
    return behind


def _number(cases: Sequence[Case]) -> None:
    """2026-0001, 2026-0002 …, anew every year."""
    counted: dict[int, int] = {}
    for case in cases:
        year = day_of(case.recorded_at).year
        counted[year] = counted.get(year, 0) + 1
        case.no = f"{year}-{counted[year]:04}"
