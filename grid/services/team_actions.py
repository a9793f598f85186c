"""Founding, changing and dissolving a team; somebody joins, somebody leaves."""

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select

from grid.accounts import audit, receipts
from grid.accounts.models import Me
from grid.accounts.receipts import Slip
from grid.core.db import db
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.services import team_queries
from grid.services.models import Team, TeamMember


@dataclass(frozen=True)
class TeamEntry:
    kind: str
    name: str
    leader: str | None = None
    phone: str | None = None
    founded_on: date | None = None
    note: str | None = None


@dataclass(frozen=True)
class MemberEntry:
    """Somebody of the register, or only a name."""

    name: str
    phone: str | None
    since: date
    person_id: int | None = None


def add_team(actor: Me, community_id: int, entry: TeamEntry, slip: Slip) -> str:
    with audit.entry(actor, "add_team", community_id=community_id, words=entry.name):
        receipts.claim(actor, slip.key, slip.said)
        _refuse_taken_name(community_id, entry.name)
        team = Team(community_id=community_id, **asdict(entry))
        db.session.add(team)
        db.session.flush()
        receipts.answer(slip.key, team.public_id)
        return team.public_id


def edit_team(actor: Me, team: Team, entry: TeamEntry, version: int) -> None:
    with audit.entry(actor, "edit_team", community_id=team.community_id, words=entry.name):
        db.session.refresh(team, with_for_update=True)
        if team.version != version:
            raise Refused(_("您打开以后，别人改过这支队伍。请刷新页面，看过再改。"), "name")
        if entry.name != team.name:
            _refuse_taken_name(team.community_id, entry.name)
        for name, value in asdict(entry).items():
            setattr(team, name, value)
        team.version += 1


def _refuse_taken_name(community_id: int, name: str) -> None:
    taken = select(Team.id).where(Team.community_id == community_id, Team.name == name, Team.dissolved_on.is_(None))
    if db.session.scalar(taken) is not None:
        raise Refused(_("已经有一支队伍叫“%(name)s”，请换个名称。", name=name), "name")


def dissolve_team(actor: Me, team: Team, day: date) -> None:
    """It stays in what it did."""
    with audit.entry(actor, "dissolve_team", community_id=team.community_id, words=team.name):
        db.session.refresh(team, with_for_update=True)
        if team.dissolved_on is None:
            team.dissolved_on = day
            team.version += 1


def add_member(actor: Me, team: Team, entry: MemberEntry, slip: Slip, day: date) -> None:
    if entry.since > day:
        raise Refused(_("入队日期还没到，请核对。"), "since")
    with audit.entry(actor, "join_team", community_id=team.community_id, person_id=entry.person_id, words=team.name):
        receipts.claim(actor, slip.key, slip.said)
        db.session.refresh(team, with_for_update=True)
        if entry.person_id is not None and team_queries.is_in(team.id, entry.person_id, day):
            raise Refused(_("%(name)s已经在队里了。", name=entry.name), "name")
        db.session.add(TeamMember(community_id=team.community_id, team_id=team.id, **asdict(entry)))
        receipts.answer(slip.key, team.public_id)


def leave_team(actor: Me, team: Team, member: TeamMember, day: date) -> None:
    about = {"community_id": team.community_id, "person_id": member.person_id}
    with audit.entry(actor, "leave_team", words=team.name, **about):
        member.until = member.until or day
