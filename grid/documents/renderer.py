"""The child process that turns HTML into PDF; the only place that imports WeasyPrint.

Reads requests from stdin and answers on stdout until stdin ends, so it never outlives its parent. Each message is
a length (4 bytes, big-endian), that many bytes of JSON and, in an answer, `size` bytes of PDF:

    {"html": ["<!DOCTYPE html>…", …], "css": ["…"], "seconds": 30}
    {"ok": true, "pages": 3, "counts": [1, 2], "missing": ["𠮷"], "missing_of": [[], ["𠮷"]], "remarks": [],
     "size": 31337}%PDF-1.7…
    {"ok": false, "error": "…", "fetch": "file:///etc/passwd"}

Several pages of HTML become one PDF in which each counts its own pages; `counts` and `missing_of` have one entry for
each of them. It gets text only: styles come in the request, pictures as data: URLs, and everything else that is asked
for ends the rendering.
"""

import gc
import importlib.util
import json
import logging
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import weasyprint
from cssselect2 import ElementWrapper
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

# 290 MB are mapped before the first sheet; an A0 map takes about 1 GB.
ADDRESS_SPACE = 2 * 1024**3
LENGTH = 4
NOTDEF = ".notdef glyph"

Message = dict[str, Any]


class DataOnly(URLFetcher):  # type: ignore[misc]
    """Pictures that travel inside the page, nothing from the disk and nothing from the network."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=["data"], allow_redirects=False, fail_on_errors=True)
        # WeasyPrint swallows even fatal errors while it draws an SVG, so the refusal is remembered as well.
        self.refused = ""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if not url.lower().startswith("data:"):
            self.refused = url[:200]
            raise FatalURLFetchingError(url)
        return super().fetch(url, headers)


class Listener(logging.Handler):
    """What WeasyPrint says while it draws: characters no font has, document by document, and remarks on the page."""

    def __init__(self, documents: int) -> None:
        super().__init__(logging.WARNING)
        self.missing_of: list[dict[str, None]] = [{} for _document in range(documents)]
        self.drawing = 0
        self.remarks: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, str) and record.msg.startswith(NOTDEF) and record.args:
            self.missing_of[self.drawing][str(next(iter(record.args)))] = None
        elif len(self.remarks) < 20:
            self.remarks.append(record.getMessage())

    def follow(self, page: Any, document: int) -> None:
        """Know whose page is being painted, for a character is found missing only then."""
        paint = page.paint

        def painted(*given: Any, **named: Any) -> None:
            self.drawing = document
            paint(*given, **named)

        page.paint = painted

    def heard(self) -> Message:
        together = dict.fromkeys(character for found in self.missing_of for character in found)
        return {"missing": [*together], "missing_of": [[*found] for found in self.missing_of], "remarks": self.remarks}


def beside(name: str) -> Any:
    """A module of this folder, which is not on sys.path: starting the renderer must not load the application."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


quicker = beside("quicker")
FETCHER = DataOnly()
FONTS = FontConfiguration()


def slim_user_agent_sheet() -> weasyprint.CSS | None:
    """WeasyPrint's own style sheet without the extra styles it computes for every single element.

    `::marker` is kept for list items, which alone have one; footnotes and notes go, as no paper here has any.
    None where the sheet is not the one this was written for: then the plain one serves, only slower.
    """
    from weasyprint.html import UA, UA_COUNTER_STYLE

    slim, found = re.subn(r"^::(?:footnote|note)-[\w-]+ \{[^{}]*\}\n", "", UA, flags=re.MULTILINE)
    slim, markers = re.subn(r"^::marker \{", "li::marker, summary::marker {", slim, flags=re.MULTILINE)
    if (found, markers) != (5, 1):
        return None
    return weasyprint.CSS(string=slim, counter_style=UA_COUNTER_STYLE)


SLIM = slim_user_agent_sheet()


class SlimHTML(weasyprint.HTML):  # type: ignore[misc]
    def __init__(self, string: str, url_fetcher: URLFetcher) -> None:
        tree = quicker.tree_of(string)
        if tree is None:
            super().__init__(string=string, url_fetcher=url_fetcher)
            return
        self.base_url, self.url_fetcher, self.media_type = None, url_fetcher, "print"
        self.wrapper_element = ElementWrapper.from_html_root(tree, content_language=None)
        self.etree_element = tree

    def _ua_stylesheets(self, forms: bool = False) -> list[weasyprint.CSS]:
        return [SLIM] if SLIM and not forms else super()._ua_stylesheets(forms)


@lru_cache(maxsize=32)
def style(text: str) -> weasyprint.CSS:
    return weasyprint.CSS(string=text, font_config=FONTS, url_fetcher=FETCHER)


def laid_out(html: str, css: Sequence[str], slim: bool) -> weasyprint.Document:
    kind = SlimHTML if quicker.quick(slim) else weasyprint.HTML
    page = kind(string=html, url_fetcher=FETCHER)
    return page.render(stylesheets=[style(text) for text in css], font_config=FONTS)


def rendered(request: Message) -> tuple[Message, bytes]:
    """The PDF of all pages of HTML in the request, and what is to be said about it."""
    logger, listener = logging.getLogger("weasyprint"), Listener(len(request["html"]))
    logger.addHandler(listener)
    FETCHER.refused = ""
    quicker.set_in(tuple(request.get("css", [])))
    try:
        parts = [laid_out(html, request.get("css", []), request.get("slim", True)) for html in request["html"]]
        pages = [page for part in parts for page in part.pages]
        for document, part in enumerate(parts):
            for page in part.pages:
                listener.follow(page, document)
        pdf = parts[0].copy(pages).write_pdf()
    finally:
        logger.removeHandler(listener)
    if FETCHER.refused:
        raise FatalURLFetchingError(FETCHER.refused)
    counts = [len(part.pages) for part in parts]
    return {"ok": True, "pages": len(pages), "counts": counts} | listener.heard(), pdf


def answered(request: Message) -> tuple[Message, bytes]:
    try:
        return rendered(request)
    except FatalURLFetchingError as refused:
        return {"ok": False, "error": "refused to fetch", "fetch": str(refused)[:200]}, b""
    except MemoryError:
        return {"ok": False, "error": "out of memory"}, b""
    except Exception as error:
        logging.getLogger(__name__).exception("rendering failed")
        return {"ok": False, "error": f"{type(error).__name__}: {error}"[:500]}, b""


def limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has none; the parent's time limit stays.
        return
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))


def limit_seconds(more: int) -> None:
    """Processor time until the kernel ends this process, counted from now."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + max(1, more) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def read(stream: BinaryIO) -> Message | None:
    """The next request; None when the parent is gone."""
    head = stream.read(LENGTH)
    if len(head) < LENGTH:
        return None
    size = int.from_bytes(head, "big")
    body = stream.read(size)
    if len(body) < size:
        return None
    message: Message = json.loads(body)
    return message


def write(stream: BinaryIO, answer: Message, pdf: bytes) -> None:
    head = json.dumps(answer | {"size": len(pdf)}).encode()
    stream.write(len(head).to_bytes(LENGTH, "big") + head + pdf)
    stream.flush()


def settle() -> None:
    """Keep what is warm out of the garbage collector's sight and collect between documents, not within one."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)


def main() -> None:
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not fall between two answers.
    os.dup2(2, 1)
    limit_memory()
    settle()
    while (request := read(requests)) is not None:
        limit_seconds(int(request.get("seconds", 30)))
        write(answers, *answered(request))
        gc.collect()


if __name__ == "__main__":
    main()
