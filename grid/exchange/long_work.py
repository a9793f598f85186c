"""What the process of a long import does: plan or apply one upload in its owner's name, and say how it went."""

import logging

from grid.accounts.models import Me, User
from grid.accounts.queries import scope_of
from grid.core import i18n
from grid.core.clock import today
from grid.core.db import db, writing
from grid.core.i18n import _
from grid.exchange import actions, background, progress
from grid.exchange.planning import as_allowed, plan_files
from grid.exchange.uploads import Altered, Upload, Uploads
from grid.exchange.workbooks import Unreadable

log = logging.getLogger(__name__)


class NoLongerAllowed(Exception):
    """Whoever uploaded it may not import there any more."""


def carry_on(uploads: Uploads, token: str, task: str) -> None:
    upload = uploads.read(token)
    if upload is None:
        return
    try:
        owner = _owner(upload)
        i18n.language.set(owner.language)
        with progress.heard(background.teller(uploads.folder, token, task)):
            _apply(uploads, upload, owner) if task == background.APPLY else _plan(uploads, upload)
    except actions.Moved as moved:
        uploads.planned(upload, moved.plan, moved_words())
    except Exception as error:
        uploads.fail(upload, _sentence(token, error))
    background.done(uploads.folder, token)


def _plan(uploads: Uploads, upload: Upload) -> None:
    writing.set(False)
    plan = plan_files(as_allowed(uploads.order(upload), upload.owner_id), today())
    db.session.rollback()
    uploads.planned(upload, plan)


def _apply(uploads: Uploads, upload: Upload, owner: Me) -> None:
    with uploads.alone(upload):
        if not upload.is_applied:
            plan = actions.apply_files(
                owner, as_allowed(uploads.order(upload), owner.id), today(), expected=upload.digest
            )
            uploads.close(upload, plan.entry_id)


def _owner(upload: Upload) -> Me:
    """As of today: a closed account and a patch handed over count at once."""
    user = db.session.get(User, upload.owner_id)
    scope = scope_of(user.id, user.scope_version, today()) if user else None
    if user is None or scope is None or not user.is_active or user.role != "administrator":
        raise NoLongerAllowed
    if not upload.is_new_community and upload.community_id not in scope.communities:
        raise NoLongerAllowed
    return Me(user.id, user.public_id, user.login, user.name, user.role, user.language, scope)


def _sentence(token: str, error: Exception) -> str:
    if isinstance(error, Unreadable):
        return str(error)
    if isinstance(error, Altered):
        return altered_words()
    if isinstance(error, NoLongerAllowed):
        return _("您已经不负责这个社区，没有写入。")
    log.error("import %s", token[:6], exc_info=error)
    return _("中途出了错，什么也没有写入。请再试一次；还不行，请把文件交给管理系统的人看看。")


def moved_words() -> str:
    return _("预览之后登记有变动，没有写入。下面是按现在的登记重新比对的结果，请再看一遍。")


def altered_words() -> str:
    return _("保存的文件不见了或被改过，没有写入。请重新上传。")
