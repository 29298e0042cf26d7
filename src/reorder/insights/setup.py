"""What the desk Setup shows: places with what closing them would mean, settings with their source, where mail goes."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Final

from django.conf import settings
from django.utils.translation import gettext

from reorder.domain.channels.webhook_endpoints import count_failing
from reorder.domain.inventory import queries as inventory
from reorder.domain.inventory.queries import PlaceRow, PlaceStock
from reorder.domain.orders.price_rules import count_price_rules
from reorder.domain.purchasing import queries as purchasing
from reorder.domain.purchasing.queries import BuyingAhead
from reorder.domain.staff import queries as staff
from reorder.domain.staff.queries import AuditRow, UserRow
from reorder.domain.staff.rules import Ability, Actor
from reorder.kernel.clock import current_moment

# Settings by what they are about; one that is named nowhere comes last, so that none can be forgotten.
_GROUPS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("shop", ("shop_name", "currency", "language", "time_zone", "gs1_company_prefix")),
    ("prices", ("prices_include_tax", "transfer_account", "transfer_days")),
    ("mail", ("mail_url", "mail_from", "public_url")),
    ("plan", ("night_cron", "horizon_days", "service_level", "review_days", "holding_share_per_day", "order_cost")),
    (
        "reminders",
        (
            "send_hour",
            "messages_per_week",
            "reminder_minimum_share",
            "delivery_days",
            "message_cost",
            "holdout_share",
            "message_approval",
        ),
    ),
    (
        "alerts",
        (
            "alert_run_out_share",
            "alert_excess_days",
            "alert_dead_days",
            "alert_expiry_days",
            "alert_confirm_days",
            "alert_holdoff_minutes",
            "line_token",
            "line_url",
        ),
    ),
    (
        "orders",
        (
            "duplicate_hours",
            "fraud_score",
            "fraud_value_factor",
            "fraud_orders_an_hour",
            "late_letters",
            "silent_parcel_days",
            "carrier_links",
            "ship_countries",
        ),
    ),
    ("webhooks", ("webhook_seconds", "webhook_failing_days", "webhook_kept_days", "outgoing_networks")),
    ("web", ("bind", "tls_cert", "tls_key", "trusted_proxies", "allowed_hosts", "web_workers")),
)
_REST: Final = "server"
_SECRET: Final = frozenset({"secret_key", "line_token"})
_PASSWORD: Final = re.compile(r"(?<=://)([^/@:]*):([^@]*)@")


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One place and what it holds; `stock` is None where nothing ever was."""

    place: PlaceRow
    stock: PlaceStock | None


