"""One side of the comparison in a process of its own: `python -m bench.server ours|raw PORT`.

Both are served as `python app.py` serves, by waitress with the same settings. The raw side reads its constant
text (RAW_CHROME) from a file that the measuring side wrote.
"""

import logging
import os
import sys
from typing import Any

from waitress import serve

THREADS = 4


def application(side: str) -> Any:
    if side == "ours":
        from grid import create_app

        return create_app()
    from bench.raw import Raw

    return Raw(os.environ["DATABASE_URL"], os.environ["RAW_CHROME"])


if __name__ == "__main__":
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    serve(
        application(sys.argv[1]),
        host="127.0.0.1",
        port=int(sys.argv[2]),
        threads=THREADS,
        connection_limit=1000,
        ident=None,
        _quiet=True,
    )
