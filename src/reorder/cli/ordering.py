"""`reorder release`, `refuse`, `automatic`: the second person's word, and ordering without a person."""

import getpass
from typing import Annotated, Any

import typer
from django.utils.translation import gettext as _

from reorder.cli.screen import Entry, head, local_time, say, show_entries, show_json
from reorder.cli.start import start_application
from reorder.kernel.errors import BadInput


class BadSwitch(BadInput):
    code = "automatic.bad_switch"
    template = "Say --stop or --go, not both."


_By = Annotated[str, typer.Option("--by", help="Who decides.", default_factory=getpass.getuser, show_default="you")]
_Number = Annotated[str, typer.Argument(help="Number of the purchase order, for example PO-2026-000123.")]


def release(number: _Number, *, by: _By) -> None:
    """Agree to an order above the limit, as a second, different person: it goes out."""
    start_application()
    from reorder.flows import restock
    from reorder.kernel import clock

    order = restock.release_order(number=number, decided_by=by, moment=clock.current_moment())
    say(_("{number} is ordered, expected {date}.").format(number=order.number, date=order.expected_date))


def refuse(
    number: _Number, *, reason: Annotated[str, typer.Option(help="Why; it stays with the order.")] = "", by: _By
) -> None:
    """Refuse an order above the limit, as a second person: it never goes out, its proposals are open again."""
    start_application()
    from reorder.flows import restock
    from reorder.kernel import clock

    restock.refuse_order(number=number, decided_by=by, moment=clock.current_moment(), reason=reason)
    say(_("{number} is refused; its proposals are open again.").format(number=number))


def automatic(
    *,
    stop: Annotated[bool, typer.Option("--stop", help="Order nothing without a person from now on.")] = False,
    go: Annotated[bool, typer.Option("--go", help="Let automatic ordering go on.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    by: _By,
) -> None:
    """What was ordered without a person after the last nights, and what was not and why; or stop it."""
    if stop and go:
        raise BadSwitch
    start_application()
    from reorder.domain.purchasing import operations, queries

    if stop or go:
        operations.switch_automatic(is_stopped=stop, decided_by=by)
    policy = queries.get_buying_policy()
    checks = queries.list_automatic_checks(limit=20)
    if as_json:
        show_json(
            {
                "is_stopped": policy.is_automatic_stopped,
                "suppliers": [
                    {name: getattr(one, name) for name in one.__slots__} for one in queries.list_automatic_suppliers()
                ],
                "checks": [{name: getattr(row, name) for name in row.__slots__} for row in checks],
            }
        )
        return
    say(_("Stopped: nothing is ordered without a person.") if policy.is_automatic_stopped else _("Not stopped."))
    names = ", ".join(one.code for one in queries.list_automatic_suppliers())
    say(_("Suppliers that are ordered from without a person: {names}").format(names=names or _("none")))
    if checks:
        head(_("After the last nights"))
        show_entries(
            [
                Entry(
                    title=f"{row.supplier_code}  {row.supplier_name}",
                    facts=[local_time(row.checked_at), *row.ordered_numbers],
                    reason=_reasons(row.outcome_code, row.outcome_parameters, row.left),
                )
                for row in checks
            ]
        )


def _reasons(code: str, parameters: dict[str, str], left: list[dict[str, Any]]) -> str:
    from reorder.engine.reasons import TEMPLATES, render

    said = [render(code=code, parameters=parameters, translate=_)]
    for line in left[:20]:
        # A line that shares the outcome of all is not said again.
        if line["code"] != code and line["code"] in TEMPLATES:
            words = render(code=line["code"], parameters=line["parameters"], translate=_)
            said.append(f"{line['sku']}: {words}")
    return " ".join(said)


def register(app: typer.Typer) -> None:
    for command in (release, refuse, automatic):
        app.command()(command)