@dataclass(frozen=True, slots=True)
class PlacePage:
    """A place, and everything that closing it would touch."""

    place: PlaceRow
    stock: PlaceStock | None
    ahead: BuyingAhead
    limited_to: list[str]


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting as it is in force; `value` of a secret says only whether there is one."""

    variable: str
    value: str
    default: str
    words: str
    is_given: bool


@dataclass(frozen=True, slots=True)
class SettingGroup:
    name: str
    rows: list[SettingRow]


@dataclass(frozen=True, slots=True)
class MailWay:
    """Where mail goes; `host` and `user` are empty for a folder, `folder` for a server."""

    kind: str
    folder: str
    host: str
    user: str
    sender: str
    public_url: str


@dataclass(frozen=True, slots=True)
class UserLine:
    """One person, and how many apps and passkeys guard the account."""

    user: UserRow
    factors_count: int


@dataclass(frozen=True, slots=True)
class SetupCounts:
    """Figures of the cards; None where the actor may not look."""

    places_count: int | None = None
    suppliers_count: int | None = None
    users_count: int | None = None
    unguarded_count: int | None = None
    tokens_count: int | None = None
    failing_webhooks_count: int | None = None
    price_rules_count: int | None = None
    latest: AuditRow | None = None


def list_places(*, actor: Actor) -> list[PlaceLine]:
    """Every place with its stock. Raises NotAllowed."""
    actor.require(Ability.MANAGE_PLACES)
    stock = inventory.sum_stock_of_places()
    return [PlaceLine(place=place, stock=stock.get(place.code)) for place in inventory.list_every_place()]


def get_place_page(*, actor: Actor, place_id: int) -> PlacePage:
    """One place and the consequences of closing it. Raises NotAllowed, UnknownPlace."""
    actor.require(Ability.MANAGE_PLACES)
    place = inventory.get_place(place_id=place_id)
    return PlacePage(
        place=place,
        stock=inventory.find_stock_of_place(place_code=place.code),
        ahead=purchasing.count_buying_at(place_code=place.code),
        limited_to=staff.list_limited_to(place_code=place.code),
    )


def list_people(*, actor: Actor) -> list[UserLine]:
    """Everybody, with the number of second factors. Raises NotAllowed."""
    actor.require(Ability.MANAGE_USERS)
    factors = staff.count_second_factors()
    return [UserLine(user=user, factors_count=factors.get(user.id, 0)) for user in staff.list_users()]


def get_person(*, actor: Actor, user_id: int) -> UserLine:
    """One person. Raises NotAllowed, UnknownUser."""
    actor.require(Ability.MANAGE_USERS)
    user = staff.get_user_of_id(user_id=user_id)
    return UserLine(user=user, factors_count=staff.count_second_factors().get(user.id, 0))


def count_setup(*, actor: Actor) -> SetupCounts:
    """What the cards of the desk say, as far as this actor may know it."""
    people = list_people(actor=actor) if actor.may(Ability.MANAGE_USERS) else None
    active = [line for line in people or () if line.user.is_active]
    latest = staff.list_audit(limit=1) if actor.may(Ability.VIEW_AUDIT) else []
    tokens = staff.list_tokens() if actor.may(Ability.MANAGE_TOKENS) else None
    return SetupCounts(
        places_count=len(inventory.list_places()) if actor.may(Ability.MANAGE_PLACES) else None,
        suppliers_count=purchasing.count_suppliers() if actor.may(Ability.MANAGE_SUPPLIERS) else None,
        users_count=len(active) if people is not None else None,
        unguarded_count=sum(not line.factors_count for line in active) if people is not None else None,
        tokens_count=sum(not row.revoked_at for row in tokens) if tokens is not None else None,
        failing_webhooks_count=count_failing() if actor.may(Ability.VIEW_WEBHOOKS) else None,
        price_rules_count=count_price_rules(moment=current_moment()) if actor.may(Ability.MANAGE_PRICES) else None,
        latest=latest[0] if latest else None,
    )


def list_settings(*, actor: Actor) -> list[SettingGroup]:
    """Every setting of this installation, by what it is about; passwords are never told. Raises NotAllowed."""
    actor.require(Ability.VIEW_SETTINGS)
    options = settings.REORDER
    rows = {item.name: _setting(item.name, item.metadata) for item in fields(options)}
    named = {name for _, names in _GROUPS for name in names}
    groups = [*_GROUPS, (_REST, tuple(name for name in rows if name not in named))]
    return [SettingGroup(name=title, rows=[rows[n] for n in names if n in rows]) for title, names in groups]


def get_mail_way(*, actor: Actor) -> MailWay:
    """Where mail goes by the settings. Raises NotAllowed."""
    actor.require(Ability.VIEW_SETTINGS)
    options = settings.REORDER
    scheme, _, rest = options.mail_url.partition(":")
    is_folder = scheme == "folder"
    address = rest.removeprefix("//")
    user, has_user, host = address.rpartition("@")
    return MailWay(
        kind=scheme,
        folder=(address or str(settings.HOME / "mail")) if is_folder else "",
        host="" if is_folder else host.partition("?")[0],
        user=user.partition(":")[0] if has_user and not is_folder else "",
        sender=options.mail_from,
        public_url=options.public_url,
    )


def walk_audit(*, actor: Actor, person: str, action: str, subject_kind: str, subject_key: str) -> Iterator[AuditRow]:
    """All entries that fit, the newest first, read a thousand at a time. Raises NotAllowed."""
    actor.require(Ability.VIEW_AUDIT)
    before_id: int | None = None
    while rows := staff.list_audit(
        before_id=before_id,
        actor=person,
        action=action,
        subject_kind=subject_kind,
        subject_key=subject_key,
        limit=1000,
    ):
        yield from rows
        before_id = rows[-1].id


def mask_password(*, text: str) -> str:
    """An address without its password: `smtp://shop:***@mail.example`."""
    return _PASSWORD.sub(r"\1:***@", text)


def _setting(name: str, metadata: Mapping[str, object]) -> SettingRow:
    variable = f"REORDER_{name.upper()}"
    return SettingRow(
        variable=variable,
        value=_said(name, getattr(settings.REORDER, name)),
        default=str(metadata["default"]),
        words=gettext(str(metadata["words"])),
        is_given=bool(os.environ.get(variable)),
    )


def _said(name: str, value: object) -> str:
    if name in _SECRET:
        return "***" if value else ""
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value)
    return "" if value is None else mask_password(text=str(value))
