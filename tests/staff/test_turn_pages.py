"""Turning the pages of a long list, also where no page is."""

import pytest

from grid.core.paging import Page, offset
from tests.conftest import LogIn
from tests.factories import Cast


@pytest.mark.parametrize("path", ["/households", "/audit"])
@pytest.mark.parametrize("number", ["0", "-7", "zwei", "9" * 20])
def test_a_page_that_is_not_there_is_no_trouble(cast: Cast, log_in: LogIn, path: str, number: str) -> None:
    assert log_in("admin").get(f"{path}?page={number}").status_code == 200


def test_there_is_a_way_back_from_behind_the_end() -> None:
    assert (Page((), 1, 120).before, Page((), 1, 120).after) == (None, 2)
    assert (Page((), 3, 120).before, Page((), 3, 120).after) == (2, None)
    assert (Page((), 10**20, 120).before, Page((), 10**20, 120).after) == (3, None)
    assert [offset(0), offset(1), offset(3)] == [0, 0, 100]
