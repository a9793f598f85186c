"""Every kind of paper by its name: what a batch may be made of."""

from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.documents.contacts_paper import CONTACTS
from grid.documents.elevation_paper import ELEVATION
from grid.documents.ledger_paper import LEDGER
from grid.documents.map_paper import MAP
from grid.documents.network_paper import NETWORK
from grid.documents.notice_paper import NOTICE
from grid.documents.papers import Paper
from grid.documents.residents_paper import RESIDENTS
from grid.documents.sheet_paper import BLANK, SHEET
from grid.documents.summary_paper import SUMMARY

PAPERS: dict[str, Paper] = {
    paper.kind: paper for paper in (SHEET, BLANK, CONTACTS, ELEVATION, NOTICE, NETWORK, MAP, LEDGER, SUMMARY, RESIDENTS)
}

NAMES = {
    "sheet": N_("一户一档表"),
    "blank": N_("空白登记表"),
    "elevation": N_("楼盘表"),
    "contacts": N_("住户信息联系表"),
    "notice": N_("公示牌"),
    "map": N_("综合治理区域图"),
    "network": N_("四级管理网络图"),
    "ledger": N_("台账"),
    "summary": N_("工作报告"),
    "residents": N_("某日居住名单"),
}


def paper_name(kind: str) -> str:
    """What a paper is called in the print centre and in the print log."""
    return _(NAMES[kind]) if kind in NAMES else kind
