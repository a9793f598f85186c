"""Workbooks made for a test."""

import io
import json
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from grid.exchange.planning import Order

DOOR_HEADINGS = (
    "楼号",
    "单元",
    "房间",
    "楼层",
    "总层数",
    "房屋类型",
    "建筑面积",
    "房屋状态",
    "业主名称",
    "手机号",
    "备注",
)
PERSON_HEADINGS = ("姓名", "与户主关系", "身份证号", "性别", "出生日期", "联系电话", "居住地址", "人员类别", "备注")
SQUARE = [[[114.38, 30.50], [114.39, 30.50], [114.39, 30.51], [114.38, 30.51], [114.38, 30.50]]]


def book(*sheets: tuple[str, Sequence[Sequence[Any]]]) -> bytes:
    made = Workbook()
    made.remove(made.active)
    for title, rows in sheets:
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    return saved(made)


def saved(made: Workbook) -> bytes:
    kept = io.BytesIO()
    made.save(kept)
    return kept.getvalue()


def people(*rows: Sequence[Any]) -> bytes:
    return book(("人员", [PERSON_HEADINGS, *rows]))


def doors(*rows: Sequence[Any]) -> bytes:
    return book(("房屋信息", [DOOR_HEADINGS, *rows]))


def order(kind: str, content: bytes, name: str = "", community: str | None = "桃园社区") -> Order:
    return Order(kind, ((name or f"{kind}.xlsx", content),), community)


def geojson(*features: dict[str, Any], **said: str) -> bytes:
    return json.dumps({"type": "FeatureCollection", **said, "features": list(features)}).encode()


def feature(outline: Any = SQUARE, kind: str = "Polygon", **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": outline}, "properties": properties}
