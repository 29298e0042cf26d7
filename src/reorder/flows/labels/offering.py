"""Who would take a parcel and for how much: every service of the shop with its account, judged and ordered."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from reorder.domain.shipping import accounts, queries
from reorder.domain.shipping.accounts import AccountRow
from reorder.domain.shipping.carriers import Carrier
from reorder.domain.shipping.carriers.faults import CarrierFault
from reorder.domain.shipping.carriers.values import ParcelToSend, RateAnswer
from reorder.domain.shipping.choosing import CarrierChoice, ServiceOffer, choose_service
from reorder.domain.shipping.label_errors import AccountSecretsUnreadable
from reorder.domain.shipping.rules import ServiceRow
from reorder.domain.staff.rules import Actor
from reorder.flows.labels.opening import SendOf, open_row
from reorder.flows.labels.pricing import price_in, price_of_table, standing_tariff
from reorder.flows.labels.shaping import facts_to_choose, parcel_to_send
from reorder.insights.parcel_facts import ParcelFactsRow, get_parcel_facts

# T-Cat to the door collects no money with ECPay; every other way is the carrier's business.
_NO_CASH: Final = {("ecpay", "TCAT")}


def choose_for_parcel(
    *, parcel_id: int, actor: Actor, moment: dt.datetime, send_of: SendOf | None = None
) -> CarrierChoice:
    """Every service judged for one parcel. Carriers with prices of their own are asked now. Raises UnknownParcel."""
    return choose_for_row(row=get_parcel_facts(parcel_id=parcel_id, actor=actor), moment=moment, send_of=send_of)


def choose_for_row(*, row: ParcelFactsRow, moment: dt.datetime, send_of: SendOf | None = None) -> CarrierChoice:
    """As `choose_for_parcel`, of a parcel that was read already."""
    offers = list_offers(row=row, moment=moment, send_of=send_of)
    return choose_service(parcel=facts_to_choose(row=row, moment=moment), offers=offers)


def choose_from_table(*, row: ParcelFactsRow, moment: dt.datetime) -> CarrierChoice:
    """As `choose_for_row`, at the prices of the shop's own table: no carrier is asked, a page is drawn at once."""
    offers, tariff = [], standing_tariff()
    for account, services in _grouped(row=row):
        if account is None or row.address is None:
            offers += [ServiceOffer(service=one) for one in services]
            continue
        parcel = parcel_to_send(row=row, account_settings=account.settings, reference="", series_number=0)
        offers += [
            _offer(account, one, rate=price_in(tariff=tariff, parcel=parcel, service_code=one.code)) for one in services
        ]
    return choose_service(parcel=facts_to_choose(row=row, moment=moment), offers=offers)


def list_offers(*, row: ParcelFactsRow, moment: dt.datetime, send_of: SendOf | None = None) -> list[ServiceOffer]:
    """The shop's services in use, each at the account that serves it at the parcel's place.

    An account that names a service comes before the embedded one, which serves all that nobody names.
    """
    offers: list[ServiceOffer] = []
    for account, services in _grouped(row=row):
        if account is None:
            offers += [ServiceOffer(service=one) for one in services]
        else:
            offers += _offers_of(account=account, services=services, row=row, moment=moment, send_of=send_of)
    return offers


def account_for(*, service_code: str, place_code: str) -> AccountRow | None:
    """The account at which labels of a service are bought for a place; None when there is none."""
    services = [one for one in queries.list_services() if one.code == service_code]
    return _accounts_by_service(services=services, place_code=place_code).get(service_code)


def _grouped(*, row: ParcelFactsRow) -> list[tuple[AccountRow | None, list[ServiceRow]]]:
    """Services in use by the account that serves them at the parcel's place; None: those that none serves."""
    services = [one for one in queries.list_services() if one.is_active]
    serving = _accounts_by_service(services=services, place_code=row.place_code)
    grouped: dict[int, list[ServiceRow]] = defaultdict(list)
    for one in services:
        grouped[serving[one.code].id if one.code in serving else 0].append(one)
    by_id = {account.id: account for account in serving.values()}
    return [(by_id.get(account_id), group) for account_id, group in grouped.items()]


def _accounts_by_service(*, services: Sequence[ServiceRow], place_code: str) -> dict[str, AccountRow]:
    known = accounts.list_accounts()
    if not any(one.is_own for one in known):
        known = [accounts.ensure_own_account(), *known]
    standing = [one for one in known if one.is_active]
    # Accounts that name the service first, those for certain places before those for all.
    standing.sort(key=lambda one: (not one.services, not one.places, one.name))
    found: dict[str, AccountRow] = {}
    for service in services:
        fitting = [one for one in standing if one.serves(service_code=service.code, place_code=place_code)]
        if fitting:
            found[service.code] = fitting[0]
    return found


def _offers_of(
    *,
    account: AccountRow,
    services: Sequence[ServiceRow],
    row: ParcelFactsRow,
    moment: dt.datetime,
    send_of: SendOf | None,
) -> list[ServiceOffer]:
    if row.address is None:
        return [_offer(account, one, fault="it has no address to go to") for one in services]
    parcel = parcel_to_send(row=row, account_settings=account.settings, reference="", series_number=0)
    try:
        carrier = open_row(row=account, moment=moment, send_of=send_of)
        rates = _rates(carrier=carrier, parcel=parcel, codes=[one.code for one in services])
    except (CarrierFault, AccountSecretsUnreadable) as fault:
        return [_offer(account, one, fault=str(fault)) for one in services]
    return [_offer(account, one, rate=rates.get(one.code)) for one in services]


def _rates(*, carrier: Carrier, parcel: ParcelToSend, codes: Sequence[str]) -> Mapping[str, RateAnswer]:
    """The carrier's own prices; of one that says none those of the shop's table."""
    if carrier.capabilities.rates:
        return {one.service_code: one for one in carrier.rate(parcel=parcel, service_codes=codes)}
    found = (price_of_table(parcel=parcel, service_code=code) for code in codes)
    return {one.service_code: one for one in found if one is not None}


def _offer(
    account: AccountRow, service: ServiceRow, *, rate: RateAnswer | None = None, fault: str = ""
) -> ServiceOffer:
    return ServiceOffer(
        service=service,
        account_id=account.id,
        account_name=account.name,
        cost_minor=rate.cost_minor if rate else None,
        currency=rate.currency if rate else "",
        days=rate.days if rate else None,
        takes_hazard=account.settings.get("takes_hazard") == "yes",
        collects=(account.adapter, account.services.get(service.code, "")) not in _NO_CASH,
        fault=fault,
    )
