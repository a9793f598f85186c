"""Charts are plain shapes: what is drawn where follows from the numbers alone."""

from grid.ledgers import charts
from grid.ledgers.charts import Look

MONTHS = [("1月", 0.5), ("2月", None), ("3月", 1.0), ("4月", 0.9)]


def test_a_line_is_interrupted_where_nothing_was_counted() -> None:
    chart = charts.line(MONTHS, Look("试", target=0.95, is_share=True))

    assert chart.path.count("M") == 2 and chart.path.count("L") == 1
    assert [(shape.label, shape.words, shape.is_short) for shape in chart.shapes] == [
        ("1月", "50%", True),
        ("3月", "100%", False),
        ("4月", "90%", True),
    ]
    assert [rule.words for rule in chart.rules] == ["0%", "50%", "100%"]


def test_bars_stand_on_the_base_and_stay_inside() -> None:
    chart = charts.bars([("a", 0), ("b", 37.0), ("c", 12.5)], Look("试"))

    base = {round(shape.y + shape.h, 1) for shape in chart.shapes}
    assert base == {chart.rules[0].y}
    assert all(chart.left <= s.x and s.x + s.w <= chart.right and s.y >= 0 for s in chart.shapes)
    assert chart.rules[-1].words == "40"


def test_a_limit_is_missed_from_above() -> None:
    chart = charts.bars([("a", 0), ("b", 2)], Look("火灾", target=0, is_limit=True))

    assert [shape.is_short for shape in chart.shapes] == [False, True]


def test_a_small_one_has_no_words() -> None:
    chart = charts.line(MONTHS, Look("试", is_share=True, is_small=True, width=150, height=40))

    assert chart.rules == chart.ticks == chart.values == ()
    assert charts.bars([], Look("空")).shapes == ()
