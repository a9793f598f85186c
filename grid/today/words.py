"""The reasons in words: never a tag, only what is asked for and how late it is."""

from functools import lru_cache

from grid.core.codes import CODES
from grid.core.i18n import N_, language
from grid.core.i18n import gettext as _
from grid.today.models import Reason
from grid.visits.contact_rules import DUE, EARLY, OVERDUE

CLASSES = {OVERDUE: "tag bad", DUE: "tag warn", EARLY: "tag"}
WHAT = {"promise": N_("约好回访"), "unvisited": N_("常规走访"), "case": N_("事件"), "permit": N_("居住证件")}


def chip(reason: Reason) -> tuple[str, str]:
    """Its class and its words: 谈话 · 逾期 3 天."""
    return _chip(reason, language.get())


def found_at(home_hours: str | None) -> str:
    """晚上常在家, or nothing."""
    return _("%(when)s常在家", when=CODES["home_hours"].text(home_hours)) if home_hours else ""


@lru_cache(4096)
def _chip(reason: Reason, spoken: str) -> tuple[str, str]:
    return CLASSES[reason.state], _said(reason)


def _said(reason: Reason) -> str:
    if reason.kind == "never":
        return _("还没见到人")
    said = f"{_what(reason)} · {_when(reason)}"
    return f"{said} · {_('%(n)s 人', n=reason.people)}" if reason.people > 1 else said


def _what(reason: Reason) -> str:
    if reason.kind == "contact":
        return CODES["visit_kind"].text(reason.asks) or _("联系")
    return _(WHAT[reason.kind])


def _when(reason: Reason) -> str:
    if reason.state == OVERDUE:
        return _("逾期 %(n)s 天", n=reason.days)
    if reason.kind == "permit":
        return _("还有 %(n)s 天到期", n=-reason.days) if reason.days else _("今天到期")
    if reason.days == 0:
        return _("今天到期")
    return _("已到期 %(n)s 天", n=reason.days) if reason.state == DUE else _("还有 %(n)s 天", n=-reason.days)
