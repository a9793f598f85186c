"""The phone's own addresses: its pack, its outbox, the reckoning, and what it is installed from."""

import hashlib
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template, request, send_file

from grid.accounts.access import allowed, me, note_reading
from grid.core.clock import now
from grid.sync import actions, answers, forms
from grid.sync import pack as packing

bp = Blueprint("sync", __name__)
IN_THE_FIELD = ("administrator", "grid_worker", "building_head")


@bp.get("/m/pack")
@allowed("grid_worker")
def pack() -> Any:
    version, body = packing.pack()
    answer = Response(body, mimetype="application/json")
    answer.set_etag(version)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Vary"] = "Accept-Encoding, Cookie"
    answer.make_conditional(request)
    if answer.status_code == 304:
        return answer
    for community_id in me().scope.seen_communities:
        note_reading("take_pack", community_id=community_id)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        answer.set_data(packing.zipped(body))
        answer.headers["Content-Encoding"] = "gzip"
    return answer


@bp.get("/m/shell")
@allowed(*IN_THE_FIELD)
def shell() -> Any:
    """The frame in which the phone draws a page when there is no network."""
    return render_template("sync/shell.html")


@bp.get("/m/outbox")
@allowed(*IN_THE_FIELD)
def outbox() -> Any:
    return render_template("sync/outbox.html")


@bp.get("/m/phone")
@allowed(*IN_THE_FIELD)
def phone() -> Any:
    return render_template("sync/phone.html", ca_url="/m/ca.crt" if _authority() else None)


@bp.get("/m/ca.crt")
@allowed("anyone")
def authority() -> Any:
    """The certificate of the office's own authority, which a phone must know before it trusts the address."""
    path = _authority()
    if path is None:
        return render_template("errors/error.html", code=404, title="404", step="", typed=[]), 404
    return send_file(path, mimetype="application/x-x509-ca-cert", as_attachment=True, download_name="yihu-ca.crt")


def _authority() -> Path | None:
    given = current_app.config["CA_FILE"]
    return Path(given) if given and Path(given).is_file() else None


@bp.post("/m/reckoning")
@allowed(*IN_THE_FIELD)
def reckoning() -> Any:
    try:
        told = forms.reckoning(request.get_json(force=True, silent=True), now())
    except forms.NotAReckoning:
        return jsonify(error="not a reckoning"), 422
    verdict = actions.reckon(me(), told, now())
    return jsonify(
        held=verdict.held,
        only_phone=verdict.only_phone,
        only_server=verdict.only_server,
        hash=verdict.hash,
        agree=verdict.agree,
    )


@bp.get("/sw.js")
@allowed("anyone")
def service_worker() -> Any:
    """From the root, so that it may answer for every page; it is new whenever a script or a style is."""
    code = (_static() / "js" / "sw.js").read_text(encoding="utf-8")
    answer = Response(f'const VERSION = "{_version()}";\n{code}', mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@bp.get("/manifest.webmanifest")
@allowed("anyone")
def manifest() -> Any:
    return send_file(_static() / "app" / "manifest.webmanifest", mimetype="application/manifest+json", max_age=3600)


def _static() -> Path:
    return Path(str(current_app.static_folder))


def _version() -> str:
    """Of everything the service worker keeps."""
    digest = hashlib.sha256()
    for path in sorted(p for kind in ("js", "css", "vendor") for p in (_static() / kind).rglob("*") if p.is_file()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def register(app: Flask) -> None:
    app.register_blueprint(bp)
    answers.answer_outboxes(app)
