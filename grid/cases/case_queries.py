"""The list of cases, and one case with its parties and its timeline. What lies in no building is read by those in
charge of the whole community and by its owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from grid.accounts.models import Scope, User
from grid.cases.models import Case, CaseParty, CaseStep, Screening
from grid.core.db import Found, db
from grid.core.refusals import Missing
from grid.register.models import Building, Household

STATES = ("open", "overdue", "revisit", "closed")


@dataclass(frozen=True)
class CaseFilter:
    """What is asked of the list: a state of STATES, a type, only one's own, words of the case."""

    state: str = "open"
    type: str | None = None
    is_mine: bool = False
    words: str | None = None


def readable(scope: Scope, user_id: int) -> Any:
    """A case of a building in scope; one without a building is for the whole scope and for its owner."""
    given = and_(Case.building_id.is_(None), Case.owner_id == user_id, Case.community_id.in_(scope.seen_communities))
    return or_(scope.covers(Case.community_id, Case.building_id), given)


def in_state(state: str, day: date) -> Any:
    return {
        "open": Case.closed_on.is_(None),
        "overdue": and_(Case.closed_on.is_(None), Case.due_on < day),
        "revisit": Case.revisit_on <= day,
        "closed": Case.closed_on.is_not(None),
    }[state]


def _narrowed(scope: Scope, user_id: int, wanted: CaseFilter, day: date) -> list[Any]:
    found = [readable(scope, user_id), Case.deleted_at.is_(None), in_state(wanted.state, day)]
    if wanted.type:
        found.append(Case.type == wanted.type)
    if wanted.is_mine:
        found.append(Case.owner_id == user_id)
    if wanted.words:
        found.append(says(wanted.words))
    return found


def says(words: str) -> Any:
    columns = (Case.no, Case.content, Case.place, Household.code)
    return or_(*(column.icontains(words, autoescape=True) for column in columns))


def cases(scope: Scope, user_id: int, wanted: CaseFilter, day: date, most: int, skip: int = 0) -> list[Found]:
    """One's own first, by the day they are due; closed ones by the day they were closed."""
    by_day = (Case.closed_on.desc(),) if wanted.state == "closed" else (Case.due_on.is_(None), Case.due_on)
    return list(
        db.session.execute(
            select(
                Case.public_id,
                Case.no,
                Case.type,
                Case.content,
                Case.due_on,
                Case.closed_on,
                Case.revisit_on,
                Case.lies_at,
                Case.place,
                User.name,
                Building.no.label("building"),
                Building.estate,
                Household.code,
            )
            .outerjoin(Building, Building.id == Case.building_id)
            .join(User, User.id == Case.owner_id)
            .outerjoin(Household, Household.id == Case.household_id)
            .where(*_narrowed(scope, user_id, wanted, day))
            .order_by(Case.owner_id != user_id, *by_day, Case.id.desc())
            .limit(most)
            .offset(skip)
        ).all()
    )


def count_cases(scope: Scope, user_id: int, wanted: CaseFilter, day: date) -> int:
    counted = (
        select(func.count())
        .select_from(Case)
        .outerjoin(Household, Household.id == Case.household_id)
        .where(*_narrowed(scope, user_id, wanted, day))
    )
    return db.session.scalar(counted) or 0


@dataclass(frozen=True)
class CaseFile:
    """One case with where it is and who looks after it."""

    case: Case
    building: Building | None
    household: Household | None
    owner: str
    recorder: str
    screening: Screening | None

    @property
    def owner_id(self) -> int:
        return self.case.owner_id


_Recorder = aliased(User)


def case_or_404(scope: Scope, user_id: int, public_id: str) -> CaseFile:
    found = db.session.execute(
        select(Case, Building, Household, User.name, _Recorder.name, Screening)
        .outerjoin(Building, Building.id == Case.building_id)
        .join(User, User.id == Case.owner_id)
        .join(_Recorder, _Recorder.id == Case.recorded_by)
        .outerjoin(Household, Household.id == Case.household_id)
        .outerjoin(Screening, Screening.id == Case.screening_id)
        .where(Case.public_id == public_id, Case.deleted_at.is_(None), readable(scope, user_id))
    ).first()
    if found is None:
        raise Missing
    return CaseFile(*found)


def parties(case_id: int) -> list[CaseParty]:
    return list(db.session.scalars(select(CaseParty).where(CaseParty.case_id == case_id).order_by(CaseParty.id)))


_To = aliased(User)


def timeline(case_id: int) -> Sequence[Found]:
    """The steps in the order in which they were recorded: each with who did it, and to whom it was given."""
    return db.session.execute(
        select(CaseStep, User.name.label("by"), _To.name.label("to"))
        .join(User, User.id == CaseStep.by_id)
        .outerjoin(_To, _To.id == CaseStep.to_id)
        .where(CaseStep.case_id == case_id)
        .order_by(CaseStep.at, CaseStep.id)
    ).all()
