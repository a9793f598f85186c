"""Each bucket of a layer can be told apart without colour, and the figures fall where the legend says."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from grid.atlas import layers
from grid.atlas.layers import Sums

TODAY = date(2026, 11, 23)
RECENT, OLDER = TODAY - timedelta(days=30), TODAY - timedelta(days=90)


@pytest.mark.parametrize(
    ("sums", "bucket"),
    [
        (Sums(), "l-none"),
        (Sums(doors=10), "l-none"),
        (Sums(doors=20, lived_in=10), "l-visit-0"),
        (Sums(doors=20, lived_in=10, visited=2), "l-visit-1"),
        (Sums(doors=20, lived_in=10, visited=5), "l-visit-2"),
        (Sums(doors=20, lived_in=10, visited=7), "l-visit-3"),
        (Sums(doors=20, lived_in=10, visited=8), "l-visit-4"),
    ],
)
def test_visits_are_the_share_of_homes_seen_lately(sums, bucket):
    assert layers.of_building("visits", sums)[0].css == bucket


@pytest.mark.parametrize(
    ("sums", "bucket"),
    [
        (Sums(doors=10, own=9, rented=1), "l-home-own"),
        (Sums(doors=10, own=8, rented=2), "l-home-some"),
        (Sums(doors=10, own=4, rented=6), "l-home-rented"),
        (Sums(doors=10, own=5, rented=1, vacant=4), "l-home-vacant"),
        (Sums(doors=10), "l-home-unknown"),
    ],
)
def test_occupancy_says_what_stands_out(sums, bucket):
    assert layers.of_building("occupancy", sums)[0].css == bucket


def test_tags_are_counted_by_household():
    found = [layers.of_building("tags", Sums(doors=30, tagged=n))[0].css for n in (0, 1, 5, 15, 30)]

    assert found == ["l-tag-0", "l-tag-1", "l-tag-2", "l-tag-3", "l-tag-4"]


def test_completeness_is_the_mean():
    found = [
        layers.of_building("completeness", Sums(doors=3, completeness=3 * n))[0].css[-1] for n in (39, 40, 60, 75, 90)
    ]

    assert found == ["0", "1", "2", "3", "4"]


def test_a_door_is_judged_by_its_own_last_visit():
    seen = [None, TODAY - timedelta(days=91), TODAY - timedelta(days=90), TODAY - timedelta(days=30), TODAY]

    assert [layers.of_visit(day, RECENT, OLDER).sign for day in seen] == ["×", "○", "◎", "●", "●"]


@pytest.mark.parametrize("layer", layers.LAYERS)
def test_no_two_buckets_of_a_layer_share_hatch_and_colour(layer):
    buckets = layers.BUCKETS[layer]

    assert len({bucket.fill for bucket in buckets}) == len(buckets)
    hatches = [bucket.hatch for bucket in buckets if bucket.css != "l-home-unknown"]
    assert len(set(hatches)) == len(hatches)


@pytest.mark.parametrize("layer", layers.LAYERS)
def test_dark_numbers_can_be_read_on_every_bucket(layer):
    for bucket in layers.BUCKETS[layer]:
        assert contrast(bucket.fill, "#1d2733") >= 4.5, bucket.css


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("layer", layers.LAYERS)
def test_every_bucket_stands_in_the_legend(layer):
    words = layers.building_legend(layer)

    wanted = {bucket.css for bucket in layers.BUCKETS[layer]} - {"l-home-other"}
    assert {bucket.css for bucket, _text in words} == wanted
    assert all(text for _bucket, text in words)


def test_the_stylesheet_on_disk_is_the_one_that_layers_write():
    written = Path(__file__).resolve().parents[2] / "static" / "css" / "layers.css"

    assert written.read_text(encoding="utf-8") == layers.stylesheet()
    assert not re.search(r"style|var\(", layers.stylesheet())
