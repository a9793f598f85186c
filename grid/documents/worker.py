"""`flask worker`: draws the parts of batches, one renderer process per thread, until its parent is gone.

Everything it needs comes from the database and goes back there, so it may run beside the server or on another
machine with the same PostgreSQL.
"""

import logging
import os
import secrets
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask, render_template
from sqlalchemy.exc import SQLAlchemyError

from grid.accounts.models import Scope, User
from grid.accounts.queries import scope_of
from grid.core import i18n
from grid.core.clock import day_of, now
from grid.core.db import db, is_unavailable, writing
from grid.core.i18n import _
from grid.core.refusals import Missing
from grid.documents import jobs
from grid.documents.jobs import Delivery, Taken
from grid.documents.kinds import PAPERS
from grid.documents.papers import Drawn
from grid.documents.printing import Document, PrintingFailed, Renderer
from grid.documents.sheet import Printed
from grid.documents.sheets import printed

log = logging.getLogger(__name__)

HEARTBEAT = 5.0
POLL = 2.0
# Processor seconds for one part; an A0 map of two thousand buildings takes three.
SECONDS, SECONDS_ALONE = 120, 30
# Taken so often without being done, a part is drawn sheet by sheet: one of them may be what kills the renderer.
TRIES = 3
# How long a full disk is given to become less full, and below how many free bytes it is one.
PATIENCE = 10.0
ROOM = 20_000_000


class NoLongerAllowed(Exception):
    """Whoever ordered the job may not see these households any more."""


@dataclass(frozen=True)
class Owner:
    """In whose name a part is drawn."""

    name: str
    scope: Scope
    language: str
    at: datetime


def owner_of(taken: Taken, at: datetime) -> Owner:
    """The person as of today: closed accounts and patches handed over count at once."""
    if taken.user_id is None:
        return Owner(_("命令行"), Scope(communities=(taken.community_id,)), taken.options.get("language", "zh"), at)
    user = db.session.get(User, taken.user_id)
    if user is None or not user.is_active or user.role not in ("administrator", "grid_worker"):
        raise NoLongerAllowed
    return Owner(user.name, scope_of(user.id, user.scope_version, day_of(at)), user.language, at)


@contextmanager
def reading() -> Iterator[None]:
    """Without SQLite's write lock, and without a transaction left open."""
    token = writing.set(False)
    try:
        yield
    finally:
        db.session.rollback()
        writing.reset(token)


class Worker:
    """`processes` threads, each with a renderer of its own and one part in hand."""

    def __init__(self, app: Flask, processes: int) -> None:
        self.app, self.processes = app, processes
        self.folder = Path(app.instance_path) / "paper"
        self.name = f"{socket.gethostname()[:20]}-{os.getpid()}-{secrets.token_hex(4)}"
        self.stopping = threading.Event()
        self.last_work = time.monotonic()
        # What each thread has taken and neither delivered nor given back: this alone is kept from being taken anew.
        self.in_hand: dict[str, Taken] = {}

    def run(self, idle: float | None = None, done: Callable[[], bool] | None = None) -> None:
        """Work until told to stop; until `done()` where that is given, or until nothing has come for `idle` seconds."""
        names = [f"{self.name}-{n}" for n in range(self.processes)]
        threads = [threading.Thread(target=self._work, args=(name,), daemon=True) for name in names]
        for thread in threads:
            thread.start()
        try:
            self._watch(idle, done)
        finally:
            self.stopping.set()
            for thread in threads:
                thread.join(timeout=SECONDS)

    def _watch(self, idle: float | None, done: Callable[[], bool] | None) -> None:
        beat = time.monotonic()
        while not self.stopping.is_set():
            at = time.monotonic()
            if at - beat > HEARTBEAT:
                beat = at
                self._calmly(self._renew)
            if self.in_hand:
                self.last_work = at
            if done is not None and self._calmly(done):
                return
            if idle is not None and at - self.last_work > idle:
                return
            self.stopping.wait(0.1 if done else 0.5)

    def _calmly(self, do: Callable[[], object]) -> object:
        """Something in the database; that it is away for a moment is no reason to die."""
        with self.app.app_context():
            try:
                return do()
            except SQLAlchemyError as error:
                log.warning("worker: %s", type(error).__name__)
                return None

    def _renew(self) -> None:
        for name, taken in list(self.in_hand.items()):
            jobs.renew(name, taken.part_id)

    def _work(self, name: str) -> None:
        renderer = Renderer(self.folder)
        try:
            while not self.stopping.is_set():
                if not self._calmly(lambda: self._one(name, renderer)):
                    self.stopping.wait(POLL)
        finally:
            renderer.close()

    def _one(self, name: str, renderer: Renderer) -> bool:
        """Take a part, draw it, deliver it; False when there is nothing to do."""
        with reading():
            is_work = jobs.is_work()
        taken = jobs.take(name) if is_work else None
        if taken is None:
            return is_work and jobs.settle() > 0
        self.in_hand[name] = taken
        try:
            self._finish(name, taken, renderer)
        finally:
            del self.in_hand[name]
        return True

    def _finish(self, name: str, taken: Taken, renderer: Renderer) -> None:
        try:
            self._deliver(name, taken, draw(taken, renderer))
        except NoLongerAllowed:
            jobs.fail(taken, _("下单的人已经看不到这些户了，打印停下了。"))
        except (PrintingFailed, OSError) as failed:
            self._not_drawn(name, taken, failed)
        except SQLAlchemyError:
            # Where even giving it back fails, its lease runs out.
            db.session.rollback()
            self._calmly(lambda: jobs.give_back(name, taken))
            raise
        except Exception:
            # A mistake of ours: the job ends with a sentence instead of being taken again and again.
            log.exception("worker: a part of %s", taken.number)
            jobs.fail(taken, _("排版时出了错，没有印完。请把编号告诉管理员。"))
        else:
            jobs.settle()

    def _not_drawn(self, name: str, taken: Taken, failed: PrintingFailed | OSError) -> None:
        """A full disk is emptied by somebody and the part drawn then; anything else ends the job with the reason."""
        if isinstance(failed, PrintingFailed) and shutil.disk_usage(self.app.instance_path).free > ROOM:
            jobs.fail(taken, failed.message)
            return
        log.warning("worker: a part of %s waits: %s", taken.number, failed)
        jobs.give_back(name, taken, full_disk())
        self.stopping.wait(PATIENCE)

    def _deliver(self, name: str, taken: Taken, delivery: Delivery) -> None:
        """Once at least; as long as the disk is full or the database away, again and again until told to stop."""
        while True:
            try:
                jobs.deliver(name, taken, delivery)
                return
            except SQLAlchemyError as error:
                db.session.rollback()
                if not is_unavailable(error) or self.stopping.is_set():
                    raise
                log.warning("worker: a part of %s waits: %s", taken.number, type(error).__name__)
            self._calmly(lambda: jobs.say(taken.job_id, full_disk()))
            self.stopping.wait(PATIENCE)


