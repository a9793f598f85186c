"""`python -m bench --size S|L --db sqlite|postgresql`: prints a line per figure and writes bench/latest.json."""

import argparse
import json
import os
import sys
from pathlib import Path

from flask import Flask

from bench import counting, exporting, figures, importing, load, offline, pack, paper, phones
from bench.figures import Figure, Side, Targets
from bench.sides import Server, cut, logged_in, serving, write_chrome
from grid.core.db import db

LATEST = Path(__file__).with_name("latest.json")


def main() -> int:
    asked = arguments()
    found = grown(asked.db) if asked.growth else measured(asked.size, asked.db, asked.only, asked.quick)
    LATEST.write_text(json.dumps([figure.as_json() for figure in found], ensure_ascii=False, indent=1) + "\n")
    missed = [figure.name for figure in found if figure.ok is False]
    print(f"\n{len(found)} figures, {len(missed)} missed{': ' + ', '.join(missed) if missed else ''} → {LATEST}")
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--size", choices=("S", "L"), default="S")
    parser.add_argument("--db", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--growth", action="store_true", help="S and L side by side instead")
    parser.add_argument(
        "--only", default="", help="names of pages, parted by commas; counting, paper, importing, exporting"
    )
    parser.add_argument("--quick", action="store_true", help="the memory of 600 sheets instead of 3,000")
    return parser.parse_args()


def say(found: list[Figure]) -> list[Figure]:
    for figure in found:
        print(figure.line(), flush=True)
    return found


def opened(size: str, engine: str) -> tuple[Flask, Targets, str, Path]:
    """A loaded city: its application, what to ask for, its database and its private folder."""
    print(f"{size} on {engine}: loading, or keeping what is there", flush=True)
    app = load.city(size, engine)
    with app.app_context():
        aim = figures.targets()
        url = db.engine.url.render_as_string(hide_password=False)
        db.session.remove()
        db.engine.dispose()
    return app, aim, url, Path(os.environ["GRID_INSTANCE"])


def measured(size: str, engine: str, only: str, quick: bool) -> list[Figure]:
    if only == "importing":
        return say(importing.figures(engine))
    if only == "exporting":
        return say(exporting.figures(engine))
    app, aim, url, folder = opened(size, engine)
    with serving("ours", url, folder) as ours:
        browsers = {"worker": logged_in(ours, "worker1"), "admin": logged_in(ours, "admin")}
        chrome = cut(browsers["worker"], browsers["admin"], aim, app.config["PERSONAL_KEY"])
        with serving("raw", url, folder, write_chrome(folder / "chrome.json", chrome)) as raw:
            found = _against_raw(size, engine, only, aim, (ours, raw), browsers)
        if not only or "counting" in only.split(","):
            with_street = browsers | {"street": logged_in(ours, "street")}
            for some in counting.figures(engine, size, app, with_street):
                found += say(some)
        if not only or "paper" in only.split(","):
            found += say([paper.beside_a_batch(engine, size, browsers, figures.pages(aim))])
    if not only or "paper" in only.split(","):
        for some in paper.figures(engine, size, app, folder, quick):
            found += say(some)
    if not only or "importing" in only.split(","):
        found += say(importing.figures(engine))
    if not only or "exporting" in only.split(","):
        found += say(exporting.figures(engine))
    if not only:
        found += say(offline.figures(engine, size, url, folder, aim.households))
        with serving("street", url, folder) as street:
            browsers = {"worker": logged_in(street, "worker1"), "admin": logged_in(street, "admin")}
            found += say(phones.crowd("200 phones", engine, size, browsers, figures.pages(aim), 200, seconds=8))
    return found


def _against_raw(
    size: str, engine: str, only: str, aim: Targets, servers: tuple[Server, Server], browsers: figures.Browsers
) -> list[Figure]:
    ours, raw = servers
    plain = {who: figures.nobody(raw.port, browser.token) for who, browser in browsers.items()}
    pages = figures.pages(aim)
    found: list[Figure] = []
    for name, (who, make) in pages.items():
        if only and name not in only.split(","):
            continue
        figures.refuse_unlike(name, browsers[who], plain[who], make)
        mine, theirs = Side(ours, browsers, []), Side(raw, plain, [])
        found += say(figures.compared(name, engine, size, mine, theirs, who, make))
    if only:
        return found
    found += say([figures.search_p95(engine, size, browsers["worker"])])
    if aim.big:
        found += say([figures.big_map(engine, size, browsers["admin"], aim.big)])
    found += say(phones.crowd("50 phones", engine, size, browsers, pages, 50, seconds=8))
    found += say(pack.figures(engine, size, browsers["worker"]))
    found += say([figures.sheet(engine, size, browsers["worker"], aim)])
    return found


def grown(engine: str) -> list[Figure]:
    """Our pages at S and at L side by side: the same content, thirty times the rows behind it."""
    _app, aim, url, folder = opened("S", engine)
    _app, aim_l, url_l, folder_l = opened("L", engine)
    found: list[Figure] = []
    with serving("ours", url, folder) as small, serving("ours", url_l, folder_l) as large:
        sides = [
            Side(server, {"worker": logged_in(server, "worker1"), "admin": logged_in(server, "admin")}, [])
            for server in (small, large)
        ]
        for name, (who, make) in figures.pages(aim).items():
            make_l = figures.pages(aim_l)[name][1]
            found += say([figures.growth(name, engine, sides, who, (make, make_l))])
    return found


if __name__ == "__main__":
    sys.exit(main())
