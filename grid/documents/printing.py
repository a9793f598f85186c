"""Ask for a PDF: keeps one warm renderer beside the server and starts another when that one dies.

Nothing here imports WeasyPrint: where Pango is missing the site runs on, and only printing says what to install.
"""

import atexit
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from ctypes import CDLL
from ctypes.util import find_library
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any

from grid.core.i18n import _, listed
from grid.documents.fonts import FONTS, OURS, font_files, fonts_conf
from grid.documents.words import cap_markup

log = logging.getLogger(__name__)

RENDERER = Path(__file__).with_name("renderer.py")
STYLES = Path(__file__).resolve().parents[2] / "static" / "css"
SECONDS = 30
# A process that has drawn this many documents makes room for a fresh one: WeasyPrint keeps about 60 KB of each.
DOCUMENTS_PER_CHILD = 600
LENGTH = 4
ANSWERED = ("pages", "missing", "remarks", "counts", "missing_of")
APT = "sudo apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
# The child needs no secret of ours.
PRIVATE = ("DATABASE_URL", "GRID_", "SECRET", "PGPASS")


class PrintingFailed(Exception):
    """Says to the person who pressed 打印 what to do next; `detail` is for the log."""

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.message, self.detail = message, detail


@dataclass(frozen=True)
class Document:
    """A finished PDF. `missing` are the characters that no font could draw and that show as empty boxes.

    Where several pages of HTML became one PDF, `counts` says how many pages each has, and `missing_of` what it misses.
    """

    pdf: bytes
    pages: int
    missing: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    missing_of: list[list[str]] = field(default_factory=list)
    # To be written down together with it, e.g. the edition of a household's sheet.
    rows: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Check:
    """One thing paper needs: whether it is there and, if not, the line to type."""

    name: str
    ok: bool
    advice: str = ""


class Renderer:
    """One child process at a time, one document at a time."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where fonts.conf and the font cache may be written."""
        self.folder = folder
        self.lock = threading.Lock()
        self.child: subprocess.Popen[bytes] | None = None
        self.errors: IO[bytes] | None = None
        self.owner = 0
        self.drawn = 0

    def render(self, html: Sequence[str], css: Sequence[str], seconds: int = SECONDS, **options: Any) -> Document:
        request = {"html": [cap_markup(page) for page in html], "css": list(css), "seconds": seconds, **options}
        with self.lock:
            answer, pdf = self._asked(json.dumps(request).encode(), seconds, len(html))
        if not answer["ok"]:
            raise refused(answer)
        return Document(pdf, **{name: answer[name] for name in ANSWERED})

    def close(self) -> None:
        with self.lock:
            self._stop()

    def _asked(self, body: bytes, seconds: float, documents: int) -> tuple[dict[str, Any], bytes]:
        child = self._warm_child()
        late = threading.Event()
        # The first document of a child waits for its start as well.
        timer = threading.Timer(seconds + (10 if self.drawn == 0 else 0), _kill, (child, late))
        timer.daemon = True
        timer.start()
        try:
            answer = _exchange(child, body)
        except (EOFError, OSError) as gone:
            detail = self._last_words()
            self._stop()
            raise failure(late.is_set() or _was_out_of_time(child), detail) from gone
        finally:
            timer.cancel()
        self.drawn += documents
        return answer

    def _warm_child(self) -> subprocess.Popen[bytes]:
        """The child of this very process: after a fork the parent's belongs to the parent."""
        child = self.child
        mine = child is not None and self.owner == os.getpid() and child.poll() is None
        if child is not None and mine and self.drawn < DOCUMENTS_PER_CHILD:
            return child
        self._stop()
        return self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            conf = fonts_conf(self.folder)
            # By path and without this folder on sys.path: starting it must not load the application.
            self.child = subprocess.Popen(
                [sys.executable, "-P", str(RENDERER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.errors,
                env=child_environment() | {"FONTCONFIG_FILE": str(conf)},
            )
        except OSError as error:
            raise failure(late=False, detail=str(error)) from error
        self.owner, self.drawn = os.getpid(), 0
        return self.child

    def _stop(self) -> None:
        child, self.child = self.child, None
        if child is None or self.owner != os.getpid():
            return
        with suppress(OSError):
            child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout, self.errors):
            if stream:
                # A pipe to a dead child still holds the rest of a request.
                with suppress(OSError):
                    stream.close()

    def _last_words(self) -> str:
        if self.errors is None:
            return ""
        self.errors.seek(0, os.SEEK_END)
        self.errors.seek(max(0, self.errors.tell() - 4000))
        return self.errors.read().decode("utf-8", "replace")


def child_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not any(part in name for part in PRIVATE)}


