"""Templates and their versions: written as drafts, let go by a person, never changed afterwards."""

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from reorder.domain.marketing.content_errors import (
    ApprovalNeedsAnother,
    BadTemplate,
    TemplateTaken,
    UnknownTemplate,
    UnknownVersion,
    VersionChanged,
)
from reorder.domain.marketing.content_forms import FIELDS, FormFault, check_form, clean_content
from reorder.domain.marketing.content_models import Template, TemplateVersion
from reorder.domain.marketing.content_variables import KINDS
from reorder.domain.staff.operations import record_audit

LANGUAGES: Final = ("en", "zh-hant")
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{1,63}")
_VARIANT: Final = re.compile(r"[A-Za-z0-9_-]{0,32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRow:
    """A template; its words stand in versions."""

    id: int
    code: str
    name: str
    kind: str
    purpose: str
    category_codes: tuple[str, ...]
    is_ready_made: bool
    utm: Mapping[str, str]
    is_archived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One form of a template, by channel, language, segment and variant."""

    id: int
    template_code: str
    kind: str
    purpose: str
    utm: Mapping[str, str]
    number: int
    channel: str
    language: str
    segment_code: str
    variant: str
    weight: int
    content: Mapping[str, str]
    state: str
    created_by: str
    created_at: dt.datetime
    changed_at: dt.datetime
    approved_by: str
    approved_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class VersionMark:
    """A live version without its words: all that choosing one needs."""

    id: int
    channel: str
    language: str
    segment_code: str
    variant: str
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """What a person wrote for a channel and language; empty segment: everybody."""

    channel: str
    language: str
    content: Mapping[str, str]
    segment_code: str = ""
    variant: str = ""
    weight: int = 100


def find_template(*, code: str) -> TemplateRow | None:
    """The template with this code, None where there is none."""
    found = Template.objects.filter(code=code.replace("\x00", "")).first()
    return _template(found) if found else None


def get_template(*, code: str) -> TemplateRow:
    """One template; raises UnknownTemplate."""
    found = find_template(code=code)
    if found is None:
        raise UnknownTemplate(template_code=code)
    return found


def list_templates(*, kind: str = "", search: str = "", is_archived: bool = False) -> list[TemplateRow]:
    """Templates by name."""
    found = Template.objects.filter(archived_at__isnull=not is_archived).order_by("name", "code")
    found = found.filter(kind=kind) if kind else found
    typed = search.replace("\x00", "").strip()
    found = found.filter(Q(code__icontains=typed) | Q(name__icontains=typed)) if typed else found
    return [_template(one) for one in found]


def create_template(
    *, code: str, name: str, kind: str, purpose: str, created_by: str, is_ready_made: bool = False
) -> TemplateRow:
    """A template without words yet. Raises BadTemplate, TemplateTaken."""
    typed = code.strip().lower()
    reasons = (
        ("code", _CODE.fullmatch(typed) is None, "a code has 2 to 64 small letters, digits, hyphens and underscores"),
        ("name", not 0 < len(name.strip()) <= 120, "it needs a name of at most 120 characters"),
        ("kind", kind not in KINDS, "there is no such kind of message"),
        ("purpose", purpose not in ("marketing", "transactional"), "there is no such purpose"),
    )
    for field, is_wrong, reason in reasons:
        if is_wrong:
            raise BadTemplate(field=field, line=1, reason=reason, value="")
    try:
        with transaction.atomic():
            made = Template.objects.create(
                code=typed,
                name=name.strip(),
                kind=kind,
                purpose=purpose,
                created_by=created_by,
                is_ready_made=is_ready_made,
            )
            _audit(created_by, "content.create_template", typed)
    except IntegrityError as fault:
        raise TemplateTaken(template_code=typed) from fault
    return _template(made)


def change_template(
    *, code: str, name: str, utm: Mapping[str, str], category_codes: Sequence[str], changed_by: str
) -> TemplateRow:
    """Another name, own marks in links, categories for rules about age. Raises UnknownTemplate, BadTemplate."""
    known = get_template(code=code)
    if not 0 < len(name.strip()) <= 120:
        raise BadTemplate(field="name", line=1, reason="it needs a name of at most 120 characters", value="")
    marks = {mark: str(utm[mark]).strip()[:100] for mark in ("source", "medium", "campaign") if utm.get(mark)}
    with transaction.atomic():
        Template.objects.filter(pk=known.id).update(
            name=name.strip(), utm=marks, category_codes=list(dict.fromkeys(category_codes))
        )
        _audit(changed_by, "content.change_template", code)
    return get_template(code=code)


def archive_template(*, code: str, moment: dt.datetime | None, changed_by: str) -> None:
    """Put a template away, or take it out again (None); messages that are planned keep its words."""
    known = get_template(code=code)
    with transaction.atomic():
        Template.objects.filter(pk=known.id).update(archived_at=moment)
        _audit(changed_by, "content.archive_template" if moment else "content.take_template_out", code)


def save_draft(
    *, template_code: str, version: NewVersion, number: int | None, saved_by: str, moment: dt.datetime
) -> VersionRow:
    """Keep a draft: a new one, or (`number`) the draft that is there; what is wrong with it only keeps it from going.

    Raises UnknownTemplate, UnknownVersion, VersionChanged where it is no draft any more, BadTemplate.
    """
    _refuse_bad_place(version)
    content = clean_content(channel=version.channel, content=version.content)
    with transaction.atomic():
        template = Template.objects.select_for_update(no_key=True).filter(code=template_code).first()
        if template is None:
            raise UnknownTemplate(template_code=template_code)
        values: dict[str, Any] = {
            "channel": version.channel,
            "language": version.language,
            "segment_code": version.segment_code,
            "variant": version.variant,
            "weight": version.weight,
            "content": content,
            "created_by": saved_by,
            "changed_at": moment,
        }
        if number is None:
            last = TemplateVersion.objects.filter(template=template).aggregate(last=Max("number"))["last"] or 0
            made = TemplateVersion.objects.create(template=template, number=last + 1, **values)
            return get_version(version_id=made.pk)
        known = _lock_version(template_code, number)
        if known.state not in ("draft", "waiting"):
            raise VersionChanged(state=known.state, action="changed")
        TemplateVersion.objects.filter(pk=known.pk).update(**values, state="draft")
    return get_version(version_id=known.pk)


def faults_of(*, version: VersionRow) -> list[FormFault]:
    """What keeps a version from being let go; mail that markets also needs its way out."""
    faults = check_form(channel=version.channel, content=version.content, kind=version.kind, language=version.language)
    if not faults and version.channel == "email" and version.purpose == "marketing":
        body = version.content.get("mjml") or version.content.get("html", "")
        if "unsubscribe_url" not in body:
            field = "mjml" if version.content.get("mjml") else "html"
            faults = [FormFault(field, 1, "marketing mail must have {{unsubscribe_url}}")]
    return faults


def submit_version(*, template_code: str, number: int, submitted_by: str, moment: dt.datetime) -> VersionRow:
    """Ask another person to let a draft go. Raises UnknownVersion, VersionChanged, BadTemplate with the first fault."""
    with transaction.atomic():
        known = _lock_version(template_code, number)
        if known.state != "draft":
            raise VersionChanged(state=known.state, action="submitted")
        _refuse_faults(get_version(version_id=known.pk))
        TemplateVersion.objects.filter(pk=known.pk).update(state="waiting", changed_at=moment)
        _audit(submitted_by, "content.submit", f"{template_code} {number}")
    return get_version(version_id=known.pk)


def let_go(
    *, template_code: str, number: int, approved_by: str, moment: dt.datetime, is_another_needed: bool
) -> VersionRow:
    """Messages say this from now on, in place of the version of the same channel, language, segment and variant.

    Raises UnknownVersion, VersionChanged, BadTemplate, and ApprovalNeedsAnother where its author may not.
    """
    with transaction.atomic():
        known = _lock_version(template_code, number)
        if known.state not in ("draft", "waiting"):
            raise VersionChanged(state=known.state, action="let go")
        if is_another_needed and known.created_by == approved_by:
            raise ApprovalNeedsAnother
        _refuse_faults(get_version(version_id=known.pk))
        TemplateVersion.objects.filter(
            template_id=known.template_id,
            channel=known.channel,
            language=known.language,
            segment_code=known.segment_code,
            variant=known.variant,
            state="live",
        ).update(state="retired", retired_at=moment)
        TemplateVersion.objects.filter(pk=known.pk).update(state="live", approved_by=approved_by, approved_at=moment)
        _audit(approved_by, "content.let_go", f"{template_code} {number}")
    return get_version(version_id=known.pk)


def retire_version(*, template_code: str, number: int, retired_by: str, moment: dt.datetime) -> VersionRow:
    """Messages say this no more; those that are planned already still do. Raises UnknownVersion, VersionChanged."""
    with transaction.atomic():
        known = _lock_version(template_code, number)
        if not TemplateVersion.objects.filter(pk=known.pk, state="live").update(state="retired", retired_at=moment):
            raise VersionChanged(state=known.state, action="taken back")
        _audit(retired_by, "content.retire", f"{template_code} {number}")
    return get_version(version_id=known.pk)


def set_weight(*, template_code: str, number: int, weight: int, changed_by: str) -> VersionRow:
    """So large a share of those who get any variant; 0: nobody any more. Raises UnknownVersion, BadTemplate."""
    if not 0 <= weight <= 10_000:
        raise BadTemplate(field="weight", line=1, reason="a weight lies between 0 and 10,000", value="")
    known = get_version_by_number(template_code=template_code, number=number)
    with transaction.atomic():
        TemplateVersion.objects.filter(pk=known.id).update(weight=weight)
        _audit(changed_by, "content.weigh", f"{template_code} {number}")
    return get_version(version_id=known.id)


def get_version(*, version_id: int) -> VersionRow:
    """One version; raises UnknownVersion."""
    found = TemplateVersion.objects.filter(pk=version_id).select_related("template").first()
    if found is None:
        raise UnknownVersion(template_code="", version=version_id)
    return _version(found)


def get_version_by_number(*, template_code: str, number: int) -> VersionRow:
    """One version of a template; raises UnknownVersion."""
    found = TemplateVersion.objects.filter(template__code=template_code, number=number).select_related("template")
    row = found.first()
    if row is None:
        raise UnknownVersion(template_code=template_code, version=number)
    return _version(row)


def list_versions(*, template_code: str, states: Collection[str] = ("live", "draft", "waiting")) -> list[VersionRow]:
    """Versions of a template by channel, language, segment and variant, the newest of each first."""
    found = TemplateVersion.objects.filter(template__code=template_code.replace("\x00", ""), state__in=states)
    ordered = found.order_by("channel", "language", "segment_code", "variant", "-number")
    return [_version(one) for one in ordered.select_related("template")]


def list_live_forms(*, template_codes: Collection[str]) -> dict[str, set[tuple[str, str]]]:
    """Channels and languages that templates have words for now, by template; those without any are left out."""
    marks = list_version_marks(template_codes=template_codes)
    return {code: {(mark.channel, mark.language) for mark in own} for code, own in marks.items()}


def list_version_marks(*, template_codes: Collection[str]) -> dict[str, list[VersionMark]]:
    """Live versions without their words, by template; templates that were put away have none."""
    rows = TemplateVersion.objects.filter(
        template__code__in=[code for code in template_codes if "\x00" not in code],
        template__archived_at__isnull=True,
        state="live",
    )
    found: dict[str, list[VersionMark]] = {}
    for row in rows.select_related("template").only(
        "template__code", "channel", "language", "segment_code", "variant", "weight"
    ):
        mark = VersionMark(row.pk, row.channel, row.language, row.segment_code, row.variant, row.weight)
        found.setdefault(row.template.code, []).append(mark)
    return found


def list_versions_by_id(*, version_ids: Collection[int]) -> dict[int, VersionRow]:
    """Versions by number, whatever their state; unknown numbers are left out."""
    found = TemplateVersion.objects.filter(pk__in=list(version_ids)).select_related("template")
    return {row.pk: _version(row) for row in found}


def list_waiting_versions() -> list[VersionRow]:
    """Versions that wait for another person, the oldest first."""
    found = TemplateVersion.objects.filter(state="waiting").order_by("changed_at", "pk").select_related("template")
    return [_version(one) for one in found]


def _refuse_bad_place(version: NewVersion) -> None:
    reasons = (
        ("channel", version.channel not in FIELDS, "there is no such channel"),
        ("language", version.language not in LANGUAGES, "we write in English and Traditional Chinese"),
        ("variant", _VARIANT.fullmatch(version.variant) is None, "a variant has at most 32 letters and digits"),
        ("weight", not 0 <= version.weight <= 10_000, "a weight lies between 0 and 10,000"),
    )
    for field, is_wrong, reason in reasons:
        if is_wrong:
            raise BadTemplate(field=field, line=1, reason=reason, value="")


def _refuse_faults(version: VersionRow) -> None:
    for fault in faults_of(version=version):
        raise BadTemplate(field=fault.field, line=fault.line, reason=fault.reason, value=fault.value)


def _lock_version(template_code: str, number: int) -> TemplateVersion:
    found = (
        TemplateVersion.objects.select_for_update(no_key=True)
        .filter(template__code=template_code.replace("\x00", ""), number=number)
        .first()
    )
    if found is None:
        raise UnknownVersion(template_code=template_code, version=number)
    return found


def _template(one: Template) -> TemplateRow:
    return TemplateRow(
        id=one.pk,
        code=one.code,
        name=one.name,
        kind=one.kind,
        purpose=one.purpose,
        category_codes=tuple(one.category_codes),
        is_ready_made=one.is_ready_made,
        utm=dict(one.utm),
        is_archived=one.archived_at is not None,
    )


def _version(one: TemplateVersion) -> VersionRow:
    return VersionRow(
        id=one.pk,
        template_code=one.template.code,
        kind=one.template.kind,
        purpose=one.template.purpose,
        utm=dict(one.template.utm),
        number=one.number,
        channel=one.channel,
        language=one.language,
        segment_code=one.segment_code,
        variant=one.variant,
        weight=one.weight,
        content=dict(one.content),
        state=one.state,
        created_by=one.created_by,
        created_at=one.created_at,
        changed_at=one.changed_at,
        approved_by=one.approved_by,
        approved_at=one.approved_at,
    )


def _audit(actor: str, action: str, key: str) -> None:
    record_audit(actor=actor, action=action, subject_kind="template", subject_key=key)
