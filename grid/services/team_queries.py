"""Teams and who is in them."""

from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_, select

from grid.core.codes import CODES
from grid.core.db import db
from grid.services.models import Team, TeamMember

PATROLLING = ("party_patrol", "volunteer_patrol", "patrol")


def _is_member(day: date) -> Any:
    return or_(TeamMember.until.is_(None), TeamMember.until > day)


def teams_by_kind(community_id: int, day: date) -> list[tuple[str, list[tuple[Team, int]]]]:
    """Kinds in the order of their list, each with its teams and how many are in them."""
    found = db.session.execute(
        select(Team, func.count(TeamMember.id))
        .outerjoin(TeamMember, and_(TeamMember.team_id == Team.id, _is_member(day)))
        .where(Team.community_id == community_id, Team.dissolved_on.is_(None))
        .group_by(Team.id)
        .order_by(Team.name, Team.id)
    ).all()
    grouped = [(kind, [(team, n) for team, n in found if team.kind == kind]) for kind, _l in CODES["team_kind"].items]
    return [(kind, teams) for kind, teams in grouped if teams]


def dissolved_teams(community_id: int) -> list[Team]:
    wanted = select(Team).where(Team.community_id == community_id, Team.dissolved_on.is_not(None))
    return list(db.session.scalars(wanted.order_by(Team.dissolved_on.desc(), Team.id)))


def teams(community_id: int) -> list[Team]:
    """Those that stand, the patrols first: for choosing one."""
    wanted = select(Team).where(Team.community_id == community_id, Team.dissolved_on.is_(None))
    found = db.session.scalars(wanted.order_by(Team.name, Team.id))
    return sorted(found, key=lambda team: team.kind not in PATROLLING)


def members(team_id: int, day: date) -> list[TeamMember]:
    wanted = select(TeamMember).where(TeamMember.team_id == team_id, _is_member(day))
    return list(db.session.scalars(wanted.order_by(TeamMember.id)))


def member_of(team_id: int, public_id: str) -> TeamMember | None:
    return db.session.scalar(select(TeamMember).where(TeamMember.team_id == team_id, TeamMember.public_id == public_id))


def is_in(team_id: int, person_id: int, day: date) -> bool:
    wanted = select(TeamMember.id).where(
        TeamMember.team_id == team_id, TeamMember.person_id == person_id, _is_member(day)
    )
    return db.session.scalar(wanted) is not None


def count_teams(community_id: int, day: date) -> tuple[int, int]:
    """Teams that stand, and who is in them."""
    standing = (Team.community_id == community_id, Team.dissolved_on.is_(None))
    n = select(func.count()).select_from(Team).where(*standing).scalar_subquery()
    people = (
        select(func.count(TeamMember.id))
        .join(Team, Team.id == TeamMember.team_id)
        .where(*standing, _is_member(day))
        .scalar_subquery()
    )
    found = db.session.execute(select(n, people)).one()
    return int(found[0]), int(found[1])
