"""Whatever moves a community sees, and in whatever order: nobody lives twice, and all of it can be taken back."""

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from grid.accounts.models import AuditEntry, Me
from grid.accounts.queries import forget_scopes
from grid.core.db import db
from grid.core.refusals import Refused
from grid.register import actions, finding, queries
from grid.register import move_actions as moves
from grid.register.models import Block, Floating, Household, Person, Residency
from grid.register.summaries import refresh_members
from grid.register.undo_actions import UNDOABLE, undo
from tests.factories import hand_out, make_building, make_doors, make_person, make_user, me_of
from tests.keeping import empty_database
from tests.rows import differences, snapshot

BEGIN = date(2026, 1, 1)


@dataclass
class Street:
    """Four doors; three people behind the first, one with a permit behind the second."""

    admin: Me
    doors: list[Household]


def make_street() -> Street:
    empty_database()
    forget_scopes()
    community = actions.add_community(None, actions.CommunityEntry("小社区"))
    block = Block(community_id=community.id, seq=1, name="一片区")
    db.session.add(block)
    db.session.flush()
    doors = list(make_doors(make_building(community, block, 1, None), 1, 2, 2).values())
    make_person(doors[0], "赵甲", is_head=True, relation="02", id_no="990101197001010011")
    make_person(doors[0], "钱乙", relation="10")
    make_person(doors[0], "孙丙", relation="20")
    lodger = make_person(doors[1], "李丁", is_head=True, relation="02")
    db.session.add(Floating(community_id=community.id, person_id=lodger.id))
    refresh_members(community_id=community.id)
    finding.index_households(community_id=community.id)
    admin = make_user("admin", "administrator", "社长")
    db.session.commit()
    hand_out(admin, community)
    return Street(me_of(admin), doors)


@dataclass(frozen=True)
class Step:
    """One thing that happens; the numbers choose among the doors and people that are there."""

    move: str
    day: int
    door: int
    other: int
    who: int
    some: int

    @property
    def common(self) -> dict[str, Any]:
        return {"key": uuid.uuid4().hex, "said": "", "on": BEGIN + timedelta(self.day)}


def steps(fewest: int = 3, most: int = 8) -> st.SearchStrategy[list[Step]]:
    """Days mostly go forward, now and then back: then a move is refused."""
    step = st.builds(
        Step,
        move=st.sampled_from(sorted(MOVES)),
        day=st.integers(0, 300),
        door=st.integers(0, 9),
        other=st.integers(0, 9),
        who=st.integers(0, 9),
        some=st.integers(1, 3),
    )
    by_day = st.lists(step, min_size=fewest, max_size=most).map(lambda found: sorted(found, key=lambda s: s.day))
    return st.one_of(by_day, by_day, st.lists(step, min_size=fewest, max_size=most))


def doors_now() -> list[Household]:
    return list(db.session.scalars(select(Household).order_by(Household.id)))


def behind(door: Household) -> list[str]:
    return [resident.person.public_id for resident in queries.residents(door.id)]


def two_doors(step: Step) -> tuple[Household, Household]:
    """A door where somebody lives, wherever there is one, and another."""
    doors = doors_now()
    lived_in = [door for door in doors if behind(door)] or doors
    door = lived_in[step.door % len(lived_in)]
    others = [one for one in doors if one.id != door.id]
    return door, others[step.other % len(others)]


def going(step: Step, door: Household) -> tuple[str, ...]:
    here = behind(door)
    turned = here[step.who % max(1, len(here)) :] + here[: step.who % max(1, len(here))]
    return tuple(turned[: step.some])


def change_flat(actor: Me, step: Step) -> None:
    door, other = two_doors(step)
    people = going(step, door)
    head = people[0] if people and step.other % 2 else None
    moves.change_flat(actor, door, moves.ChangeFlatEntry(**step.common, people=people, to=other.code, head=head))


