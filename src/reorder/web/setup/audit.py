"""The audit trail: who did what, when and through which door; nobody can change it."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.staff import queries
from reorder.domain.staff.queries import AuditRow
from reorder.domain.staff.rules import Ability
from reorder.insights import setup
from reorder.web import lists
from reorder.web.access import desk, get_actor
from reorder.web.exports import table_response
from reorder.web.setup.words import ACTION_TEMPLATES, DETAIL_TEMPLATES
from reorder.web.templatetags.reorder import listed as said_list
from reorder.web.templatetags.reorder import moment as said_moment
from reorder.web.templatetags.reorder import word

_FILTERS = ("actor", "action", "kind", "key")
_SPEC = lists.ListSpec(
    page="setup.audit",
    columns=(
        lists.Column("when", gettext_lazy("When"), "date"),
        lists.Column("actor", gettext_lazy("Who")),
        lists.Column("action", gettext_lazy("Did")),
        lists.Column("subject", gettext_lazy("To what")),
        lists.Column("details", gettext_lazy("Details")),
        lists.Column("via", gettext_lazy("Through")),
        lists.Column(
            "reference",
            gettext_lazy("Reference"),
            is_default=False,
            help=gettext_lazy("The same reference stands on error pages and in the server's log."),
        ),
    ),
    tabs=(),
    has_search=False,
    search_label=gettext_lazy("Audit trail"),
    filters=_FILTERS,
)


@desk(Ability.VIEW_AUDIT)
def index(request: HttpRequest) -> HttpResponse:
    state = lists.read_state(request=request, spec=_SPEC)
    found = queries.list_audit(before_id=lists.read_last_id(state=state), limit=lists.PAGE_SIZE + 1, **_asked(state))
    page = found[: lists.PAGE_SIZE]
    chosen = {name: text for name, text in state.filters.items() if text}
    listed = lists.make_page(
        request=request,
        spec=_SPEC,
        state=state,
        rows=[_row(row, state) for row in page],
        next_after=(page[-1].id,) if len(found) > lists.PAGE_SIZE else None,
        export_url=f"{reverse('setup:export_audit')}{'?' if chosen else ''}{urlencode(chosen)}",
    )
    context = {
        "list": listed,
        "filters": state.filters,
        "actions": [(name, _action(name)) for name in queries.list_audit_actions()],
        "kinds": [(name, word(name)) for name in queries.list_audit_kinds()],
    }
    return render(request, "setup/audit.html", context)


@desk(Ability.VIEW_AUDIT)
def export(request: HttpRequest) -> HttpResponseBase:
    """Everything that the filters leave, as a file."""
    state = lists.read_state(request=request, spec=_SPEC)
    asked = _asked(state)
    rows = setup.walk_audit(
        actor=get_actor(request),
        person=asked["actor"],
        action=asked["action"],
        subject_kind=asked["subject_kind"],
        subject_key=asked["subject_key"],
    )
    return table_response(
        request=request,
        name="audit",
        heads=[_("When"), _("Who"), _("Did"), _("To what"), _("Key"), _("Details"), _("Through"), _("Reference")],
        rows=(
            (
                row.happened_at,
                row.actor,
                row.action,
                row.subject_kind,
                row.subject_key,
                json.dumps(row.details, ensure_ascii=False) if row.details else "",
                row.via,
                row.request_id,
            )
            for row in rows
        ),
    )


def _asked(state: lists.ListState) -> dict[str, str]:
    filters = {name: state.filters.get(name, "").strip() for name in _FILTERS}
    return {
        "actor": filters["actor"],
        "action": filters["action"],
        "subject_kind": filters["kind"],
        "subject_key": filters["key"],
    }


# Details whose value is one of our own words.
_WORDED = frozenset({"role", "state"})


def _action(name: str) -> str:
    """`staff.change_user` as people say it; the name itself when a later version knows it and this one does not."""
    return _(ACTION_TEMPLATES[name]) if name in ACTION_TEMPLATES else name


def _row(row: AuditRow, state: lists.ListState) -> lists.Row:
    same = {"kind": row.subject_kind, "key": row.subject_key}
    url = f"{state.url}?{urlencode(same if row.subject_key else {'actor': row.actor})}"
    cells = {
        "when": lists.Cell(said_moment(row.happened_at), "date"),
        "actor": lists.Cell(row.actor),
        "action": lists.Cell(_action(row.action)),
        "subject": lists.Cell(f"{word(row.subject_kind)} {row.subject_key}".strip() or "–"),
        "details": lists.Cell(_details(row.details), "did"),
        "via": lists.Cell(word(row.via)),
        "reference": lists.Cell(format_html("<code>{}</code>", row.request_id) if row.request_id else "–"),
    }
    return lists.Row(key=str(row.id), url=url, cells=[cells[column.key] for column in state.columns])


def _details(details: Mapping[str, Any]) -> str:
    parts = (
        _("{name}: {value}").format(
            name=_detail(name), value=word(str(value)) if name in _WORDED and value else _value(value)
        )
        for name, value in details.items()
    )
    return _("; ").join(parts) or "–"


def _detail(name: str) -> str:
    return _(DETAIL_TEMPLATES[name]) if name in DETAIL_TEMPLATES else name.replace("_", " ")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return said_list(f"{_detail(str(name))} {_value(part)}" for name, part in value.items()) or "–"
    if isinstance(value, list):
        return said_list(_value(part) for part in value) or "–"
    return "–" if value is None or value == "" else str(value)
