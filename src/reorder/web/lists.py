"""Lists as every desk shows them: tabs with saved filters, search, chosen columns, pages by cursor, totals, export.

A desk declares a `ListSpec`, reads the request into a `ListState`, asks its read model for rows by keyset (never by
offset: page 20,000 is as fast as page 1) and hands a `ListPage` to `list.html`.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from reorder.domain.staff.queries import SavedViewRow, list_saved_views
from reorder.kernel import cursors
from reorder.kernel.errors import BadInput

Kind = Literal["text", "number", "date", "state"]
Words = str | Promise
PAGE_SIZE = 50


class BadCursor(BadInput):
    code = "web.bad_cursor"
    template = "This address names a page of the list that cannot be read. Start again from the first page."


class BadFilter(BadInput):
    code = "web.bad_filter"
    template = "{value!r} cannot be used as {name}: {reason}."


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `key` is its name in the address, `help` explains the number behind the head's question mark."""

    key: str
    label: Words
    kind: Kind = "text"
    is_default: bool = True
    help: Words = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """A filter that the desk offers; `key` is what the address carries."""

    key: str
    label: Words
    count: int | None = None


@dataclass(frozen=True, slots=True)
class ListSpec:
    """What one list can show; `page` names it for saved views."""

    page: str
    columns: tuple[Column, ...]
    tabs: tuple[Tab, ...]
    has_search: bool = True
    search_label: Words = ""
    has_export: bool = True
    filters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListState:
    """What the address asks for."""

    tab: str
    search: str
    columns: tuple[Column, ...]
    after: tuple[object, ...] | None
    filters: Mapping[str, str]
    url: str
    has_own_columns: bool = False

    def address(self, **changes: str | None) -> str:
        """This list's address with some parts changed; None removes one. The page starts again from the first."""
        parts: dict[str, str | None] = {"tab": self.tab, "q": self.search, **self.filters}
        chosen = ",".join(column.key for column in self.columns)
        parts["columns"] = chosen if self.has_own_columns else None
        parts.update(changes)
        query = urlencode({name: text for name, text in parts.items() if text})
        return f"{self.url}?{query}" if query else self.url


@dataclass(frozen=True, slots=True)
class Cell:
    """One value, said already in the reader's language; `html` may be a SafeString, plain text is escaped."""

    html: str
    css: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its page, the side panel's address, and its cells in the order of the columns."""

    key: str
    url: str
    cells: Sequence[Cell]
    side_url: str = ""
    can_select: bool = False

    @property
    def cells_html(self) -> SafeString:
        """Its cells as the table has them; made here, since a template takes ten times as long for fifty rows."""
        parts = []
        for place, cell in enumerate(self.cells):
            said, css = conditional_escape(cell.html), conditional_escape(cell.css)
            if place:
                parts.append(f'<td class="{css}">{said}</td>')
            else:
                linked = f'<a href="{conditional_escape(self.url)}">{said}</a>' if self.url else said
                parts.append(f'<th scope="row" class="{css}">{linked}</th>')
        return mark_safe("".join(parts))  # noqa: S308 - every part is escaped above


@dataclass(frozen=True, slots=True)
class ListPage:
    """Everything that `list.html` draws."""

    spec: ListSpec
    state: ListState
    rows: Sequence[Row]
    next_url: str = ""
    total: Words = ""
    totals: Sequence[Cell] = ()
    saved: Sequence[SavedViewRow] = field(default=())
    export_url: str = ""

    @property
    def tab_links(self) -> list[tuple[Tab, str]]:
        """Each tab with its address: filters and columns stay as they are, the search starts anew."""
        return [(tab, self.state.address(tab=tab.key, q=None)) for tab in self.spec.tabs]

    @property
    def columns_left(self) -> list[tuple[Column, bool]]:
        """Every column there is, and whether it is shown: the column chooser."""
        shown = {column.key for column in self.state.columns}
        return [(column, column.key in shown) for column in self.spec.columns]


def read_state(*, request: HttpRequest, spec: ListSpec) -> ListState:
    """What the address asks for; unknown tabs and columns fall back to the usual ones. Raises BadCursor."""
    asked = request.GET.get("tab", "")
    tab = asked if any(asked == known.key for known in spec.tabs) else (spec.tabs[0].key if spec.tabs else "")
    wanted = [key for part in request.GET.getlist("columns") for key in part.split(",") if key]
    usual = tuple(column for column in spec.columns if column.is_default)
    columns = tuple(column for column in spec.columns if column.key in wanted) or usual
    return ListState(
        tab=tab,
        search=" ".join(request.GET.get("q", "").replace("\x00", "").split())[:200],
        columns=columns,
        after=decode_cursor(request.GET["after"]) if request.GET.get("after") else None,
        filters={name: request.GET[name].replace("\x00", "")[:200] for name in spec.filters if request.GET.get(name)},
        url=request.path,
        has_own_columns=columns != usual,
    )


def read_last_id(*, state: ListState) -> int | None:
    """The number of the last row seen, of a list that goes by number; None for the first page. Raises BadCursor."""
    match state.after:
        case None:
            return None
        case (int(last_id),):
            return last_id
        case _:
            raise BadCursor


def read_last_moment(*, state: ListState) -> tuple[dt.datetime, int] | None:
    """Moment and number of the last row seen, of a list that goes by both; None for the first page; or BadCursor."""
    match state.after:
        case None:
            return None
        case (str(moment), int(last_id)):
            try:
                return dt.datetime.fromisoformat(moment), last_id
            except ValueError:
                raise BadCursor from None
        case _:
            raise BadCursor


def make_page(
    *,
    request: HttpRequest,
    spec: ListSpec,
    state: ListState,
    rows: Sequence[Row],
    next_after: Sequence[object] | None,
    total: Words = "",
    totals: Sequence[Cell] = (),
    export_url: str = "",
) -> ListPage:
    """The page; `next_after` are the sort values of the last row when more rows follow."""
    user_id = request.user.pk if request.user.is_authenticated else None
    return ListPage(
        spec=spec,
        state=state,
        rows=rows,
        next_url=state.address(after=encode_cursor(next_after)) if next_after is not None else "",
        total=total,
        totals=totals,
        saved=list_saved_views(user_id=user_id, page=spec.page) if user_id else (),
        export_url=export_url,
    )


def encode_cursor(values: Sequence[object]) -> str:
    """Sort values as a piece of an address."""
    return cursors.encode_cursor(values=values)


def decode_cursor(text: str) -> tuple[object, ...]:
    """Sort values out of an address; raises BadCursor. What they are is for the caller to check."""
    try:
        return cursors.decode_cursor(text=text)
    except cursors.UnreadableCursor:
        raise BadCursor from None
