"""htmx on the server's side: which part of a page was asked for, and how a write answers."""

from flask import Response, redirect, request


def wants_fragment() -> bool:
    """Whether htmx asked for a part of a page (a boosted link asks for all of it)."""
    return request.headers.get("HX-Request-Type") == "partial"


def vary(response: Response) -> Response:
    """Tell caches that the answer differs for htmx."""
    response.headers.add("Vary", "HX-Request-Type")
    return response


def see(url: str) -> Response:
    """After a write: go there. 303 for a form, a header for htmx, which follows redirects out of our sight."""
    if "HX-Request" in request.headers:
        return Response(status=204, headers={"HX-Redirect": url})
    return redirect(url, 303)  # type: ignore[return-value]
