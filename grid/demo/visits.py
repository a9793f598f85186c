"""A year of visits: workers who climb house after house, the hours and seasons they keep, their promises."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from grid.core.clock import ZONE
from grid.demo.notes import GIFTS, GIFTS_IN, NEEDS, TOLD, note_for
from grid.demo.people import Household, Person

DAYS = 365
# Visits a worker makes on a working day, by month: many before the Spring Festival, few in the heat.
PACE = {1: 12, 2: 8, 3: 12, 4: 12, 5: 11, 6: 11, 7: 8, 8: 8, 9: 12, 10: 11, 11: 13, 12: 13}
KINDS = (("visit", 70), ("phone", 9), ("check", 12), ("comfort", 9))
TOPICS = (("details", 36), ("disputes", 12), ("safety", 24), ("policy", 18), ("help", 10))
NEEDY = frozenset(
    {"living_alone", "empty_nest", "aged_80", "low_income", "disabled", "extreme_poverty", "incapacitated"}
)
GUIDED = frozenset({"mental_disorder", "released", "community_correction", "drug_rehabilitation"})


@dataclass(slots=True)
class Visit:
    home: int
    worker: int
    at: datetime
    kind: str
    found: str
    topics: list[str]
    content: str | None
    needs: str | None
    met: list[Person] = field(default_factory=list)
    due_on: date | None = None
    closed: bool = False
    # Other workers of the community.
    along: list[int] = field(default_factory=list)
    gift: str | None = None

    @property
    def recorded_at(self) -> datetime:
        return self.at + timedelta(minutes=4 + self.at.minute % 37)


class Year:
    """The visits of one community's workers; `walks[w]` are the indexes of the homes on worker w's beat."""

    def __init__(self, homes: list[Household], walks: list[list[int]], dice: Random, today: date) -> None:
        self.homes = homes
        self.walks = walks
        self.dice = dice
        self.today = today
        # Some doors nobody has ever come to: new blocks of the round, people always away.
        self.shunned = {i for i, home in enumerate(homes) if dice.random() < self._neglect(home)}
        self.visits: list[Visit] = []
        self._weights = [self._weight(i) for i in range(len(homes))]

    def make(self) -> list[Visit]:
        for worker, walk in enumerate(self.walks):
            # A beat of 500 doors at the usual pace; some workers are quicker than others.
            self._walk_the_year(worker, walk, len(walk) / 500 * self.dice.uniform(0.78, 1.22))
        self.visits.sort(key=lambda visit: visit.at)
        self._promises()
        self.visits.sort(key=lambda visit: visit.at)
        for visit in self.visits:
            self._bring(visit)
        return self.visits

    def _neglect(self, home: Household) -> float:
        if any(set(stay.person.tags) & NEEDY for stay in home.present()):
            return 0.005
        return {"own": 0.035, "rented": 0.08}.get(home.occupancy, 0.3) + (0.5 if home.door.use == "garage" else 0)

    def _weight(self, index: int) -> float:
        home, tags = self.homes[index], self._tags(index)
        if home.door.use == "garage":
            return 0.04
        if home.occupancy == "vacant":
            return 0.25
        return 0.97 if tags & NEEDY else 0.84

    def _walk_the_year(self, worker: int, walk: list[int], scale: float) -> None:
        """Day after day the worker goes on where he stopped, door by door, and begins anew at the end of the beat."""
        if not walk:
            return
        at = self.dice.randrange(len(walk))
        needy = [i for i in walk if self._tags(i) & NEEDY]
        for back in range(DAYS, 0, -1):
            day = self.today - timedelta(days=back)
            for hour in self._hours(day, self._pace(day, scale)):
                if needy and self.dice.random() < 0.12:
                    self._call(self.dice.choice(needy), worker, hour)
                else:
                    at = self._next(walk, at)
                    self._call(walk[at], worker, hour)

    def _next(self, walk: list[int], at: int) -> int:
        """The next door on the beat at which the worker rings; some are passed by."""
        for _ in range(20 * len(walk)):
            at = (at + 1) % len(walk)
            if walk[at] not in self.shunned and self.dice.random() < self._weights[walk[at]]:
                break
        return at

    def _tags(self, home: int) -> set[str]:
        return {tag for stay in self.homes[home].present() for tag in stay.person.tags}

    def _pace(self, day: date, scale: float) -> int:
        base = PACE[day.month] * (0.3 if day.weekday() == 5 else 0.06 if day.weekday() == 6 else 1.06)
        return round(base * scale * self.dice.uniform(0.55, 1.45) + self.dice.random() - 0.5)

    def _hours(self, day: date, count: int) -> list[datetime]:
        """Morning, afternoon and, twice as often where people work, the evening; in the heat early and late."""
        hot = day.month in (7, 8)
        spans = ((8.2, 10.6), (16.4, 18.4), (18.6, 20.3)) if hot else ((8.7, 11.7), (14.2, 17.5), (18.6, 20.4))
        shares = (44, 26, 30) if hot else (40, 38, 22)
        hours = []
        for _ in range(max(count, 0)):
            first, last = self.dice.choices(spans, shares)[0]
            minutes = int(self.dice.uniform(first, last) * 60)
            hours.append(datetime.combine(day, time(minutes // 60, minutes % 60), ZONE).astimezone(UTC))
        return sorted(hours)

    def _call(self, index: int, worker: int, at: datetime) -> Visit:
        dice, home = self.dice, self.homes[index]
        tags = self._tags(index)
        kind = self._kind(tags, at)
        found = self._found(home, kind, at)
        topics = [] if home.occupancy == "vacant" else self._topics(tags)
        visit = Visit(
            home=index,
            worker=self._who(worker),
            at=at,
            kind=kind,
            found=found,
            topics=topics,
            content=note_for(topics, kind, found, home.occupancy == "vacant", at.month, dice),
            needs=dice.choice(NEEDS) if found == "home" and dice.random() < 0.025 else None,
            met=self._met(home, at.date()) if found == "home" else [],
        )
        self.visits.append(visit)
        return visit

    def _who(self, worker: int) -> int:
        """The first worker also helps on the second beat: one visit in nine there is hers."""
        return 0 if worker == 1 and self.dice.random() < 0.11 else worker

    def _kind(self, tags: set[str], at: datetime) -> str:
        if tags & GUIDED and self.dice.random() < 0.6:
            return "talk"
        if tags & NEEDY and at.month in (1, 2, 10) and self.dice.random() < 0.4:
            return "comfort"
        return _pick(self.dice, KINDS)

    def _found(self, home: Household, kind: str, at: datetime) -> str:
        if home.occupancy == "vacant":
            return "home" if kind == "phone" else "nobody"
        toss, local = self.dice.random(), at.astimezone(ZONE)
        away = 0.05 if kind in ("phone", "talk") else 0.09 if local.hour >= 18 or local.weekday() >= 5 else 0.2
        if any(stay.person.occupation == "退休" for stay in home.present()):
            away /= 2.5
        return "nobody" if toss < away else "refused" if toss > 0.987 else "home"

    def _topics(self, tags: set[str]) -> list[str]:
        first = "help" if tags & NEEDY and self.dice.random() < 0.5 else _pick(self.dice, TOPICS)
        second = _pick(self.dice, TOPICS)
        return [first, second] if self.dice.random() < 0.28 and second != first else [first]

    def _met(self, home: Household, day: date) -> list[Person]:
        there = [
            stay.person
            for stay in home.stays
            if stay.from_on <= day and (stay.to_on is None or stay.to_on > day) and stay.person.age(day) >= 14
        ]
        if not there:
            return []
        return self.dice.sample(there, min(len(there), 1 if self.dice.random() < 0.72 else 2))

    def _promises(self) -> None:
        """Some visits end with a day for the next one. Most promises are kept; those of the last weeks may be open."""
        at_door: dict[int, list[datetime]] = {}
        for visit in self.visits:
            at_door.setdefault(visit.home, []).append(visit.at)
        for visit in list(self.visits):
            chance = 0.2 if visit.found == "nobody" and visit.topics else 0.05 if visit.found == "home" else 0.15
            if self.dice.random() < chance:
                self._promise(visit, at_door[visit.home])

    def _promise(self, visit: Visit, moments: list[datetime]) -> None:
        made = visit.at.date()
        visit.due_on = made + timedelta(days=self.dice.choice((3, 5, 7, 7, 10, 14, 14, 21, 30)))
        if bisect_right(moments, visit.at) < len(moments):
            visit.closed = True
        elif visit.due_on < self.today - timedelta(days=0 if self.dice.random() < 0.62 else 40):
            visit.closed = True
            self._keep_promise(visit, visit.due_on)

    def _keep_promise(self, visit: Visit, day: date) -> None:
        at = datetime.combine(day, time(self.dice.choice((9, 10, 15, 16, 19)), self.dice.randrange(60)), ZONE)
        self._call(visit.home, visit.worker, at.astimezone(UTC))

    def _bring(self, visit: Visit) -> None:
        """Whom and what the worker brought: at times a colleague, and a gift to comfort somebody. Nothing by phone."""
        if visit.found != "home" or visit.kind == "phone":
            return
        colleagues = [worker for worker in range(len(self.walks)) if worker != visit.worker]
        chance = 0.12 if visit.kind == "comfort" or "disputes" in visit.topics else 0.02
        if self.dice.random() < chance:
            visit.along = self.dice.sample(colleagues, 2 if self.dice.random() < 0.15 else 1)
        if visit.kind == "comfort":
            visit.gift = self._gift(visit)

    def _gift(self, visit: Visit) -> str | None:
        """What the note speaks of; else something fit for the season, mostly where it is needed."""
        told = next((gift for words, gift in TOLD if words in (visit.content or "")), None)
        if told:
            return told
        if self.dice.random() > (0.7 if self._tags(visit.home) & NEEDY else 0.2):
            return None
        return self.dice.choice(GIFTS_IN.get(visit.at.month, ()) + GIFTS)


def _pick(dice: Random, choices: tuple[tuple[str, int], ...]) -> str:
    return dice.choices([name for name, _ in choices], [share for _, share in choices])[0]
