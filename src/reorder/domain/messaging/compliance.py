"""The shop's rules of compliance, and the words that people agree to; every change is a new row.

Pure values of it go to whoever decides about messages: ages, categories, and the hours within which law or custom of a
country allow marketing.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any, Final

from reorder.domain.messaging.compliance_models import CompliancePolicy, ConsentText
from reorder.domain.messaging.errors import BadPolicy

# Marketing by message is taken amiss, or forbidden, outside of these hours; first and last (excluded) on the person's
# clock. France asks for 8 to 20 on weekdays, the United States (TCPA) for 8 to 21; others follow custom.
QUIET_PRESETS: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {"*": (8, 21), "TW": (8, 21), "US": (8, 21), "FR": (8, 20), "DE": (8, 20), "JP": (8, 21)}
)
# What is forgotten by itself, and after how many days where the shop says nothing else.
KEPT_DAYS: Final[Mapping[str, int]] = MappingProxyType({"message_bodies": 400, "pending_consents": 30})
TEXT_KINDS: Final = ("signup", "notice")
_LONGEST_ADDRESS: Final = 300
_OLDEST: Final = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the shop laid down; see the model's fields. `quiet_hours`: first and last hour by country, * others."""

    postal_address: str = ""
    has_double_opt_in: bool = True
    minimum_age: int = 0
    asks_unknown_age: bool = False
    adult_years: int = 18
    adult_categories: tuple[str, ...] = ()
    sensitive_needs_consent: bool = True
    quiet_hours: Mapping[str, tuple[int, int]] = field(default_factory=lambda: dict(QUIET_PRESETS))
    kept_days: Mapping[str, int] = field(default_factory=lambda: dict(KEPT_DAYS))
    dkim_selectors: tuple[str, ...] = ()

    def waking_hours(self, *, country: str) -> tuple[int, int]:
        """First hour in which marketing may go to somebody of this country, and the first in which it may no more."""
        return self.quiet_hours.get(country) or self.quiet_hours.get("*") or (0, 24)

    def kept(self, *, kind: str) -> dt.timedelta:
        """How long facts of a kind are kept."""
        return dt.timedelta(days=self.kept_days.get(kind, KEPT_DAYS[kind]))


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A policy with who decided it."""

    policy: Policy
    decided_by: str
    decided_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class TextRow:
    """One version of the words that people agree to."""

    kind: str
    language: str
    version: str
    text: str
    made_at: dt.datetime
    made_by: str


def get_policy() -> Policy:
    """What holds now; the defaults where nobody decided yet."""
    return get_policy_row().policy


def get_policy_row() -> PolicyRow:
    """The same with who decided it."""
    rows = list_policies(limit=1)
    return rows[0] if rows else PolicyRow(policy=Policy(), decided_by="", decided_at=None)


def list_policies(*, limit: int = 20) -> list[PolicyRow]:
    """What held when, the latest first."""
    return [
        PolicyRow(policy=_policy(row), decided_by=row.decided_by, decided_at=row.decided_at)
        for row in CompliancePolicy.objects.order_by("-decided_at", "-pk")[:limit]
    ]


def save_policy(*, policy: Policy, decided_by: str, moment: dt.datetime) -> bool:
    """Lay down what holds from now on; False where it says what held already. Raises BadPolicy."""
    _judge(policy)
    if get_policy_row().decided_at is not None and get_policy() == policy:
        return False
    values = asdict(policy)
    CompliancePolicy.objects.create(
        **{
            **values,
            "adult_categories": list(policy.adult_categories),
            "dkim_selectors": list(policy.dkim_selectors),
            "quiet_hours": {country: list(hours) for country, hours in policy.quiet_hours.items()},
            "kept_days": dict(policy.kept_days),
        },
        decided_by=decided_by,
        decided_at=moment,
    )
    return True


def find_text(*, kind: str, language: str) -> TextRow | None:
    """The words of a kind that hold now in a language; None where the shop wrote none."""
    row = ConsentText.objects.filter(kind=kind, language=language).order_by("-made_at", "-pk").first()
    return _text(row) if row else None


def latest_texts() -> dict[tuple[str, str], TextRow]:
    """The words that hold now, by kind and language."""
    rows = ConsentText.objects.order_by("kind", "language", "-made_at", "-pk").distinct("kind", "language")
    return {(row.kind, row.language): _text(row) for row in rows}


def save_text(*, kind: str, language: str, text: str, made_by: str, moment: dt.datetime) -> str:
    """New words of a kind; the same words are the same version. Returns the version. Raises BadPolicy."""
    cleaned = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if kind not in TEXT_KINDS or not cleaned:
        raise BadPolicy(reason="the words that people agree to are empty")
    known = find_text(kind=kind, language=language)
    if known is not None and known.text == cleaned:
        return known.version
    count = ConsentText.objects.filter(kind=kind, language=language).count()
    version = f"{moment:%Y-%m-%d}.{count + 1}"
    ConsentText.objects.create(
        kind=kind, language=language, version=version, text=cleaned, made_at=moment, made_by=made_by
    )
    return version


def _judge(policy: Policy) -> None:
    if len(policy.postal_address) > _LONGEST_ADDRESS:
        raise BadPolicy(reason="the postal address is longer than 300 characters")
    if policy.minimum_age > _OLDEST or not 1 <= policy.adult_years <= _OLDEST:
        raise BadPolicy(reason="ages are between 0 and 25 years")
    for first, last in policy.quiet_hours.values():
        if not 0 <= first < last <= 24:
            raise BadPolicy(reason="an hour from which marketing may go lies before the one until which it may")
    if any(days < 1 for days in policy.kept_days.values()):
        raise BadPolicy(reason="what is kept is kept for a day at least")


def _policy(row: CompliancePolicy) -> Policy:
    hours: dict[str, Any] = row.quiet_hours
    return Policy(
        postal_address=row.postal_address,
        has_double_opt_in=row.has_double_opt_in,
        minimum_age=row.minimum_age,
        asks_unknown_age=row.asks_unknown_age,
        adult_years=row.adult_years,
        adult_categories=tuple(row.adult_categories),
        sensitive_needs_consent=row.sensitive_needs_consent,
        quiet_hours={country: (int(pair[0]), int(pair[1])) for country, pair in hours.items()},
        kept_days={kind: int(days) for kind, days in row.kept_days.items()},
        dkim_selectors=tuple(row.dkim_selectors),
    )


def _text(row: ConsentText) -> TextRow:
    return TextRow(row.kind, row.language, row.version, row.text, row.made_at, row.made_by)
