"""`python app.py`: one process for one office, with the address to type and a QR code for the phones."""

import logging
import os
import socket
from collections.abc import Callable

import segno
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from grid.core.i18n import _


def at_start(app: Flask, do: Callable[[], object]) -> None:
    """Have something done each time serving begins."""
    app.extensions.setdefault("at_start", []).append(do)


def begin(app: Flask) -> None:
    """Do it. A database that is away or still empty is no reason not to serve: the pages say so."""
    with app.app_context():
        for do in app.extensions.get("at_start", ()):
            try:
                do()
            except SQLAlchemyError as error:
                app.logger.warning("at the start: %s", type(error).__name__)


def serve(app: Flask) -> None:
    """Serve on PORT (5000) to this machine and its network, until Ctrl+C."""
    from waitress import serve as waitress

    port = int(os.environ.get("PORT", "5000"))
    # It would tell of every request that waits for a thread for a thousandth of a second.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    begin(app)
    _announce(port)
    # Few threads: SQLite and Python gain nothing from more, and one of them may be waiting for a PDF.
    # What a reverse proxy says of the reader is for ProxyFix, where one is trusted; else waitress drops it.
    drops = not app.config["PROXIES"]
    host = "127.0.0.1" if app.config["PROXIES"] else "0.0.0.0"
    waitress(
        app,
        host=host,
        port=port,
        threads=4,
        connection_limit=1000,
        ident=None,
        clear_untrusted_proxy_headers=drops,
    )


def _announce(port: int) -> None:
    lan = lan_address()
    lines = ["", _("一户一档 已启动"), _("  这台电脑：http://127.0.0.1:%(port)s", port=port)]
    if lan:
        url = f"http://{lan}:{port}"
        lines += [_("  手机（同一个无线网）：%(url)s", url=url), ""]
        print("\n".join(lines))  # noqa: T201
        segno.make(url).terminal(compact=True)
    else:
        print("\n".join(lines))  # noqa: T201
    print(_("按 Ctrl+C 停止。"), flush=True)  # noqa: T201


def lan_address() -> str | None:
    """This machine's address on its network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            address = str(probe.getsockname()[0])
        except OSError:
            return None
    return None if address.startswith("127.") else address
