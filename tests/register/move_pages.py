"""What somebody does on the screens of moves, for the tests of each of them."""

import uuid
from typing import Any

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.db import db
from grid.register.models import Household, Person, Residency
from grid.register.undo_views import undo_token


def send(client: FlaskClient, path: str, **words: Any) -> Any:
    """What a screen sends, each time as an entry of its own unless a key is given."""
    return client.post(path, data={"key": str(uuid.uuid4()), "on": "2026-11-01", **words})


def of(door: Household, move: str) -> str:
    return f"/households/{door.public_id}/{move}"


def sentence(answer: Any) -> str:
    """What stands beside the fields that are amiss."""
    page = BeautifulSoup(answer.get_data(as_text=True), "html5lib")
    return " ".join(error.get_text(" ", strip=True) for error in page.select(".error, [role=alert]"))


def home_of(person: Person) -> str | None:
    """The code of the door behind which somebody lives now."""
    db.session.expire_all()
    return db.session.scalar(
        select(Household.code)
        .join(Residency, Residency.household_id == Household.id)
        .where(Residency.person_id == person.id, Residency.to_on.is_(None))
    )


def heads(door: Household) -> list[str]:
    db.session.expire_all()
    wanted = select(Person.name).join(Residency, Residency.person_id == Person.id)
    here = (Residency.household_id == door.id, Residency.to_on.is_(None), Residency.is_head)
    return list(db.session.scalars(wanted.where(*here).order_by(Person.id)))


def relation(person: Person) -> str | None:
    db.session.expire_all()
    here = (Residency.person_id == person.id, Residency.to_on.is_(None))
    return db.session.scalar(select(Residency.relation).where(*here))


def history(client: FlaskClient, door: Household) -> list[str]:
    page = BeautifulSoup(client.get(f"/households/{door.public_id}").get_data(as_text=True), "html5lib")
    return [line.get_text(" ", strip=True) for line in page.select("section[aria-labelledby=history] li")]


def undone(client: FlaskClient, action: str) -> Any:
    """What comes of it where the last such action is taken back."""
    wanted = select(AuditEntry.id).where(AuditEntry.action == action, AuditEntry.part_of_id.is_(None))
    entry_id = db.session.scalars(wanted.order_by(AuditEntry.id.desc()).limit(1)).one()
    return client.post("/undo", data={"token": undo_token(entry_id)})