def split(actor: Me, step: Step) -> None:
    """Where several live, wherever they do; to a door where nobody does, or a new one."""
    doors = doors_now()
    several = [one for one in doors if len(behind(one)) > 1] or doors
    door = several[step.door % len(several)]
    empty = [one.code for one in doors if not behind(one)]
    people = going(step, door)[: max(1, len(behind(door)) - 1)]
    to = empty[step.other % len(empty)] if step.other % 2 and empty else None
    head = people[0] if people else ""
    rest = next((one for one in behind(door) if one not in people), None)
    entry = moves.SplitEntry(**step.common, people=people, head=head, to=to, head_of_rest=rest)
    moves.split_household(actor, door, entry)


def merge(actor: Me, step: Step) -> None:
    door, other = two_doors(step)
    everybody = behind(door) + behind(other)
    head = everybody[step.who % len(everybody)] if everybody and step.some > 1 else None
    moves.merge_households(actor, other, moves.MergeEntry(**step.common, other=door.code, head=head))


def birth(actor: Me, step: Step) -> None:
    moves.record_birth(actor, two_doors(step)[0], moves.BirthEntry(**step.common, name="小宝", relation="20"))


def death(actor: Me, step: Step) -> None:
    door, _other = two_doors(step)
    people = going(step, door)
    if not people:
        raise Refused("nobody")
    rest = next((one for one in behind(door) if one != people[0]), None)
    resident = queries.resident_or_404(actor.scope, people[0])
    moves.record_death(actor, resident, moves.DeathEntry(**step.common, head=rest))


def new_head(actor: Me, step: Step) -> None:
    door, _other = two_doors(step)
    people = going(step, door)
    moves.name_head(actor, door, moves.HeadEntry(**step.common, head=people[0] if people else ""))


def new_landlord(actor: Me, step: Step) -> None:
    name = f"房东{step.other}"
    moves.change_landlord(actor, two_doors(step)[0], moves.LandlordEntry(**step.common, owner_name=name))


def tenants_leave(actor: Me, step: Step) -> None:
    door, _other = two_doors(step)
    entry = moves.TenancyEntry(**step.common, people=going(step, door), occupancy="own")
    moves.end_tenancy(actor, door, entry)


def move_in(actor: Me, step: Step) -> None:
    """Somebody new, or the one whose number the community knows."""
    door, _other = two_doors(step)
    common = step.common
    known = {"name": "赵甲", "id_no": "990101197001010011", "move_here": True} if step.some == 1 else {"name": "周新"}
    is_head = step.who % 2 == 0
    entry = actions.MoveInEntry(common["key"], "", from_on=common["on"], is_head=is_head, **known)
    actions.move_in(actor, door, entry)


def move_out(actor: Me, step: Step) -> None:
    door, _other = two_doors(step)
    people = going(step, door)
    if not people:
        raise Refused("nobody")
    resident = queries.resident_or_404(actor.scope, people[0])
    actions.move_out(actor, resident, actions.MoveOutEntry(step.common["on"], occupancy="vacant"))


MOVES: dict[str, Callable[[Me, Step], None]] = {
    "change_flat": change_flat,
    "split_household": split,
    "merge_households": merge,
    "record_birth": birth,
    "record_death": death,
    "name_head": new_head,
    "change_landlord": new_landlord,
    "end_tenancy": tenants_leave,
    "move_in": move_in,
    "move_out": move_out,
}


def happens(actor: Me, step: Step) -> bool:
    """Whether it could be done; a refused move leaves nothing."""
    try:
        MOVES[step.move](actor, step)
    except Refused:
        db.session.rollback()
        return False
    return True


def last_move() -> AuditEntry:
    wanted = select(AuditEntry).where(AuditEntry.action.in_(UNDOABLE), AuditEntry.part_of_id.is_(None))
    return db.session.scalars(wanted.order_by(AuditEntry.id.desc()).limit(1)).one()


