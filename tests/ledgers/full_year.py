"""A year and more of everything that is counted, in both communities, with rows among it that must not count."""

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from grid.cases.models import Case, Screening
from grid.core.clock import ZONE, now, today
from grid.core.db import db
from grid.ledgers.indicators.holidays import holidays
from grid.register.models import Community, Floating, Household, Person, PersonTag, Residency, Tag
from grid.register.summaries import refresh_members
from grid.services.models import (
    Activity,
    ActivityHousehold,
    Inspection,
    Patrol,
    ServiceRecord,
    Team,
    WorkPlan,
)
from grid.visits.models import Visit, VisitPerson
from grid.visits.summaries import refresh_visits
from tests.factories import Cast, Place, make_person

DAYS = 500


def at(day: date, hour: int = 10) -> datetime:
    return datetime.combine(day, time(hour), ZONE)


def write_year(place: Place, cast: Cast) -> None:
    """Everything in the first community, and some of it in the second."""
    chance = Random(5)
    for nth, household in enumerate([*place.doors.values(), place.other_door]):
        if not nth % 2:
            make_person(household, f"居民{nth}", is_head=True, relation="02")
    db.session.flush()
    _Year(place.community, list(place.doors.values()), [cast.worker.id, cast.other_worker.id], chance).write()
    _Year(place.other, [place.other_door], [cast.admin.id], chance).write()
    for community in (place.community, place.other):
        refresh_members(community_id=community.id)
        refresh_visits(community_id=community.id)
    db.session.commit()


