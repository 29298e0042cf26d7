"""The machinery of lists: what an address asks for."""

import pytest
from django.test import RequestFactory

from reorder.web.charts import Chart, Series, place_band
from reorder.web.lists import BadCursor, Column, ListPage, ListSpec, Tab, encode_cursor, read_state

SPEC = ListSpec(
    page="teas",
    columns=(Column("name", "Name"), Column("units", "Units", kind="number"), Column("note", "Note", is_default=False)),
    tabs=(Tab("all", "All"), Tab("low", "Low")),
    filters=("place",),
)


def state_of(query: str):  # type: ignore[no-untyped-def]
    return read_state(request=RequestFactory().get(f"/teas/?{query}"), spec=SPEC)


def test_an_empty_address_asks_for_the_usual() -> None:
    state = state_of("")
    assert (state.tab, state.search, state.after, dict(state.filters)) == ("all", "", None, {})
    assert [column.key for column in state.columns] == ["name", "units"]
    assert state.address() == "/teas/?tab=all"


def test_what_is_unknown_falls_back_to_the_usual() -> None:
    state = state_of("tab=none&columns=colour&q=%00%20a%20%20b")
    assert (state.tab, state.search, len(state.columns)) == ("all", "a b", 2)


def test_columns_filters_and_search_stay_in_the_next_address() -> None:
    state = state_of("tab=low&q=oolong&columns=name&columns=note&place=KEELUNG")
    assert state.address(after="x") == "/teas/?tab=low&q=oolong&place=KEELUNG&columns=name%2Cnote&after=x"
    assert state.address(q=None, columns=None) == "/teas/?tab=low&place=KEELUNG"


def test_a_tab_keeps_filters_and_columns_and_starts_the_search_anew() -> None:
    page = ListPage(spec=SPEC, state=state_of("tab=all&q=oolong&place=KEELUNG&columns=name"), rows=())
    assert [url for _, url in page.tab_links] == [
        "/teas/?tab=all&place=KEELUNG&columns=name",
        "/teas/?tab=low&place=KEELUNG&columns=name",
    ]


def test_a_cursor_comes_back_as_it_was() -> None:
    assert state_of(f"after={encode_cursor([3.5, 'oolong', None])}").after == (3.5, "oolong", None)


@pytest.mark.parametrize("text", ["!!", "bm90IGpzb24", "eyJhIjoxfQ", encode_cursor([{"a": 1}])])
def test_a_cursor_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        state_of(f"after={text}")


def test_a_chart_has_its_numbers_as_a_table() -> None:
    chart = Chart(
        id="c", title="t", labels=["W1", "W2"], series=[Series(name="sold", values=[1200.4, None])], axis_name="week"
    )
    assert chart.table_head == ["week", "sold"]
    assert chart.table_rows == [["W1", "1,200"], ["W2", "–"]]


def test_a_band_and_today_fit_on_one_line() -> None:
    import datetime as dt

    def day(number: int) -> dt.date:
        return dt.date(2026, 11, number)

    mark = place_band(middle=day(20), half=(day(15), day(25)), wide=(day(10), day(30)), today=day(10))
    assert (mark.wide_from, mark.middle, mark.wide_to, mark.today) == (2.0, 50.0, 98.0, 2.0)
    assert (mark.half_from, mark.half_width) == (26.0, 48.0)
    one = place_band(middle=day(10), half=(day(10), day(10)), wide=(day(10), day(10)), today=day(10))
    assert (one.wide_from, one.wide_width) == (2.0, 1)