def assert_nobody_lives_twice() -> None:
    db.session.expire_all()
    lives = list(db.session.execute(select(Residency.person_id, Residency.from_on, Residency.to_on)))
    for person_id in {person_id for person_id, _from, _to in lives}:
        stays = sorted((f or date.min, t or date.max) for p, f, t in lives if p == person_id)
        assert all(ends <= begins for (_b, ends), (begins, _e) in pairwise(stays)), stays
        assert sum(ends == date.max for _begins, ends in stays) <= 1


def assert_everybody_lived_somewhere() -> None:
    """Somebody without a stay would be in nobody's scope: no page could show them."""
    lived = select(Residency.id).where(Residency.person_id == Person.id).exists()
    assert db.session.scalars(select(Person.name).where(~lived, Person.deleted_at.is_(None))).all() == []


def assert_doors_add_up() -> None:
    for door in doors_now():
        here = queries.residents(door.id)
        assert door.n_members == len(here), door.code
        assert sum(resident.residency.is_head for resident in here) <= 1, door.code
        assert sum(resident.residency.relation in actions.HEADS for resident in here) <= 1, door.code
        assert not any(resident.person.died_on for resident in here), door.code


def assert_whoever_left_is_not_registered() -> None:
    lives = select(Residency.person_id).where(Residency.to_on.is_(None))
    still = select(Floating.id).where(Floating.person_id.not_in(lives), Floating.left_on.is_(None))
    assert db.session.scalars(still).all() == []


def assert_all_promises() -> None:
    assert_nobody_lives_twice()
    assert_everybody_lived_somewhere()
    assert_doors_add_up()
    assert_whoever_left_is_not_registered()


def take_back_one(actor: Me, nth: int) -> None:
    """Any of all that was done, undone or not; it may be refused."""
    wanted = select(AuditEntry).where(AuditEntry.action.in_(UNDOABLE), AuditEntry.part_of_id.is_(None))
    made = db.session.scalars(wanted.order_by(AuditEntry.id.desc())).all()
    if not made:
        return
    try:
        undo(actor, made[nth % len(made)])
    except Refused:
        db.session.rollback()


quick = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(history=steps())
def test_no_history_breaks_a_promise_and_all_of_it_can_be_taken_back(app: Flask, history: list[Step]) -> None:
    street = make_street()
    before = snapshot()
    done = []

    for step in history:
        if happens(street.admin, step):
            done.append(last_move().id)
        assert_all_promises()

    for entry_id in reversed(done):
        undo(street.admin, db.session.get_one(AuditEntry, entry_id))
        assert_all_promises()
    assert differences(before) == {}


@quick
@given(history=steps(), last=st.sampled_from(["split_household", "merge_households"]), step=steps())
def test_a_split_or_merger_taken_back_was_never_there(
    app: Flask, history: list[Step], last: str, step: list[Step]
) -> None:
    street = make_street()
    for earlier in history:
        happens(street.admin, earlier)
    before = snapshot()

    final = Step(last, 310, *(getattr(step[0], name) for name in ("door", "other", "who", "some")))
    if happens(street.admin, final):
        assert differences(before)
        undo(street.admin, last_move())

    assert differences(before) == {}


@settings(quick, max_examples=25, phases=[Phase.generate])
@given(history=steps(8, 14))
def test_whatever_is_taken_back_in_whatever_order_breaks_no_promise(app: Flask, history: list[Step]) -> None:
    street = make_street()

    for step in history:
        happens(street.admin, step)
        if step.some == 3:
            take_back_one(street.admin, step.who // 2)
        assert_all_promises()


@pytest.mark.once
def test_most_of_what_is_tried_happens(app: Flask) -> None:
    """A promise about moves that are all refused is none."""
    tried: Counter[str] = Counter()
    happened: Counter[str] = Counter()

    @settings(quick, max_examples=25, phases=[Phase.generate], derandomize=True)
    @given(history=steps())
    def whatever(history: list[Step]) -> None:
        street = make_street()
        for step in history:
            tried[step.move] += 1
            happened[step.move] += happens(street.admin, step)

    whatever()

    assert happened.total() > tried.total() * 2 / 3, (tried, happened)
    assert all(happened[move] for move in tried), (tried, happened)
