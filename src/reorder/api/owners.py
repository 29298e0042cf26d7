"""Owners of goods that we store for, and what their months come to."""

from decimal import Decimal
from typing import Annotated

from ninja import Path, Router, Schema
from pydantic import Field, StringConstraints

from reorder.api.access import ApiRequest, reads
from reorder.api.fields import ExactUnits
from reorder.domain.inventory import owners
from reorder.domain.inventory.owner_rules import CHARGES, OwnerRow
from reorder.domain.staff.errors import NotAllowed
from reorder.domain.staff.rules import Ability
from reorder.flows.owners import make_statement
from reorder.kernel import clock

router = Router(tags=["owners"])
Code = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[^\x00]*$")]
Month = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}$")]


class Charge(Schema):
    """What one kind of work costs."""

    charge: str = Field(description="litre_day, received_unit, shipped_order, picked_unit, parcel or returned_unit.")
    rate_minor: str = Field(description="Minor units of the shop's currency, with up to four decimals.")


class Owner(Schema):
    """A shop whose goods are stored here."""

    code: str
    name: str
    is_active: bool
    charges: list[Charge]


class OwnerList(Schema):
    """Every owner, those in use first."""

    items: list[Owner]


class StatementLine(Schema):
    """One line of a statement."""

    charge: str
    quantity: ExactUnits
    rate_minor: str
    amount_minor: int


class StoredGoods(Schema):
    """A product with its units on hand summed over the ends of the days."""

    sku: str
    unit_days: ExactUnits
    unit_mm3: int | None = Field(description="Null: nobody has said its size, and its storage is charged nothing.")


class OwnerStatement(Schema):
    """What a month of storing and shipping comes to, from the stock ledger."""

    owner: str
    month: str
    days: int = Field(description="Days whose end is counted for storage.")
    is_running: bool = Field(description="The month is not over: so far.")
    currency: str
    lines: list[StatementLine]
    total_minor: int
    stored: list[StoredGoods]
    unsized_skus: list[str]


@reads(router, "/owners", ability=Ability.VIEW_STOCK, answer=OwnerList, summary="List the owners of goods stored here")
def list_owners(request: ApiRequest) -> OwnerList:
    _refuse_limited(request)
    return OwnerList(items=[_owner(one) for one in owners.list_owners()])


@reads(
    router,
    "/owners/{code}/statement",
    ability=Ability.VIEW_STOCK,
    answer=OwnerStatement,
    summary="Show what a month of storing and shipping comes to",
)
def get_owner_statement(request: ApiRequest, code: Path[Code], month: Month) -> OwnerStatement:
    _refuse_limited(request)
    made = make_statement(code=code, month=month, moment=clock.current_moment())
    return OwnerStatement(
        owner=made.owner.code,
        month=made.month,
        days=made.days,
        is_running=made.is_running,
        currency=made.currency,
        lines=[
            StatementLine(
                charge=line.charge,
                quantity=line.quantity,
                rate_minor=_plain(line.rate_minor),
                amount_minor=line.amount_minor,
            )
            for line in made.charged.lines
        ],
        total_minor=made.charged.total_minor,
        stored=[StoredGoods(sku=one.sku, unit_days=one.unit_days, unit_mm3=one.unit_mm3) for one in made.stored],
        unsized_skus=list(made.charged.unsized_skus),
    )


def _refuse_limited(request: ApiRequest) -> None:
    """A statement tells of all places. Raises NotAllowed for a token of some places only."""
    if request.auth.place_codes:
        raise NotAllowed(actor=request.auth.name, ability=Ability.VIEW_STOCK.value.replace("_", " "))


def _owner(row: OwnerRow) -> Owner:
    charges = [Charge(charge=name, rate_minor=_plain(row.rates[name])) for name in CHARGES]
    return Owner(code=row.code, name=row.name, is_active=row.is_active, charges=charges)


def _plain(rate: Decimal) -> str:
    return f"{rate:.4f}"