def full_disk() -> str:
    return _("磁盘满了或数据库忙，正在等。腾出空间后会自动接着印，已经印好的不会丢。")


def draw(taken: Taken, renderer: Renderer) -> Delivery:
    """The part as PDF. A sheet that cannot be drawn is replaced by one that says so: none is missing in silence."""
    at = now()
    with reading():
        owner = owner_of(taken, at)
        i18n.language.set(owner.language)
        drawn = _written(taken, owner) if taken.tries <= TRIES else None
        styles = PAPERS[taken.kind].styles(taken.options)
    if drawn is not None:
        try:
            return _delivery(renderer.render([one.html for one in drawn], styles, SECONDS), drawn, at)
        except PrintingFailed as failed:
            log.warning("worker: a part of %s is drawn sheet by sheet: %s", taken.number, failed.detail)
    drawn = [_one_alone(taken, owner, n, styles, renderer) for n in range(len(taken.items))]
    return _delivery(renderer.render([one.html for one in drawn], styles, SECONDS), drawn, at)


def _stamp(taken: Taken, owner: Owner, skip: int = 0) -> Callable[[int], Printed]:
    """The foot of the n-th sheet from `skip` on: the print's number, and which of how many this is."""

    def foot(n: int) -> Printed:
        serial = taken.first + skip + n - 1
        which = f" · {serial}/{taken.total}" if taken.total > 1 else ""
        return printed(owner.name, taken.number + which, owner.at, serial)

    return foot


def _written(taken: Taken, owner: Owner) -> list[Drawn] | None:
    """The pages of all; None where one of them is not there any more."""
    try:
        return PAPERS[taken.kind].write(owner.scope, taken.items, _stamp(taken, owner), taken.options)
    except Missing:
        return None


def _one_alone(taken: Taken, owner: Owner, n: int, styles: list[str], renderer: Renderer) -> Drawn:
    stamp = _stamp(taken, owner, skip=n)
    try:
        with reading():
            [drawn] = PAPERS[taken.kind].write(owner.scope, taken.items[n : n + 1], stamp, taken.options)
        renderer.render([drawn.html], styles, SECONDS_ALONE)
    except Missing:
        return stand_in("", _("这一份要印的已经不在了，或者下单的人看不到它了。"), stamp(1))
    except PrintingFailed as failed:
        return stand_in(drawn.about, failed.message, stamp(1))
    return drawn


def stand_in(about: str, reason: str, printed: Printed) -> Drawn:
    """The page in the place of a sheet that could not be drawn."""
    page = render_template("documents/stand_in.html", title=about, reason=reason, printed=printed)
    return Drawn(page, about)


def _delivery(document: Document, drawn: list[Drawn], at: datetime) -> Delivery:
    missing = [
        (one.about, "".join(characters))
        for one, characters in zip(drawn, document.missing_of, strict=True)
        if characters
    ]
    return Delivery(document.pdf, document.pages, [one.rows for one in drawn], missing, at)
