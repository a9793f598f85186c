# ruff: noqa: E501
"""The baseline: a bare WSGI function, the database's own driver and f-strings; no login, no scope, no framework.

It reads the same rows with equally good SQL and sends the same bytes as the product's pages, headers too. What is
constant in a page was cut out of the product's answer beforehand ("chrome"); whatever comes from a row is put in by an f-string.
"""

import base64
import json
import sqlite3
import threading
import unicodedata
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from grid.core.codes import CODES
from grid.register.words import action_label

EAST = timedelta(hours=8)
LABELS = {name: codes.by_code for name, codes in CODES.items()}
# The plans of the product's reading connections; writing waits for the disk.
APART_IN_READING = "-c plan_cache_mode=force_generic_plan -c enable_hashjoin=off -c enable_mergejoin=off"
Start = Callable[[str, list[tuple[str, str]]], Any]


class Raw:
    def __init__(self, url: str, chrome: str) -> None:
        self.url = url
        self.sqlite = url.startswith("sqlite")
        self.local = threading.local()
        self.chrome: dict[str, Any] = json.loads(Path(chrome).read_text())
        self.headers = [(name, value) for name, value in self.chrome["headers"]]
        self.today = (datetime.now(UTC) + EAST).date()
        self.buildings = ", ".join(str(i) for i in self.chrome["scope"])
        self.open = AESSIV(bytes.fromhex(self.chrome["key"])[:32]).decrypt
        self.lines = {int(i): [_line(text) for text in pair] for i, pair in self.chrome["map"]["lines"].items()}
        self.sql = {name: self._spelt(text) for name, text in SQL.items()}

    def _spelt(self, text: str) -> str:
        text = text.replace(":buildings", self.buildings).replace(":mine_open", "coalesce(closed, 1 = 1) = (1 = 0)")
        if self.sqlite:
            return (
                text.replace("v.:open", "v.closed = 0")
                .replace(":hour", "CAST(strftime('%H', at, '+8 hours') AS INTEGER)")
                .replace(":home_on", "date(max(at), '+8 hours')")
                .replace(":lock", "")
            )
        text = text.replace("v.:open", "NOT v.closed").replace("%", "%%").replace("?", "%s")
        text = text.replace(":hour", "CAST(extract(hour FROM timezone('Asia/Shanghai', at)) AS INTEGER)")
        text = text.replace(":home_on", "(timezone('Asia/Shanghai', max(at)))::date").replace(":lock", "FOR UPDATE")
        return text.replace(":returning", "RETURNING id")

    def cursor(self) -> Any:
        cursor = getattr(self.local, "cursor", None)
        if cursor is None:
            cursor = self.local.cursor = self._connected().cursor()
        return cursor

    def _connected(self) -> Any:
        if not self.sqlite:
            import psycopg

            return psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True, options=APART_IN_READING)
        connection = sqlite3.connect(self.url.removeprefix("sqlite:///"), isolation_level=None)
        connection.create_function("current_entry", 0, lambda: getattr(self.local, "entry", None))
        for pragma in (
            "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000", "cache_size=-65536", "mmap_size=1073741824",
        ):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def rows(self, name: str, *given: Any) -> list[Any]:
        found: list[Any] = self.cursor().execute(self.sql[name], given).fetchall()
        return found

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] == "POST":
            sent = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            fields = {k: v[0] for k, v in parse_qs(sent.decode()).items()}
            if path != "/find":
                return self._visit(path.split("/")[2], fields, start)
            body = self._find(fields["words"])
        else:
            first, _, rest = path[1:].partition("/")
            page = {"households": self._household, "buildings": self._building, "map": self._map, "today": self._due}
            body = page[first](rest)
        sent = body.encode()
        start("200 OK", [*self.headers, ("Content-Length", str(len(sent)))])
        return [sent]

    def _find(self, words: str) -> str:
        first = "".join(unicodedata.normalize("NFKC", words).split()).lower()
        seen, lines = set(), []
        for _key, home, code, estate, n, _last, name, person, birth, _sex in self.rows(
            "find", self.chrome["community"], first, first + "\U0010ffff"
        ):
            if (home, person) in seen:
                continue
            seen.add((home, person))
            title, about = (name, f"{code} {estate or ''}") if name else (code, estate or "")
            born = f" · {str(birth)[:4]}" if birth else ""
            people = "" if name else f" · {n} 人"
            lines.append(
                f'<li><a class="whole" href="/households/{home}"><b class="name">{escape(title)}</b>'
                f'<span class="soft">{escape(about)}{born}{people}</span></a></li>\n'
            )
        more = '<p class="hint">还有更多，请再打几个字。</p>' if len(lines) >= 21 else ""
        return f'<section id="found">\n<ul class="rows">\n{"".join(lines)}</ul>\n{more}</section>'

    def _household(self, public_id: str) -> str:
        door = self.rows("door", public_id)[0]
        (
            id_, code, room, unit_no, _floor, use, occupancy, layout, area, owner, owner_phone, filed, n_complete, last,
            building_id, building, building_no, estate, head, block_id, _block, block_name, community, community_name,
        ) = door  # fmt: skip
        tags: dict[int, list[str]] = {}
        for person_id, tag in self.rows("tags", id_):
            tags.setdefault(person_id, []).append(tag)
        people = [self._person(r, tags.get(r[0], ())) for r in self.rows("people", id_)]
        visits = [self._visit_line(*r) for r in self.rows("visits", id_)]
        history = [
            f"<li>{_moment(at)} <b>{escape(who or '系统')}</b> {action_label(action)}{_soft(words)}</li>"
            for at, who, action, words in self.rows("history", id_)
        ]
        services = "".join(
            f'<li><a href="/service-records/{r}">{on}</a> {LABELS["service_kind"][kind]} <span class="soft">{escape(what)}</span></li>'
            for r, on, kind, what in self.rows("services", id_)
        )
        services = services or '<li class="empty">还没有服务记录。</li>'
        workers = "、".join(
            escape(name) for (name,) in self.rows("workers", block_id, building_id, self.today, self.today)
        )
        address = f"{community_name} {estate or ''}{building_no}幢{f'{unit_no}单元' if unit_no else ''}{room}室"
        phone = self._unseal(owner_phone)
        before, after, foot, icons, token = (self.chrome["household"][k] for k in ("a", "b", "foot", "icons", "token"))
        i_pencil = icons["pencil"]
        return f"""{before}{code}{after}<nav class="path" aria-label="所在位置"><a href="/map/{community}">{escape(community_name)}</a><a href="/map/{community}">{escape(block_name)}</a><a href="/buildings/{building}">{building_no}幢</a><a href="/buildings/{building}">{unit_no}单元</a><span>{room}</span></nav>
<header class="top"><h1>{code}</h1><p class="sub">{escape(address)}</p></header>
<ul class="strip"><li>{LABELS["occupancy"][occupancy]}</li><li><b>{len(people)}</b> 人</li><li>上次见到人 <b>{self._ago(last)}</b></li><li>完整率 <b>{n_complete} %</b></li></ul>
<div class="buttons">
<a role="button" href="/households/{public_id}/visits/new">{icons["clipboard-check"]} 记走访</a>
<a role="button" class="secondary" href="/households/{public_id}/edit">{i_pencil} 改信息</a>
<a role="button" class="secondary" href="/households/{public_id}/move-in">{icons["user-plus"]} 迁入</a>
<a role="button" class="secondary" href="/cases/new?household={public_id}">{icons["clipboard-list"]} 立事件</a>
<a role="button" class="secondary" href="/service-records/new?household={public_id}">{icons["heart-handshake"]} 记服务</a>
<form method="post" action="/households/{public_id}/sheet" target="_blank"><input type="hidden" name="csrf_token" value="{token}"><button type="submit" class="secondary">{icons["printer"]} 打印</button></form>
</div>
<div class="two">
<div class="stack">
<section aria-labelledby="people"><h2 id="people">现在住在这里的人</h2>
<ul class="rows">{"".join(people)}</ul>
<details><summary>某一天谁住在这里</summary><form method="get" action="/households/{public_id}" class="row"><div class="field"><label for="on">日期</label><input type="date" id="on" name="on" value=""></div><button type="submit" class="secondary">查看</button></form></details>
</section>
<section aria-labelledby="visits"><h2 id="visits">走访记录</h2>
<ul class="rows">{"".join(visits)}</ul>
</section>
</div>
<div class="stack">
<section aria-labelledby="housing"><h2 id="housing">房屋</h2>
<dl class="facts">
<dt>片区</dt><dd>{escape(block_name)}</dd><dt>用途</dt><dd>{LABELS["use"][use]}</dd>
<dt>户型</dt><dd>{layout or "—"}{f" · {float(area)} ㎡" if area else ""}</dd>
<dt>房主</dt><dd>{escape(owner or "—")}{f' <a href="tel:{phone}">{_masked(phone, 3)}</a>' if phone else ""}</dd>
<dt>联系人</dt><dd>—</dd>
<dt>紧急联系人</dt><dd>—</dd>
<dt>家庭类别</dt><dd>—</dd>
<dt>建档</dt><dd>{filed or "—"}</dd>
<dt>核实</dt><dd>—</dd>
<dt>网格员</dt><dd>{workers}</dd>
<dt>楼栋长</dt><dd>{escape(head or "—")}</dd>
</dl>
</section>
<section aria-labelledby="services"><h2 id="services">服务记录</h2>
<ul class="rows plain">{services}</ul>
</section>
<section aria-labelledby="history"><h2 id="history">谁做过什么</h2>
<ul class="rows plain">{"".join(history)}</ul>
</section>
</div>
</div>{foot}"""

    def _person(self, row: Any, tags: Iterable[str]) -> str:
        _id, public_id, name, relation, _is_head, sex, birth, id_no, phone = row
        birth = date.fromisoformat(birth) if isinstance(birth, str) else birth
        day, name = self.today, escape(name)
        years = day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
        number, phone = self._unseal(id_no), self._unseal(phone)
        icons = self.chrome["household"]["icons"]
        worn = "".join(f' <span class="tag">{escape(tag)}</span>' for tag in tags)
        return f"""<li class="person">
<span><b class="name">{name}</b> <span class="soft">{LABELS["relation"][relation]} · {years} 岁 · {LABELS["sex"][sex]}</span>{worn}</span>
<span class="act"><a href="/persons/{public_id}/tags" aria-label="标签： {name}">{icons["tag"]}</a><a href="tel:{phone}" aria-label="打电话给 {name}">{icons["phone"]}</a><a href="/people/{public_id}/edit" aria-label="改信息： {name}">{icons["pencil"]}</a></span>
<span class="soft"><a href="/people/{public_id}/id" aria-label="看完整证件号： {name} {_masked(number, 6)}">{_masked(number, 6)}</a> {_masked(phone, 3)}</span>
</li>
"""

    def _visit_line(
        self, public_id: str, at: Any, kind: str, found: str, topics: Any, words: str, due: Any, closed: Any, who: str
    ) -> str:
        names = LABELS["topic"]
        tags = "".join(f' <span class="tag">{names[t]}</span>' for t in (json.loads(topics) if self.sqlite else topics))
        promised = f'<br><span class="tag warn">约好 {due}</span>' if due and not closed else ""
        return (
            f'<li><a href="/visits/{public_id}">{_moment(at)[:10]}</a> {LABELS["visit_kind"][kind]} · '
            f'{LABELS["found"][found]} <span class="soft">{escape(who)}</span>{tags}'
            f"{f'<br>{escape(words)}' if words else ''}{promised}</li>\n"
        )

    def _unseal(self, token: str | None) -> str:
        if not token:
            return ""
        body = token[2:]
        return self.open(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)), None).decode()

    def _ago(self, last: Any) -> str:
        if not last:
            return "从未"
        last = date.fromisoformat(last) if isinstance(last, str) else last
        days = (self.today - last).days
        return "今天" if days == 0 else "昨天" if days == 1 else f"{days} 天前"

    def _building(self, public_id: str) -> str:
        building_id, no, *_head, days = self.rows("building", public_id)[0]
        recent, older = (
            self._native(self.today - timedelta(days=days)),
            self._native(self.today - timedelta(days=3 * days)),
        )
        floors: dict[int, dict[tuple[int, str], str]] = {}
        rooms: set[tuple[int, str]] = set()
        firsts: dict[int, str] = {}
        for unit, floor, room, home, use, n, waiting, last, who in self.rows("cells", building_id):
            if not n:
                css, mark = "l-none", ""
            elif last is None:
                css, mark = "l-visit-0", "×"
            elif last >= recent:
                css, mark = "l-visit-4", "●"
            elif last >= older:
                css, mark = "l-visit-2", "◎"
            else:
                css, mark = "l-visit-1", "○"
            days_ago = "" if last is None or not n else _short(self.today, last)
            column = (unit, room[-2:])
            rooms.add(column)
            firsts[unit] = min(firsts.get(unit, "99"), column[1])
            first = " first" if firsts[unit] == column[1] else ""
            people = f"{escape(who or '')} {n}人" if n else ""
            floors.setdefault(floor, {})[column] = (
                f'<td class="d {"" if use == "dwelling" else "shop "}{css}{first}"><a href="/households/{home}">'
                f"<b>{room}</b><i>{mark}{days_ago}{'!' if waiting else ''}</i><span>{people}</span></a></td>"
            )
        order = sorted(rooms)
        table = "".join(
            f'<tr><th scope="row">{floor}层</th>{"".join([cells[c] for c in order])}</tr>\n'
            for floor, cells in sorted(floors.items(), reverse=True)
        )
        chrome = self.chrome["building"][public_id]
        return f"{chrome['a']}{no}{chrome['b']}{table}{chrome['foot']}"

    def _native(self, day: date) -> Any:
        return day.isoformat() if self.sqlite else day

    def _map(self, public_id: str) -> str:
        community = self.rows("community", public_id)[0]
        cells, lists = [], []
        chrome = self.chrome["map"]
        since = self._native(self.today - timedelta(days=community[3]))
        sums = {row[0]: row for row in self.rows("sums", since, community[0])}
        for building_id, (cell, item) in self.lines.items():
            _id, doors, visited, lived_in = sums[building_id]
            share = visited / lived_in
            css = f"l-visit-{(share >= 0.2) + (share >= 0.4) + (share >= 0.6) + (share >= 0.8)}"
            percent = 100 * visited // lived_in
            cells.append(cell(css, doors, percent))
            lists.append(item(css, doors, percent))
        parts = iter(chrome["parts"])
        out = [next(parts), "".join(cells)]
        at = 0
        for n in chrome["groups"]:
            out += [next(parts), "".join(lists[at : at + n])]
            at += n
        out.append(next(parts))
        return "".join(out)

    def _due(self, _rest: str) -> str:
        worker, community, today = self.chrome["worker"], self.chrome["community"], self.today
        houses = {row[0]: row for row in self.rows("houses")}
        every = min(house[5] for house in houses.values())
        ahead = self._native(today + timedelta(days=3))
        why: dict[Any, list[Any]] = {}
        for row in self.rows("unvisited", self._native(today - timedelta(days=every - 7))):
            if row[9] is None:
                why.setdefault(row[:9], []).append((0, 0, 4, "还没见到人"))
            else:
                self._reason(why, row[:9], 3, "常规走访", _since(today, row[9]) - houses[row[8]][5], 0, 1)
        promised: dict[Any, Any] = {}
        for row in self.rows("promises", community, ahead):
            promised[row[:9]] = min(row[9], promised.get(row[:9], row[9]))
        for door, due in promised.items():
            self._reason(why, door, 0, "约好回访", _since(today, due), 0, 1)
        rules: dict[Any, list[Any]] = {}
        for row in self.rows("contacts", community):
            _person, since, from_on, days, asks, grace, last = row[9:]
            if last is None or (from_on is not None and last < from_on):
                last = since or from_on
            late = _since(today, last) - days
            if late >= -7:
                rules.setdefault((row[:9], asks), []).append(
                    (0 if late > grace else 1 if late >= 0 else 2, -late, grace)
                )
        for (door, asks), found in rules.items():
            rank, late, grace = min(found)
            n = sum(1 for one in found if one[0] == rank)
            self._reason(why, door, 2, LABELS["visit_kind"][asks], -late, grace, n)
        for row in self.rows("cases_due", worker, self._native(today), self._native(today), ahead):
            self._reason(why, row[:9], 1, "事件", _since(today, row[9]), 0, 1)
        # The city has neither: asked for all the same, as the page does.
        self.rows("reports", self._native(today))
        self.rows("cases", worker, self._native(today), self._native(today))
        now, early = [], []
        for door in sorted(why):
            reasons = why[door]
            if len(reasons) > 1:
                reasons.sort()
            (early if reasons[0][0] == 2 else now).append((door, reasons))
        midnight = datetime(today.year, today.month, today.day, tzinfo=UTC) - EAST
        ((recorded,),) = self.rows(
            "recorded", worker, midnight.strftime("%Y-%m-%d %H:%M:%S.%f") if self.sqlite else midnight
        )
        return self._today(houses, now, early, recorded)

    def _reason(self, why: Any, door: Any, kind: int, what: str, late: int, grace: int, people: int) -> None:
        """Its rank, then what sorts it, then its words."""
        if late < 0:
            rank, when = 2, f"还有 {-late} 天"
        elif late > grace:
            rank, when = 0, f"逾期 {late} 天"
        else:
            rank, when = 1, f"已到期 {late} 天" if late else "今天到期"
        more = f" · {people} 人" if people > 1 else ""
        why.setdefault(door, []).append((rank, -late, kind, f"{what} · {when}{more}"))

    def _today(self, houses: Any, now: list[Any], early: list[Any], recorded: int) -> str:
        chrome = self.chrome["today"]
        steps = [*now, *early][:60]
        ids = [step[0][7] for step in steps]
        doors = {row[0]: row for row in self.rows("doors", *ids, *[0] * (60 - len(ids)))}
        counts: dict[int, int] = {}
        for door, _reasons in now:
            counts[door[8]] = counts.get(door[8], 0) + 1
        overdue = sum(1 for _door, reasons in now if reasons[0][0] == 0)
        chips = "".join(
            f'<a class="chip" href="/today?building={houses[i][1]}">{houses[i][2]}幢 <small>{n}</small></a>'
            for i, n in counts.items()
        )
        climb, at = [], None
        for door, reasons in steps[: len(now)]:
            if door[8] != at:
                climb.append("</ul>\n" if at else "")
                at = door[8]
                _id, _public_id, no, estate, block, _every = houses[at]
                climb.append(
                    f'<h3 class="climb-in">{escape(block)} · {no}幢 <small>{escape(estate or "")}</small> '
                    f'<small>{counts[at]} 户</small></h3>\n<ul class="rows climb">\n'
                )
            climb.append(self._step(doors[door[7]], reasons))
        last = -(-(len(now) + len(early)) // 60)
        return f"""{chrome["head"]}<header class="top"><h1>今天</h1><p class="sub">{self.today} · {escape(chrome["name"])}</p></header>
<ul class="strip today"><li>逾期 <b class="bad">{overdue}</b></li><li>到期 <b>{len(now) - overdue}</b></li><li><a href="/today?page={len(now) // 60 + 1}#ahead">未来 7 天</a> <b>{len(early)}</b></li><li data-reckoning>今天已记 <b id="recorded">{recorded}</b></li></ul>
<nav class="chips along" aria-label="按楼栋看"><a class="chip" href="/today" aria-current="true">全部 <small>{len(now)}</small></a>{chips}</nav>
<section aria-labelledby="now"><h2 id="now">逾期与到期</h2>
{"".join(climb)}</ul>

</section>
<nav class="pages" aria-label="翻页"><span>1 / {last}</span><a href="?page=2">下一页</a></nav>
{chrome["foot"]}"""

    def _step(self, door: Any, reasons: list[Any]) -> str:
        _id, home, code, hours, head = door
        found = f" <small>{LABELS['home_hours'][hours]}常在家</small>" if hours else ""
        why = "".join(
            f'<span class="{("tag bad", "tag warn", "tag")[rank]}">{words}</span>'
            for rank, _late, _kind, words in reasons
        )
        return (
            f'<li><a class="where" href="/households/{home}"><b>{code}</b> <span>{escape(head or "")}</span>{found}'
            f'<span class="why">{why}</span></a>\n'
            f'<a role="button" class="secondary" href="/households/{home}/visits/new" aria-label="记走访 {code}">记走访</a></li>\n'
        )

    def _visit(self, public_id: str, fields: dict[str, str], start: Start) -> list[bytes]:
        """The rows the product writes: receipt, audit entry, visit (and its change, by the trigger), the summary."""
        cursor, sql, worker = self.cursor(), self.sql, self.chrome["worker"]
        now = datetime.now(UTC)
        at: Any = now.strftime("%Y-%m-%d %H:%M:%S.%f") if self.sqlite else now
        home = "home"
        new = uuid.uuid4().hex[:10]
        topics = json.dumps([fields["topics"]])
        cursor.execute("BEGIN IMMEDIATE" if self.sqlite else "BEGIN")
        try:
            household, community = cursor.execute(sql["lock"], (public_id,)).fetchone()
            given = (at, worker, "record_visit", community, household, "")
            entry = cursor.execute(sql["entry"], given).fetchone()[0]
            if self.sqlite:
                self.local.entry = entry
            else:
                cursor.execute("SELECT set_config('grid.entry', %s, true)", (str(entry),))
            cursor.execute(sql["receipt"], (fields["key"], worker, "", "", "", at))
            cursor.execute(sql["keep"], (household, self._native(self.today + timedelta(days=3)), at))
            cursor.execute(sql["visit"], (new, community, household, worker, at, "visit", home, topics, at))
            cursor.execute(sql["summary"], (household,) * 4)
            cursor.execute(sql["answer"], (new, fields["key"]))
            cursor.execute("COMMIT")
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        to = [
            ("Location", f"/households/{public_id}?done=visit"),
            ("Receipt-Visit", new),
        ]
        start("303 See Other", [*self.headers, *to, ("Content-Length", "0")])
        return []


def _line(text: str) -> Callable[[str, int, int], str]:
    """A building's line on the map as a function of its figures, compiled once as an f-string."""
    return eval(f"lambda css, doors, percent: f{text!r}")  # type: ignore[no-any-return]


def _masked(number: str, shown: int) -> str:
    return number[:shown] + "*" * (len(number) - shown - 4) + number[-4:] if number else ""


def _moment(at: Any) -> str:
    at = datetime.fromisoformat(at) + EAST if isinstance(at, str) else at.astimezone(UTC) + EAST
    return at.strftime("%Y-%m-%d %H:%M")


def _soft(words: str | None) -> str:
    return f' <span class="soft">{escape(words)}</span>' if words else ""


def _since(today: date, day: Any) -> int:
    return (today - (date.fromisoformat(day) if isinstance(day, str) else day)).days


def _short(today: date, last: Any) -> str:
    last = date.fromisoformat(last) if isinstance(last, str) else last
    return str((today - last).days)


_SCOPE = "h.building_id IN (:buildings) AND h.deleted_at IS NULL"
_HEAD = (
    "(SELECT min(p.name) FROM residency r JOIN person p ON p.id = r.person_id "
    "WHERE r.household_id = h.id AND r.to_on IS NULL AND r.is_head)"
)
_PLACE = """h.community_id, b.no_order, b.no, h.unit_no, h.floor, CASE h.home_hours WHEN 'morning' THEN 0
    WHEN 'afternoon' THEN 1 WHEN 'evening' THEN 2 ELSE 3 END, h.room, h.id, h.building_id"""
_TO_LOOK_AFTER = """c.building_id IN (:buildings) AND c.closed_on IS NULL AND c.deleted_at IS NULL AND (c.owner_id = ?
    OR NOT EXISTS (SELECT 1 FROM patch p JOIN user_account u ON u.id = p.user_id WHERE p.user_id = c.owner_id
    AND u.is_active AND p.from_on <= ? AND (p.to_on IS NULL OR p.to_on >= ?) AND p.community_id = c.community_id
    AND (p.building_id = c.building_id OR p.building_id IS NULL AND (p.block_id IS NULL OR p.block_id = b.block_id))))"""
_IN_PERSON = "('visit', 'talk', 'comfort', 'check')"
SQL = {
    "find": f"""SELECT k.key, h.public_id, h.code, b.estate, h.n_members, h.last_visit_on, p.name, p.public_id, p.birth,
        p.sex FROM search_key k JOIN household h ON h.id = k.household_id JOIN building b ON b.id = h.building_id
        LEFT JOIN person p ON p.id = k.person_id WHERE k.community_id = ? AND k.key >= ? AND k.key < ? AND {_SCOPE}
        ORDER BY k.key, k.person_id, k.household_id LIMIT 21""",
    "door": """SELECT h.id, h.code, h.room, h.unit_no, h.floor, h.use, h.occupancy, h.layout, h.area, h.owner_name,
        h.owner_phone, h.filed_on, h.completeness, h.last_visit_on, b.id, b.public_id, b.no, b.estate, b.head_name, k.id,
        k.public_id, k.name, c.public_id, c.name FROM household h JOIN building b ON b.id = h.building_id
        JOIN community c ON c.id = h.community_id LEFT JOIN block k ON k.id = b.block_id
        WHERE h.public_id = ? AND h.deleted_at IS NULL""",
    "people": """SELECT p.id, p.public_id, p.name, r.relation, r.is_head, p.sex, p.birth, p.id_no, p.phone
        FROM residency r JOIN person p ON p.id = r.person_id WHERE r.household_id = ? AND p.deleted_at IS NULL
        ORDER BY r.is_head DESC, r.relation, r.id""",
    "tags": """SELECT t.person_id, g.label FROM residency r JOIN person_tag t ON t.person_id = r.person_id
        JOIN tag g ON g.id = t.tag_id WHERE r.household_id = ? AND r.to_on IS NULL AND t.until IS NULL
        AND NOT g.restricted ORDER BY g.id""",
    "visits": """SELECT v.public_id, v.at, v.kind, v.found, v.topics, v.content, v.due_on, v.closed, u.name
        FROM visit v JOIN user_account u ON u.id = v.worker_id WHERE v.household_id = ? AND v.deleted_at IS NULL
        ORDER BY v.at DESC, v.id DESC LIMIT 20""",
    "services": """SELECT public_id, on_day, kind, content FROM service_record WHERE household_id = ?
        AND deleted_at IS NULL ORDER BY on_day DESC, id DESC LIMIT 3""",
    "history": """SELECT a.at, u.name, a.action, a.words FROM audit_entry a LEFT JOIN user_account u ON u.id = a.actor_id
        WHERE a.household_id = ? ORDER BY a.at DESC, a.id DESC LIMIT 30""",
    "workers": """SELECT u.name FROM patch p JOIN user_account u ON u.id = p.user_id WHERE u.role = 'grid_worker'
        AND u.is_active AND ((p.building_id IS NULL AND p.block_id = ?) OR p.building_id = ?) AND p.from_on <= ?
        AND (p.to_on IS NULL OR p.to_on >= ?) ORDER BY p.duty DESC, u.name""",
    "building": """SELECT b.id, b.no, b.estate, b.head_name, k.name, c.public_id, c.name, c.visit_every_days
        FROM building b JOIN community c ON c.id = b.community_id LEFT JOIN block k ON k.id = b.block_id
        WHERE b.public_id = ?""",
    "cells": """SELECT h.unit_no, h.floor, h.room, h.public_id, h.use, h.n_members, h.n_open, h.last_visit_on,
        (SELECT p.name FROM residency r JOIN person p ON p.id = r.person_id
         WHERE r.household_id = h.id AND r.to_on IS NULL AND r.is_head LIMIT 1)
        FROM household h WHERE h.building_id = ? AND h.deleted_at IS NULL ORDER BY h.unit_no, h.floor, h.room""",
    "community": "SELECT id, name, street, visit_every_days FROM community WHERE public_id = ? AND deleted_at IS NULL",
    "sums": """SELECT building_id, count(*), sum(CASE WHEN last_visit_on >= ? AND n_members > 0 THEN 1 ELSE 0 END),
        sum(CASE WHEN n_members > 0 THEN 1 ELSE 0 END) FROM household WHERE community_id = ? AND deleted_at IS NULL GROUP BY building_id""",
    "recorded": "SELECT count(*) FROM visit WHERE worker_id = ? AND recorded_at >= ? AND deleted_at IS NULL",
    "houses": """SELECT b.id, b.public_id, b.no, b.estate, k.name, c.visit_every_days FROM building b
        JOIN community c ON c.id = b.community_id LEFT JOIN block k ON k.id = b.block_id WHERE b.id IN (:buildings)""",
    "unvisited": f"""SELECT {_PLACE}, h.last_visit_on FROM household h JOIN building b ON b.id = h.building_id
        WHERE {_SCOPE} AND h.use = 'dwelling' AND h.n_members > 0 AND (h.last_visit_on IS NULL OR h.last_visit_on <= ?)""",
    "promises": f"""SELECT {_PLACE}, v.due_on FROM visit v JOIN household h ON h.id = v.household_id
        JOIN building b ON b.id = h.building_id WHERE v.community_id = ? AND v.due_on <= ? AND v.due_on IS NOT NULL
        AND v.:open AND v.deleted_at IS NULL AND {_SCOPE}""",
    "cases_due": f"""SELECT {_PLACE}, c.due_on FROM case_file c JOIN household h ON h.id = c.household_id
        JOIN building b ON b.id = h.building_id WHERE {_TO_LOOK_AFTER} AND c.due_on <= ? AND h.deleted_at IS NULL""",
    "reports": """SELECT r.public_id, r.kind, b.no, b.estate, h.code, r.seen_at, r.headcount, r.facts, u.name
        FROM visitor_report r JOIN building b ON b.id = r.building_id JOIN user_account u ON u.id = r.reporter_id
        LEFT JOIN household h ON h.id = r.household_id WHERE r.building_id IN (:buildings) AND r.state = 'waiting'
        AND r.purge_on > ? ORDER BY r.reported_at DESC, r.id DESC LIMIT 51""",
    "cases": f"""SELECT c.public_id, c.no, c.type, c.content, c.due_on, h.public_id, h.code, b.no FROM case_file c
        JOIN building b ON b.id = c.building_id LEFT JOIN household h ON h.id = c.household_id WHERE {_TO_LOOK_AFTER}
        ORDER BY c.due_on IS NULL, c.due_on, c.id LIMIT 51""",
    "contacts": f"""SELECT {_PLACE}, t.person_id, t.since, r.from_on, g.contact_every_days, g.contact_kind, g.grace_days,
        (SELECT :home_on FROM visit v WHERE v.household_id = r.household_id AND v.found = 'home' AND v.deleted_at IS NULL
         AND (g.contact_kind IS NULL OR g.contact_kind NOT IN ('visit', 'check', 'talk', 'comfort')
              OR v.kind = g.contact_kind OR g.contact_kind IN ('visit', 'check') AND v.kind IN {_IN_PERSON})
         AND (coalesce(g.contact_kind, '') <> 'talk'
              OR NOT EXISTS (SELECT 1 FROM visit_person w WHERE w.visit_id = v.id)
              OR EXISTS (SELECT 1 FROM visit_person w WHERE w.visit_id = v.id AND w.person_id = r.person_id)))
        FROM tag g JOIN person_tag t ON t.tag_id = g.id JOIN person p ON p.id = t.person_id AND p.deleted_at IS NULL
        JOIN residency r ON r.person_id = t.person_id JOIN household h ON h.id = r.household_id JOIN building b ON b.id = h.building_id WHERE g.community_id = ?
        AND g.contact_every_days IS NOT NULL AND g.deleted_at IS NULL AND t.until IS NULL AND r.to_on IS NULL AND {_SCOPE}""",
    "doors": f"SELECT h.id, h.public_id, h.code, h.home_hours, {_HEAD} FROM household h WHERE h.id IN ({', '.join('?' * 60)})",
    "lock": "SELECT id, community_id FROM household WHERE public_id = ? AND deleted_at IS NULL :lock",
    "entry": """INSERT INTO audit_entry (at, actor_id, action, community_id, household_id, words)
        VALUES (?, ?, ?, ?, ?, ?) RETURNING id""",
    "receipt": "INSERT INTO receipt (key, user_id, device, fingerprint, answer, at) VALUES (?, ?, ?, ?, ?, ?)",
    "keep": "UPDATE visit SET closed = (1 = 1) WHERE household_id = ? AND :mine_open AND due_on <= ? AND at < ?",
    "visit": """INSERT INTO visit (public_id, community_id, household_id, worker_id, at, kind, found, topics, closed,
        recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, (1 = 0), ?)""",
    "summary": """UPDATE household SET last_visit_on = (SELECT :home_on FROM visit WHERE household_id = ?
        AND found = 'home' AND deleted_at IS NULL), home_hours = (SELECT CASE WHEN :hour < 12 THEN 'morning'
        WHEN :hour < 18 THEN 'afternoon' ELSE 'evening' END AS part FROM visit WHERE household_id = ? AND found = 'home'
        AND deleted_at IS NULL GROUP BY part ORDER BY count(*) DESC, min(:hour) LIMIT 1), n_open = (SELECT count(*) FROM visit WHERE household_id = ?
        AND :mine_open AND due_on IS NOT NULL AND deleted_at IS NULL) WHERE id = ?""",
    "answer": "UPDATE receipt SET answer = ? WHERE key = ?",
}
