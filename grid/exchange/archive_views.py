"""The archive of a whole community for an administrator, and its map as GeoJSON."""

import tempfile
from typing import IO, Any, BinaryIO, cast

from flask import Blueprint, Flask, Response, current_app, make_response, render_template, request, send_file

from grid.accounts.access import allowed, me
from grid.core.clock import today
from grid.core.htmx import see
from grid.core.refusals import Refused
from grid.exchange import archive_asking
from grid.exchange.archive_forms import ArchiveForm, MapForm
from grid.exchange.archive_writing import ArchiveEntry, write_community
from grid.exchange.export_queries import has_another_administrator
from grid.exchange.map_export import drawn, export_map
from grid.exchange.models import ExportRequest
from grid.register.models import Community
from grid.register.queries import whole_communities, whole_community_or_404

bp = Blueprint("archives", __name__, url_prefix="/exports")
# Two forms on one page: what the fields of the second begin with.
MAP = "map"


@bp.route("/community", methods=["GET", "POST"])
@allowed("administrator")
def whole() -> Any:
    community = _community()
    if community is None:
        return see("/communities/new")
    row, takes = _standing(community)
    form = ArchiveForm().only(takes, knows_why=takes and row is not None)
    if request.method == "GET":
        return _page(form, community, row, takes)
    if not form.validate():
        return _page(form, community, row, takes), 422
    try:
        return _take(form, community, row) if takes else _ask(form, community)
    except Refused as refused:
        return _page(form, community, row, takes, refused.sentence), 422


def _standing(community: Community) -> tuple[ExportRequest | None, bool]:
    """What one has asked for, and whether the file comes at once."""
    row = archive_asking.standing(me(), community.id)
    is_alone = not has_another_administrator(me(), community.id, today())
    return row, is_alone or bool(row and row.is_agreed)


def _community() -> Community | None:
    """The one that is named, else the first that is in scope as a whole."""
    if wanted := request.values.get("community", ""):
        return whole_community_or_404(me().scope, wanted)
    return next(iter(whole_communities(me().scope)), None)


def _page(
    form: ArchiveForm,
    community: Community,
    row: ExportRequest | None,
    takes: bool,
    refused: str = "",
    map_form: MapForm | None = None,
) -> str:
    return render_template(
        "exchange/archive.html",
        form=form,
        map_form=map_form or MapForm(formdata=None, prefix=MAP),
        community=community,
        communities=whole_communities(me().scope),
        path="/exports/community",
        request_=row,
        takes=takes,
        is_drawn=drawn(community.id) is not None,
        refused=refused,
    )


def _ask(form: ArchiveForm, community: Community) -> Any:
    archive_asking.ask(me(), community, str(form.reason.data))
    return see(f"/exports/community?community={community.public_id}&done=asked")


def _take(form: ArchiveForm, community: Community, row: ExportRequest | None) -> Response:
    reason = row.reason if row else str(form.reason.data)
    name = f"{community.name}-{today():%Y%m%d}.yihu".replace("/", " ")
    agreed = row.id if row and row.is_agreed else None
    entry = ArchiveEntry(community.id, community.name, reason, str(form.passphrase.data), agreed)
    # A file without a name: whatever happens, nothing of it is left on the disk. The answer closes it.
    file: IO[bytes] = tempfile.TemporaryFile(dir=current_app.config["INSTANCE"])  # noqa: SIM115
    try:
        write_community(me(), entry, cast(BinaryIO, file), current_app.config["INSTANCE"])
    except BaseException:
        file.close()
        raise
    return _sent(file, name)


def _sent(file: IO[bytes], name: str) -> Response:
    size = file.tell()
    file.seek(0)
    answer = send_file(file, "application/octet-stream", as_attachment=True, download_name=name, max_age=0)
    answer.content_length = size
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/map/<community_id>.geojson")
@allowed("administrator")
def drawn_map(community_id: str) -> Any:
    community, form = whole_community_or_404(me().scope, community_id), MapForm(prefix=MAP)
    if not form.validate():
        return _map_page(community, form), 422
    try:
        content = export_map(me(), community.id, community.name, str(form.reason.data))
    except Refused as refused:
        return _map_page(community, form, refused.sentence), 422
    answer = make_response(content)
    answer.mimetype = "application/geo+json"
    answer.headers["Content-Disposition"] = f'attachment; filename="map-{community.public_id}.geojson"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _map_page(community: Community, map_form: MapForm, refused: str = "") -> str:
    row, takes = _standing(community)
    form = ArchiveForm(formdata=None).only(takes, knows_why=takes and row is not None)
    return _page(form, community, row, takes, refused, map_form)


def register(app: Flask) -> None:
    app.register_blueprint(bp)
