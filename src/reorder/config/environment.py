"""The typed reader of `REORDER_…` environment variables; a bad value stops the start with every fault named at once.

Each field of `Environment` is one setting; its metadata is what docs/reference/settings.md must say (tested).
"""

import datetime as dt
import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import croniter

from reorder.config.embedded_postgres import default_home
from reorder.kernel.errors import BadInput


class BadSettings(BadInput):
    code = "settings.bad"
    template = "The settings have faults:\n{faults}"


def _text(value: str) -> str:
    return value


def _company_prefix(value: str) -> str:
    if value and not re.fullmatch(r"\d{6,12}", value):
        raise ValueError("must be 6 to 12 digits, or empty")
    return value


def _path(value: str) -> Path:
    path = Path(value).expanduser()
    if not path.is_absolute():
        raise ValueError("must be an absolute path: a relative one names another folder wherever a command is run")
    return path


def _whole(value: str) -> int:
    if not re.fullmatch(r"\d{1,15}", value):
        raise ValueError("must be a whole number without sign")
    return int(value)


def _share(value: str) -> float:
    try:
        share = float(value)
    except ValueError:
        raise ValueError("must be a number between 0 and 1") from None
    if not 0 <= share < 1:
        raise ValueError("must be at least 0 and below 1")
    return share


def _optional_share(value: str) -> float | None:
    return _share(value) if value.strip() else None


def _cut_shares(value: str) -> tuple[float, ...]:
    try:
        cuts = tuple(float(part) for part in _names(value))
    except ValueError:
        cuts = ()
    if not 1 <= len(cuts) <= 9 or not all(low < high for low, high in itertools.pairwise((0.0, *cuts, 1.0))):
        raise ValueError("must be 1 to 9 rising shares between 0 and 1 with commas between, such as 0.2,0.4,0.6,0.8")
    return cuts


def _amount(value: str) -> Decimal:
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise ValueError("must be an amount in whole currency units, for example 30 or 12.50") from None
    if not amount.is_finite() or amount < 0:
        raise ValueError("must be zero or more")
    return amount


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not an IANA time zone such as Asia/Taipei") from None
    return value


