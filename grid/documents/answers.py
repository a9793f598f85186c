"""How a finished paper leaves the server."""

from flask import Response

from grid.documents.printing import Document


def as_pdf(document: Document, name: str) -> Response:
    """Shown in the browser, saved under its number, which is ASCII and nobody's name, and never cached."""
    answer = Response(document.pdf, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    if document.missing:
        answer.headers["Missing-Characters"] = str(len(document.missing))
    return answer
