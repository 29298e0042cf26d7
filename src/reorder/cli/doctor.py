"""`reorder doctor`: is everything well, and if not, what to do."""

from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer
from django.utils.translation import gettext as _

from reorder.cli.language import word
from reorder.cli.screen import head, say, show_json, show_table
from reorder.cli.start import start_application
from reorder.kernel.quantity import grouped_decimal

if TYPE_CHECKING:
    from reorder.insights.promise_proof import Proof

# Figures of the proof, said in words.
FIGURE_TEMPLATES = (
    "allocated",
    "allocations",
    "beyond stock",
    "held",
    "moves",
    "on hand",
    "ordered",
    "picked",
    "promised",
    "waiting",
)


def doctor(
    *,
    ledger: Annotated[
        bool, typer.Option("--ledger", help="Prove that stock, promises and orders equal the ledger.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """Check database, ledger, settings, mail, nights and worker. Exit code 1 when something is wrong."""
    start_application()
    if ledger:
        _prove(as_json=as_json)
    else:
        _examine(as_json=as_json)


def _examine(*, as_json: bool) -> None:
    from reorder.insights.health import examine
    from reorder.kernel import clock

    checks = examine(moment=clock.current_moment())
    if as_json:
        show_json([{"name": c.name, "is_well": c.is_well, "found": c.found, "mend": c.mend} for c in checks])
    else:
        rows = [[_("ok") if c.is_well else _("WRONG"), word(c.name), c.found, c.mend] for c in checks]
        show_table(columns=["", _("what"), _("found"), _("how to mend")], rows=rows)
        wrong = sum(not c.is_well for c in checks)
        say(_("Everything is well.") if not wrong else _("{count} things need you.").format(count=wrong))
    if not all(c.is_well for c in checks):
        raise typer.Exit(1)


def _prove(*, as_json: bool) -> None:
    from reorder.insights.promise_proof import prove_ledger

    proof = prove_ledger()
    if as_json:
        show_json(
            {
                "is_proved": proof.is_proved,
                "compared": asdict(proof.compared),
                "levels": [asdict(one) for one in proof.levels],
                "promises": [asdict(one) for one in proof.promises],
                "bins": [asdict(one) for one in proof.bins],
            }
        )
    else:
        _show_proof(proof)
    if not proof.is_proved:
        raise typer.Exit(1)


def _show_proof(proof: "Proof") -> None:
    counted = {name: f"{count:,}" for name, count in asdict(proof.compared).items()}
    say(
        _(
            "Compared {moves} moves with {levels} levels, {allocations} allocations and {holds} holds; "
            "{orders} orders and {backorders} backorders with what is promised to them; {bins} bins with the stock "
            "of their places and with their own moves."
        ).format(**counted)
    )
    if proof.levels:
        head(_("Levels that are not what their moves, allocations or holds sum to"))
        show_table(
            columns=[_("SKU"), _("where"), _("lot"), _("figure"), _("the rows sum to"), _("the level says")],
            rows=[
                [one.sku, one.location, one.lot, word(one.figure), _units(one.ledger_units), _units(one.level_units)]
                for one in proof.levels
            ],
            right={4, 5},
        )
    if proof.promises:
        head(_("Promises that are not as their orders say"))
        show_table(
            columns=[_("order"), _("SKU"), _("place"), _("figure"), _("the order says"), _("stock says")],
            rows=[
                [
                    one.order_key or one.demand_key,
                    one.sku,
                    one.place,
                    word(one.figure),
                    _units(one.ordered_units),
                    _units(one.promised_units),
                ]
                for one in proof.promises
            ],
            right={4, 5},
        )
    _show_bins(proof)
    wrong = len(proof.levels) + len(proof.promises) + len(proof.bins)
    say(
        _("Proved: all of it is equal.")
        if proof.is_proved
        else _(
            "{count} differences. Correct goods by a count, promises by cancelling or placing the order again."
        ).format(count=wrong)
    )


def _show_bins(proof: "Proof") -> None:
    if not proof.bins:
        return
    head(_("Bins that hold more than their place has, or not what their moves sum to"))
    show_table(
        columns=[_("SKU"), _("bin"), _("owner"), _("lot"), _("figure"), _("the ledger says"), _("the bins say")],
        rows=[
            [one.sku, one.bin, one.owner, one.lot, word(one.figure), _units(one.ledger_units), _units(one.bin_units)]
            for one in proof.bins
        ],
        right={5, 6},
    )


def _units(number: Decimal) -> str:
    return grouped_decimal(number=number)


def register(app: typer.Typer) -> None:
    app.command()(doctor)