def _currency(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", value):
        raise ValueError("must be a three-letter ISO 4217 code such as TWD")
    return value


def _country(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", value):
        raise ValueError("must be a two-letter ISO 3166 code such as TW")
    return value


def _countries(value: str) -> tuple[str, ...]:
    return tuple(_country(name) for name in _names(value))


def _language(value: str) -> str:
    if value not in {"en", "zh-hant"}:
        raise ValueError("must be en or zh-hant")
    return value


def _database_url(value: str) -> str:
    if value and urlsplit(value).scheme not in {"postgresql", "postgres"}:
        raise ValueError("must start with postgresql://")
    return value


def _mail_url(value: str) -> str:
    if urlsplit(value).scheme not in {"folder", "smtp", "smtps", "smtp+starttls"}:
        raise ValueError("must start with folder:, smtp://, smtps:// or smtp+starttls://")
    return value


def _mail_address(value: str) -> str:
    # Every mail is refused for good when its sender cannot be written, so it must not get that far.
    if not re.fullmatch(r"[!-?A-~]{1,64}@[!-?A-~]{1,190}", value) or re.search(r"[<>,;:]", value):
        raise ValueError("must be a bare address such as shop@example.org")
    return value


def _positive(value: str) -> int:
    number = _whole(value)
    if not number:
        raise ValueError("must be at least 1")
    return number


def _level(value: str) -> float:
    level = _share(value)
    if not level:
        raise ValueError("must be above 0 and below 1")
    return level


def _moment(value: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("must be an ISO moment such as 2026-11-22T18:30:00+00:00") from None


def _few_days(value: str) -> int:
    days = _whole(value)
    if days > 60:
        raise ValueError("must be a number of days from 0 to 60")
    return days


def _hour(value: str) -> int:
    hour = _whole(value)
    if hour > 23:
        raise ValueError("must be an hour from 0 to 23")
    return hour


def _switch(value: str) -> bool:
    if value not in {"on", "off"}:
        raise ValueError("must be on or off")
    return value == "on"


def _cron(value: str) -> str:
    if len(value.split()) != 5 or not croniter.is_valid(value):
        raise ValueError("must have five cron fields, for example 30 2 * * *")
    return value


def _bind(value: str) -> str:
    host, separator, port = value.rpartition(":")
    if not separator or not host or not re.fullmatch(r"\d{1,5}", port) or not 1 <= int(port) <= 65535:
        raise ValueError("must be an address and a port such as 127.0.0.1:8710 or [::1]:8710")
    return value


def _names(value: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(",") if name.strip())


def _networks(value: str) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(name, strict=False)) for name in _names(value))
    except ValueError:
        raise ValueError("must be addresses or networks such as 10.0.0.5 or 10.0.0.0/24, with commas between") from None


def _public_url(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/")):
        raise ValueError("must be an address such as https://reorder.example.org without a path")
    return value.rstrip("/")


def _page_url(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme != "https" or not parts.hostname):
        raise ValueError("must be the address of a page such as https://shop.example.org/terms")
    return value


def _carrier_links(value: str) -> tuple[str, ...]:
    """Each a carrier's name and the address of its tracking page: `T-Cat=https://…/{number}; Post=https://…`."""
    found = []
    for part in filter(None, (one.strip() for one in value.split(";"))):
        name, _, address = (text.strip() for text in part.partition("="))
        rest = address.replace("{number}", "")
        if not name or not address.startswith("https://") or "{" in rest or "}" in rest:
            raise ValueError("must be names with addresses, like T-Cat=https://example.com/{number}; Post=https://…")
        found.append(f"{name}={address}")
    return tuple(found)


def _setting(read: Callable[[str], Any], default: str, words: str) -> Any:
    return field(metadata={"read": read, "default": default, "words": words})


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One installation's settings; the variable of field `home` is `REORDER_HOME`, and so on."""

    home: Path | None = _setting(_path, "", "Folder of the embedded database, mail, imports and secrets.")
    database_url: str = _setting(_database_url, "", "Own PostgreSQL (16 or later) instead of the embedded one.")
    postgres_binaries: Path | None = _setting(_path, "", "Folder with PostgreSQL programs to use for the embedded one.")
    service_user: str = _setting(_text, "", "When started as root: the user that runs the embedded PostgreSQL.")
    secret_key: str = _setting(_text, "", "Signing key; empty: a random one is made and kept in the home folder.")
    time_zone: str = _setting(_time_zone, "Asia/Taipei", "The shop's time zone; its calendar decides what today is.")
    currency: str = _setting(_currency, "TWD", "The shop's currency (ISO 4217).")
    country: str = _setting(_country, "TW", "The shop's country (ISO 3166): its holidays count.")
    language: str = _setting(_language, "en", "Language of messages and terminal: en or zh-hant.")
    shop_name: str = _setting(_text, "My shop", "Name that customers and suppliers read in messages.")
    gs1_company_prefix: str = _setting(
        _company_prefix, "", "GS1 company prefix of the shop, 6 to 12 digits: pallets get numbers (SSCC) under it."
    )
    mail_url: str = _setting(
        _mail_url,
        "folder:",
        "Where mail goes: folder:/path (empty path: mail in the home folder) or smtp://user:pw@host.",
    )
    mail_from: str = _setting(_mail_address, "shop@localhost", "Sender address of all mail.")
    import_folder: Path | None = _setting(_path, "", "Folder whose files every night imports; empty: import in home.")
    import_maximum_bytes: int = _setting(_whole, "2147483648", "Largest file that is imported, in bytes.")
    import_maximum_unpacked_bytes: int = _setting(
        _whole, "8589934592", "Largest unpacked size of a compressed file (XLSX), in bytes: stops zip bombs."
    )
    night_cron: str = _setting(_cron, "30 2 * * *", "When the worker runs the night, in the shop's time zone.")
    learning_lines: int = _setting(
        _positive, "3000000", "Order lines the weekly learning reads at most; of a larger shop it samples customers."
    )
    worker_timeout_seconds: int = _setting(
        _positive, "30", "A worker not heard of for so long is dead: another one takes its jobs over."
    )
    horizon_days: int = _setting(_positive, "28", "How many days ahead demand is planned.")
    service_level: float = _setting(_level, "0.95", "Chance that stock lasts until the next delivery, by default.")
    review_days: int = _setting(_whole, "1", "Days between two looks at the stock.")
    holding_share_per_day: float = _setting(_share, "0.001", "Cost of holding one unit a day, as a share of its cost.")
    order_cost: Decimal = _setting(_amount, "30", "Cost of one purchase order line, in whole currency units.")
    messages_per_week: int = _setting(_whole, "2", "Marketing messages one customer gets in seven days at most.")
    reminder_minimum_share: float = _setting(
        _share, "0.25", "A reminder is planned only when its ±3-day window holds the purchase with this probability."
    )
    events_kept_days: int = _setting(
        _positive, "400", "Days that events (views, carts, searches) are kept; older ones are refused and deleted."
    )
    delivery_days: int = _setting(
        _few_days, "2", "Days from order to doorstep: a reminder goes out so many days before the product is needed."
    )
    message_cost: Decimal = _setting(
        _amount, "0", "Cost of one reminder, in whole currency units; one that is expected to win less is not sent."
    )
    assumed_margin_share: float | None = _setting(
        _optional_share,
        "",
        "Margin taken for a product of unknown cost, as a share of its price, where an offer must leave one; "
        "empty: such a product gets nothing off.",
    )
    holdout_share: float = _setting(
        _share,
        "0.1",
        "Share of customers whom each source of marketing (a journey, a campaign, the reminders) keeps back, to "
        "measure what it earns; holds until its page of results chooses another.",
    )
    rfm_cut_shares: tuple[float, ...] = _setting(
        _cut_shares,
        "0.2,0.4,0.6,0.8",
        "Where customers' ranks by recency, frequency and money are cut into scores; one more score than cuts.",
    )
    send_hour: int = _setting(
        _hour, "10", "Hour of the day at which reminders go out, on the customer's clock (the shop's where unknown)."
    )
    prices_include_tax: bool = _setting(
        _switch, "on", "on: prices of products include tax, as in Taiwan; off: tax is added to them."
    )
    portal: bool = _setting(
        _switch, "off", "on: customers can sign in under /shop/ by a link, order, and look at their orders."
    )
    terms_url: str = _setting(_page_url, "", "Page with the shop's terms, named where customers order; empty: none.")
    privacy_url: str = _setting(_page_url, "", "Page with the shop's privacy notice, named there too; empty: none.")
    transfer_account: str = _setting(
        _text, "", "Bank account that customers transfer to, as they read it; empty: no bank transfers are offered."
    )
    transfer_days: int = _setting(
        _positive, "3", "Days that an order waits for a bank transfer; then it is cancelled and its goods are free."
    )
    message_approval: bool = _setting(
        _switch, "off", "on: planned marketing messages wait until somebody approves them; off: they go at their hour."
    )
    alert_run_out_share: float = _setting(
        _level, "0.25", "An alert warns of running out before the next receipt from this probability on."
    )
    alert_excess_days: int = _setting(
        _positive, "60", "Stock that covers more than so many days beyond the order-up-to level is called excess."
    )
    alert_dead_days: int = _setting(_positive, "180", "Stock without a sale for so many days is called dead.")
    alert_expiry_days: int = _setting(
        _positive, "120", "Lots are looked at so many days before they expire: will they sell in time?"
    )
    alert_confirm_days: int = _setting(
        _few_days, "3", "A purchase order that its supplier has not confirmed for so many days is reported; 0: never."
    )
    alert_holdoff_minutes: int = _setting(
        _positive, "30", "At most one urgent message about alerts a person in so many minutes."
    )
    line_token: str = _setting(_text, "", "Channel access token of LINE, to send alerts by LINE; empty: no LINE.")
    line_url: str = _setting(_public_url, "https://api.line.me", "Address of LINE's Messaging API.")
    bind: str = _setting(_bind, "127.0.0.1:8710", "Address and port that the web server listens on.")
    tls_cert: Path | None = _setting(
        _path, "", "Certificate file (PEM) for HTTPS; empty: that of reorder certificate, where BIND is not loopback."
    )
    tls_key: Path | None = _setting(_path, "", "Key file (PEM) of the certificate.")
    trusted_proxies: tuple[str, ...] = _setting(
        _networks, "", "Addresses or networks of reverse proxies whose X-Forwarded headers are believed."
    )
    allowed_hosts: tuple[str, ...] = _setting(
        _names, "", "Host names under which pages are served, besides localhost; with commas between."
    )
    public_url: str = _setting(
        _public_url, "", "Address of the web pages in links and mail; empty: the address that is bound."
    )
    web_workers: int = _setting(_positive, "2", "Processes that serve pages.")
    api_requests_per_minute: int = _setting(_positive, "600", "Requests one API token may make in a minute.")
    cart_hold_minutes: int = _setting(_positive, "10", "Minutes for which a cart holds stock unless it says otherwise.")
    duplicate_hours: int = _setting(
        _whole, "24", "An order with the same goods of the same customer within so many hours is held; 0: never."
    )
    fraud_score: int = _setting(
        _whole, "50", "From so many points on an order is held for fraud (docs/explanation/order-life.md); 0: never."
    )
    fraud_value_factor: int = _setting(
        _whole, "10", "A first order of so many times the usual total counts as suspicious; 0: never."
    )
    fraud_orders_an_hour: int = _setting(
        _whole, "5", "From so many orders of one customer in an hour on they count as suspicious; 0: never."
    )
    receive_life_share: float = _setting(
        _share, "0.33", "Goods that come in must keep for this share of their shelf life, or the handheld asks."
    )
    late_letters: bool = _setting(
        _switch, "off", "on: customers of the portal get a mail when a parcel of theirs leaves later than was said."
    )
    silent_parcel_days: int = _setting(
        _positive, "3", "A parcel under way of which its carrier said nothing for so many days is late."
    )
    carrier_links: tuple[str, ...] = _setting(
        _carrier_links,
        "",
        "Tracking pages of carriers, by a part of the carrier's name: T-Cat=https://example.com/{number}; Post=https://…",
    )
    ship_countries: tuple[str, ...] = _setting(
        _countries, "", "Countries that parcels go to (TW,HK); orders to others are held. Empty: everywhere."
    )
    webhook_seconds: int = _setting(
        _positive, "15", "Seconds that a receiver of our webhooks may take to answer; then the attempt has failed."
    )
    webhook_failing_days: int = _setting(
        _positive, "5", "An endpoint whose every attempt failed for so many days is disabled, with an alert."
    )
    webhook_kept_days: int = _setting(
        _positive, "30", "Days that webhooks are kept, to look at them and to send them again."
    )
    journey_kept_days: int = _setting(
        _positive, "400", "Days that is kept what happened to customers in journeys, after they left them."
    )
    outgoing_networks: tuple[str, ...] = _setting(
        _networks, "", "Private networks that webhooks and feeds may reach; empty: none."
    )


def variable_of(*, name: str) -> str:
    """The environment variable of one field."""
    return f"REORDER_{name.upper()}"


def read_environment(*, source: Mapping[str, str]) -> Environment:
    """All settings from `source`; raises BadSettings that lists every fault, unknown `REORDER_…` names included."""
    values: dict[str, Any] = {}
    faults: list[str] = []
    for item in fields(Environment):
        variable = variable_of(name=item.name)
        text = source.get(variable, item.metadata["default"]).strip()
        try:
            values[item.name] = item.metadata["read"](text) if text or item.metadata["default"] else _empty(item)
        except ValueError as fault:
            faults.append(f"  {variable}={text!r} {fault}. {item.metadata['words']}")
    if clock := source.get(_CLOCK):
        try:
            _moment(clock)
        except ValueError as fault:
            faults.append(f"  {_CLOCK}={clock!r} {fault}.")
    _use_own_certificate(values)
    faults += _edge_faults(values)
    faults += [f"  {name} is not a setting. See docs/reference/settings.md." for name in _unknown(source)]
    if faults:
        raise BadSettings(faults="\n".join(faults))
    return Environment(**values)


def _empty(item: Any) -> str | tuple[str, ...] | None:
    kind = str(item.type)
    return None if "None" in kind else () if "tuple" in kind else ""


def _use_own_certificate(values: dict[str, Any]) -> None:
    """What `reorder certificate` made is used without being named, where another address than loopback is bound."""
    if not {"bind", "home", "tls_cert", "tls_key", "trusted_proxies"} <= values.keys() or _is_loopback(values["bind"]):
        return
    if values["tls_cert"] is None and values["tls_key"] is None and not values["trusted_proxies"]:
        folder = (values["home"] or default_home()) / "tls"
        made = {"tls_cert": folder / "server.crt", "tls_key": folder / "server.key"}
        if all(file.is_file() for file in made.values()):
            values.update(made)


def _is_loopback(bind: str) -> bool:
    host = bind.rpartition(":")[0].strip("[]")
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def _edge_faults(values: Mapping[str, Any]) -> list[str]:
    """Passwords and personal facts never cross a network in the clear: another address than loopback needs TLS."""
    if not {"bind", "tls_cert", "tls_key", "trusted_proxies"} <= values.keys():
        return []
    faults = []
    if (values["tls_cert"] is None) != (values["tls_key"] is None):
        faults.append("  REORDER_TLS_CERT and REORDER_TLS_KEY go together. Make both with: reorder certificate")
    faults += [
        f"  {variable_of(name=name)}={values[name]} does not exist."
        for name in ("tls_cert", "tls_key")
        if values[name] is not None and not values[name].is_file()
    ]
    if not _is_loopback(values["bind"]) and values["tls_cert"] is None and not values["trusted_proxies"]:
        faults.append(
            f"  REORDER_BIND={values['bind']} can be reached from other machines: make a certificate with reorder "
            "certificate, set REORDER_TLS_CERT and REORDER_TLS_KEY, or REORDER_TRUSTED_PROXIES when a proxy speaks TLS."
        )
    return faults


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


# Read elsewhere: the clock, and names that tests and tools use.
_CLOCK = "REORDER_CLOCK"
_OTHER_PREFIXES = ("REORDER_TEST_", "REORDER_BENCH_")


def _unknown(source: Mapping[str, str]) -> list[str]:
    known = {variable_of(name=item.name) for item in fields(Environment)} | {_CLOCK}
    return sorted(
        name
        for name in source
        if name.startswith("REORDER_") and name not in known and not name.startswith(_OTHER_PREFIXES)
    )


def describe_settings() -> list[tuple[str, str, str]]:
    """Variable, default and meaning of every setting, in the order of the class."""
    return [(variable_of(name=i.name), i.metadata["default"], i.metadata["words"]) for i in fields(Environment)]