class _Year:
    def __init__(self, community: Community, doors: list[Household], workers: list[int], chance: Random) -> None:
        self.community, self.doors, self.workers, self.chance = community, doors, workers, chance
        self.rows: list[Any] = []
        self.people = [
            (person, residency)
            for person, residency in db.session.query(Person, Residency)
            .join(Residency, Residency.person_id == Person.id)
            .filter(Residency.community_id == community.id)
            .order_by(Person.id)
        ]

    def write(self) -> None:
        self.about_doors()
        self.about_people()
        self.visits()
        self.cases()
        self.duties()
        self.activities()
        self.services()
        self.plans()
        db.session.add_all(self.rows)
        db.session.flush()

    def add(self, model: Any, **facts: Any) -> Any:
        """A row; one in eight of those that can be was deleted."""
        if hasattr(model, "deleted_at") and self.chance.random() < 0.125:
            facts["deleted_at"] = now()
        row = model(community_id=self.community.id, **facts)
        self.rows.append(row)
        return row

    def days(self, share: float) -> list[date]:
        first = today() - timedelta(days=DAYS)
        return [first + timedelta(days=n) for n in range(DAYS) if self.chance.random() < share]

    def worker(self) -> int:
        return self.chance.choice(self.workers)

    def about_doors(self) -> None:
        for door in self.doors:
            door.safe_family = self.chance.choice((True, True, False, None))
            door.filed_on = self.chance.choice((today() - timedelta(days=400), today() - timedelta(days=20), None))
        self.doors[-1].deleted_at = now() if len(self.doors) > 1 else None

    def about_people(self) -> None:
        tags = {tag.code: tag for tag in db.session.query(Tag).filter_by(community_id=self.community.id)}
        for nth, (person, _residency) in enumerate(self.people):
            if nth % 3 == 0:
                self.floating(person)
            if nth % 4 == 0:
                attrs = self.chance.choice(({"grade": "二级"}, {"grade": ""}, {}, None))
                self.add(PersonTag, person_id=person.id, tag_id=tags["disabled"].id, attrs=attrs)
            if nth % 5 == 0:
                since = today() - timedelta(days=200)
                code = self.chance.choice(("released", "community_correction"))
                self.add(PersonTag, person_id=person.id, tag_id=tags[code].id, since=since)

    def floating(self, person: Person) -> None:
        self.add(
            Floating,
            person_id=person.id,
            direction=self.chance.choice(("in", "in", "in", "out")),
            permit_kind=self.chance.choice(("01", "01", None)),
            registered_on=today() - timedelta(days=self.chance.randrange(300)),
            expires_on=self.chance.choice((None, today() + timedelta(days=90), today() - timedelta(days=9))),
            left_on=self.chance.choice((None, None, today() - timedelta(days=30))),
        )

    def visits(self) -> None:
        for day in self.days(0.6):
            person, residency = self.chance.choice(self.people)
            visit = self.add(
                Visit,
                household_id=residency.household_id,
                worker_id=self.worker(),
                at=at(day, self.chance.choice((0, 9, 20, 23))),
                kind=self.chance.choice(("visit", "talk", "talk", "phone")),
                found=self.chance.choice(("home", "home", "nobody")),
            )
            db.session.add(visit)
            db.session.flush()
            if self.chance.random() < 0.5:
                db.session.add(VisitPerson(visit_id=visit.id, person_id=person.id))

    def cases(self) -> None:
        for nth, day in enumerate(self.days(0.3)):
            door = self.chance.choice((*self.doors, None))
            due = day + timedelta(days=self.chance.randrange(3, 40)) if self.chance.random() < 0.8 else None
            closed = day + timedelta(days=self.chance.randrange(1, 50))
            self.add(
                Case,
                building_id=door.building_id if door else None,
                household_id=door.id if door else None,
                no=f"{day.year}-{nth:04d}",
                type=self.chance.choice(("dispute", "dispute", "hazard", "security")),
                incident=self.chance.choice((None, None, "fire", "accident", "theft")),
                level=self.chance.choice((None, "01", "03", "04")),
                source="visit",
                at=at(day),
                content="楼道堆物",
                owner_id=self.worker(),
                recorded_by=self.worker(),
                due_on=due,
                closed_on=closed if closed <= today() else None,
                method=self.chance.choice((None, "talk")),
                outcome=self.chance.choice((None, "agreed", "agreed", "failed")),
            )

    def duties(self) -> None:
        for day in self.days(0.13):
            monday = day - timedelta(days=day.weekday())
            self.add(Screening, week_on=monday, on=day, by_id=self.worker())
        for day in self.days(0.8):
            start = at(day, self.chance.choice((14, 18, 19, 20)))
            self.add(Patrol, started_at=start, ended_at=start + timedelta(hours=2), recorded_by=self.worker())
        for day in self.days(0.1):
            self.add(Inspection, kind=self.chance.choice(("hygiene", "safety")), at=at(day), recorded_by=self.worker())
        for day, key in holidays(today() - timedelta(days=DAYS), today()):
            on = day - timedelta(days=self.chance.choice((2, 20, 45)))
            self.add(Inspection, kind="holiday", holiday=key, at=at(on), recorded_by=self.worker())
        for nth in range(7):
            gone = today() - timedelta(days=60) if nth == 3 else None
            kind = self.chance.choice(("arts", "sports", "patrol"))
            self.add(Team, kind=kind, name=f"队{nth}", founded_on=date(2024, 5, 1), dissolved_on=gone)

    def activities(self) -> None:
        kinds = ("lecture", "meeting", "joint_meeting", "residents_meeting", "board", "leaflet", "culture", "training")
        for day in self.days(0.35):
            activity = self.add(
                Activity,
                kind=self.chance.choice((*kinds, "theme_day")),
                topic=self.chance.choice(("health", "legal", "culture")),
                theme=self.chance.choice((None, None, "世界无烟日")),
                title="活动",
                at=at(day, self.chance.choice((0, 15, 23))),
                audience=self.chance.choice((None, "youth", "elderly")),
                headcount=self.chance.choice((None, 1, 2)),
                minutes=self.chance.choice((None, "", "议定三件事")),
                recorded_by=self.worker(),
            )
            db.session.add(activity)
            db.session.flush()
            if self.chance.random() < 0.06:
                who = self.chance.choice(self.people)[1].household_id
                self.add(ActivityHousehold, activity_id=activity.id, household_id=who)

    def services(self) -> None:
        for day in self.days(0.15):
            person, residency = self.chance.choice(self.people)
            self.add(
                ServiceRecord,
                household_id=residency.household_id,
                person_id=self.chance.choice((person.id, person.id, None)),
                kind=self.chance.choice(("job", "student", "comfort")),
                on=day,
                content="介绍岗位",
                outcome=self.chance.choice(("employed", "done")),
                recorded_by=self.worker(),
            )

    def plans(self) -> None:
        monday = today() - timedelta(days=today().weekday())
        for worker in self.workers:
            for nth in range(-1, DAYS // 7):
                if self.chance.random() < 0.9:
                    state = self.chance.choice(("draft", "submitted", "checked", "archived", "archived"))
                    self.add(WorkPlan, user_id=worker, week_on=monday - timedelta(days=7 * nth), state=state)
