"""What people see when something is refused or goes wrong: a sentence, the next step, nothing typed lost."""

import logging
from typing import Any

from flask import Flask, Response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from grid.core.db import db, is_unavailable
from grid.core.htmx import vary, wants_fragment
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.core.refusals import Missing

log = logging.getLogger("yihu")

# Never written back into a page.
SECRET = frozenset({"csrf_token", "password", "present", "new", "again"})
SENTENCES = {
    400: (N_("这一步没有做成"), N_("表单可能放得太久了。请返回上一页，刷新后再提交一次。")),
    401: (N_("请先登录"), N_("登录后再试一次，刚才填的内容还在上一页。")),
    403: (N_("您的账号不能看这一页"), N_("如果工作需要，请找社区管理员。")),
    404: (N_("没有找到"), N_("地址可能写错了，或者不在您负责的范围内。")),
    405: (N_("这一步不能这样做"), N_("请回到上一页，用页面上的按钮。")),
    409: (N_("有人同时改了这里"), N_("请返回上一页，看看最新内容再改。")),
    413: (N_("文件太大"), N_("一次最多 20 MB，请分成几份。")),
    422: (N_("内容有问题"), N_("请返回上一页，改正后再提交。")),
    429: (N_("请稍等一会儿"), N_("试得太快了，过几分钟再来。")),
    500: (N_("系统出了差错"), N_("已经记录下来。请稍后再试，仍不行请告诉管理员。")),
    503: (N_("数据库暂时用不了"), N_("请过一会儿再刷新这一页。")),
}


def register(app: Flask) -> None:
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(CSRFError, _refused)
    app.register_error_handler(Missing, lambda error: page(404))
    app.register_error_handler(Exception, _failed)


def _refused(error: HTTPException) -> Any:
    code = error.code or 500
    if code < 400:
        return error
    return page(code)


def _failed(error: Exception) -> Any:
    if is_unavailable(error):
        log.warning("database unavailable: %s", type(error).__name__)
        _let_go()
        return page(503)
    log.exception("unhandled error in %s", request.endpoint)
    _let_go()
    return page(500)


def _let_go() -> None:
    try:
        db.session.rollback()
    except Exception:
        db.session.remove()


def page(code: int) -> Response:
    """The error as a page, or as a fragment for htmx; a failed form comes back as it was typed."""
    title, step = SENTENCES.get(code, SENTENCES[500])
    typed = []
    if code == 503 and request.method == "POST":
        step = N_("刚才填的内容还在下面，请过一会儿再点“再试一次”。")
        typed = [(k, v) for k, v in request.form.items(multi=True) if k not in SECRET]
    template = "errors/_error.html" if wants_fragment() else "errors/error.html"
    body = render_template(template, code=code, title=_(title), step=_(step), typed=typed)
    response = vary(Response(body, status=code))
    if code == 503:
        response.headers["Retry-After"] = "5"
    return response