def _kill(child: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    with suppress(OSError):
        child.kill()


def _was_out_of_time(child: subprocess.Popen[bytes]) -> bool:
    """SIGXCPU: the kernel counted the same seconds."""
    with suppress(subprocess.TimeoutExpired):
        return child.wait(timeout=2) == -24
    return False


def _exchange(child: subprocess.Popen[bytes], body: bytes) -> tuple[dict[str, Any], bytes]:
    assert child.stdin and child.stdout
    child.stdin.write(len(body).to_bytes(LENGTH, "big") + body)
    child.stdin.flush()
    head = int.from_bytes(_exactly(child.stdout, LENGTH), "big")
    answer: dict[str, Any] = json.loads(_exactly(child.stdout, head))
    return answer, _exactly(child.stdout, answer["size"])


def _exactly(stream: IO[bytes], size: int) -> bytes:
    found = stream.read(size)
    if len(found) < size:
        raise EOFError
    return found


def refused(answer: dict[str, Any]) -> PrintingFailed:
    """The child answered, and the answer is no."""
    log.error("renderer refused: %s %s", answer["error"], answer.get("fetch", ""))
    if "fetch" in answer:
        message = _("这份文件要引用外部内容，为了安全没有打印。请去掉其中的链接或图片后再试。")
    elif answer["error"] == "out of memory":
        message = _("这份文件太大，内存不够。请分几次打印。")
    else:
        message = _("排版时出了错，没有打印。请再试一次；还不行，请把时间告诉管理员。")
    return PrintingFailed(message, f"{answer['error']} {answer.get('fetch', '')}".strip())


def failure(late: bool, detail: str) -> PrintingFailed:
    """The child did not answer at all."""
    log.error("renderer ended: %s", detail)
    if late:
        return PrintingFailed(_("排版时间太长，已经停下。请减少内容或分几次打印。"), detail)
    for check in doctor():
        if not check.ok:
            return PrintingFailed(_("打印还不能用：%(what)s。%(advice)s", what=check.name, advice=check.advice), detail)
    return PrintingFailed(_("打印程序中断了，没有打印。请再试一次。"), detail)


@cache
def renderer(folder: Path) -> Renderer:
    """This server's one renderer."""
    made = Renderer(folder)
    atexit.register(made.close)
    return made


def render(html: str | Sequence[str], css: Sequence[str], folder: Path, seconds: int = SECONDS) -> Document:
    """`html` as PDF, set in the style sheets whose *text* is `css`. Several pages of HTML become one PDF in which
    each counts its own pages. `folder` may be written to (instance/paper). Raises PrintingFailed."""
    return renderer(folder).render([html] if isinstance(html, str) else html, css, seconds)


def stylesheets(*names: str) -> list[str]:
    """The text of style sheets in static/css: `stylesheets("paper.css", "sheet.css")`."""
    return [(STYLES / name).read_text(encoding="utf-8") for name in names]


def doctor() -> list[Check]:
    """What paper needs, checked without starting anything."""
    line = _("请执行：%(line)s", line=APT)
    return [
        Check(_("Pango（排版）"), _loads("pango-1.0", "libpango-1.0.so.0", "libpango-1.0-0"), line),
        Check(_("PangoFT2（字体）"), _loads("pangoft2-1.0", "libpangoft2-1.0.so.0", "libpangoft2-1.0-0"), line),
        Check(
            # Without it a slower writer takes over in silence: 17 times the time for each PDF.
            _("harfbuzz-subset（快速写出 PDF）"),
            _loads("harfbuzz-subset", "libharfbuzz-subset.so.0", "libharfbuzz-subset-0"),
            line,
        ),
        Check(
            _("中文字体"),
            {file.name for file in font_files()} >= OURS,
            _("请执行：%(line)s", line=f"git checkout -- {FONTS.relative_to(FONTS.parents[1])}"),
        ),
    ]


# Common, of names, beyond U+FFFF in the standard's table and outside of it, traditional, a sign, full width.
PROBE = "户㛃䶮𬭚𠮷長□㎡Ａ"


def probe(folder: Path, text: str = PROBE) -> Check:
    """Whether a sheet would come out: these characters through the real renderer, normal and bold."""
    name = _("试印（%(text)s）", text=text)
    try:
        document = render(f"<p>{text}</p><p><b>{text}</b></p>", stylesheets("paper.css"), folder)
    except PrintingFailed as failed:
        return Check(name, False, failed.message)
    return Check(name, not document.missing, _("没有字体能印：%(characters)s", characters=listed(document.missing)))


def _loads(*names: str) -> bool:
    for name in (*names, *filter(None, (find_library(names[0]),))):
        with suppress(OSError):
            CDLL(name)
            return True
    return False
