"""How a finished paper leaves the server."""

from urllib.parse import urlsplit

from flask import Response, current_app, request

from grid.core.serving import lan_address
from grid.documents.printing import Document


def as_pdf(document: Document, name: str) -> Response:
    """Shown in the browser, saved under its number, which is ASCII and nobody's name, and never cached."""
    answer = Response(document.pdf, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    if document.missing:
        answer.headers["Missing-Characters"] = str(len(document.missing))
    return answer


def root_url() -> str:
    """What the QR codes of papers begin with: an address that a phone can reach, wherever it is printed from."""
    if current_app.config["ROOT_URL"]:
        return str(current_app.config["ROOT_URL"])
    asked = urlsplit(request.url_root)
    here = lan_address() if asked.hostname in ("localhost", "127.0.0.1", "::1") else None
    return f"{asked.scheme}://{here}:{asked.port or 80}/" if here else request.url_root
