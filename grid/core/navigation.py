"""The places one can go to, by role: the bottom bar of a phone and the left rail of a desk."""

from typing import Any
from urllib.parse import urlencode

from flask import Flask, request
from markupsafe import Markup, escape

from grid.core.i18n import N_, language
from grid.core.i18n import gettext as _

# path, word, icon, roles; the first four make the phone's bar.
PLACES: tuple[tuple[str, str, str, frozenset[str]], ...] = (
    ("/today", N_("今天"), "calendar-check", frozenset({"administrator", "grid_worker"})),
    ("/street", N_("概况"), "chart-column", frozenset({"street_viewer"})),
    ("/report", N_("报告"), "send", frozenset({"building_head"})),
    ("/my-building", N_("本楼"), "building-2", frozenset({"building_head"})),
    ("/map", N_("地图"), "map", frozenset({"administrator", "grid_worker", "street_viewer"})),
    ("/find", N_("查找"), "search", frozenset({"administrator", "grid_worker"})),
    ("/households", N_("户档"), "list", frozenset({"administrator", "grid_worker"})),
    ("/cases", N_("事件"), "clipboard-list", frozenset({"administrator", "grid_worker"})),
    ("/services", N_("服务"), "heart-handshake", frozenset({"administrator", "grid_worker"})),
    ("/ledgers", N_("台账"), "table-2", frozenset({"administrator", "grid_worker"})),
    ("/indicators", N_("指标"), "flag", frozenset({"administrator", "grid_worker", "street_viewer"})),
    ("/print", N_("打印"), "printer", frozenset({"administrator", "grid_worker"})),
    ("/imports", N_("导入"), "upload", frozenset({"administrator"})),
    ("/exports", N_("导出"), "download", frozenset({"administrator", "grid_worker"})),
    ("/staff", N_("人员"), "users", frozenset({"administrator"})),
    ("/audit", N_("日志"), "history", frozenset({"administrator"})),
    ("/settings", N_("设置"), "settings", frozenset({"administrator"})),
)
ON_PHONE = frozenset({"/today", "/street", "/report", "/my-building", "/map", "/find"})


def first_page(role: str) -> str:
    """Where somebody of a role begins."""
    return next(path for path, _word, _icon, roles in PLACES if role in roles)


def register(app: Flask) -> None:
    sprite = app.jinja_env.globals["static"]("icons.svg")  # type: ignore[operator]
    made: dict[tuple[str, str, str], Markup] = {}

    def rail(role: str) -> Markup:
        """The links of a role, the present one marked; made once per role, language and place."""
        here = "/" + request.path.split("/")[1]
        key = (role, language.get(), here)
        if key not in made:
            made[key] = Markup("").join(_link(place, role, here) for place in PLACES if role in place[3])
        return made[key]

    def _link(place: tuple[str, str, str, frozenset[str]], role: str, here: str) -> Markup:
        path, word, icon, _roles = place
        on_phone = path in ON_PHONE or (role, path) == ("street_viewer", "/indicators")
        classes = "" if on_phone else ' class="desk"'
        current = ' aria-current="page"' if here == path else ""
        return Markup(
            f'<a href="{path}"{classes}{current}><svg aria-hidden="true"><use href="{escape(sprite)}#{icon}"/></svg>'
            f"<span>{escape(_(word))}</span></a>\n"
        )

    def turn(number: int) -> str:
        """This list's address, at another page."""
        return "?" + urlencode([(k, v) for k, v in request.args.items(multi=True) if k != "page"] + [("page", number)])

    places: dict[str, Any] = {"rail": rail, "lang": language.get, "turn": turn}
    app.jinja_env.globals.update(places)
