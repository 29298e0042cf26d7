"""`reorder commitments`, `bundles`, `regions`: what the demand plan counts beside its forecast, from the terminal."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from django.utils.translation import gettext as _

from reorder.cli.language import word
from reorder.cli.screen import say, show_json, show_table
from reorder.cli.start import start_application
from reorder.kernel.errors import BadInput
from reorder.kernel.formatting import format_units

if TYPE_CHECKING:
    from reorder.flows.demand_plan.files import ListReport

commitments = typer.Typer(help="Demand that is promised or planned already.", no_args_is_help=True)
bundles = typer.Typer(help="Bundles and what they are made of.", no_args_is_help=True)
regions = typer.Typer(help="Which place serves which region.", no_args_is_help=True)

_File = Annotated[Path, typer.Argument(help="A CSV, TSV, Parquet or XLSX file.")]
_Trial = Annotated[bool, typer.Option("--dry-run", help="Only say what would happen; change nothing.")]
_Json = Annotated[bool, typer.Option("--json", help="Machine-readable.")]
_By = Annotated[str, typer.Option("--by", help="Who decides.", default_factory=getpass.getuser, show_default="you")]
_REFUSED_SHOWN = 20


class SomeRefused(BadInput):
    code = "lists.some_refused"
    template = "{count} rows were refused; the lines above say why. The others were taken."


class UnknownRegion(BadInput):
    code = "regions.unknown"
    template = "There is no region {number}. See: reorder regions list"


@commitments.command("import")
def import_commitments(*, file: _File, dry_run: _Trial = False, as_json: _Json = False, by: _By) -> None:
    """Take recurring orders, pre-orders, campaigns and price changes: kind, key, sku, date and units a row."""
    start_application()
    from django.conf import settings

    from reorder.flows.demand_plan.files import import_commitments as take
    from reorder.kernel import clock

    report = take(
        path=file,
        today=clock.current_date(time_zone=settings.REORDER.time_zone),
        moment=clock.current_moment(),
        decided_by=by,
        is_trial=dry_run,
    )
    _show(report, said=_("{read} rows read, {taken} commitments, {changed} of them changed."), as_json=as_json)


@commitments.command("list")
def list_commitments(
    *,
    kind: Annotated[str, typer.Option(help="recurring_order, pre_order, campaign, reminder or price_change.")] = "",
    as_json: _Json = False,
) -> None:
    """What stands, with its days, units and how uncertain it is."""
    start_application()
    from reorder.domain.planning.commitments import list_commitments as list_rows

    rows = list_rows(places=frozenset(), kind=kind, limit=1000)
    if as_json:
        show_json(
            [
                {
                    "kind": row.kind,
                    "key": row.key,
                    "from_date": row.from_date,
                    "until_date": row.until_date,
                    "units": row.units,
                    "deviation_units": row.deviation_units,
                    "subjects": list(row.subjects),
                    "author": row.author,
                    "reason": row.reason,
                }
                for row in rows
            ]
        )
        return
    if not rows:
        say(_("Nothing is committed. Take a file: reorder commitments import FILE"))
        return
    table = [
        [
            word(row.kind),
            row.key,
            row.from_date.isoformat(),
            row.until_date.isoformat(),
            format_units(row.units),
            f"± {format_units(row.deviation_units)}" if row.deviation_units else "",
            str(len(row.subjects)),
        ]
        for row in rows
    ]
    columns = [_("kind"), _("key"), _("from"), _("until"), _("units"), _("deviation"), _("products")]
    show_table(columns=columns, rows=table, right={4, 5, 6})


@commitments.command("withdraw")
def withdraw(
    *,
    kind: Annotated[str, typer.Argument(help="Kind of the commitment.")],
    key: Annotated[str, typer.Argument(help="Its key.")],
    by: _By,
) -> None:
    """Take back what is committed from today on; days gone by stay."""
    start_application()
    from django.conf import settings

    from reorder.flows.demand_plan.committing import withdraw_demand
    from reorder.kernel import clock

    done = withdraw_demand(
        kind=kind,
        key=key,
        from_date=clock.current_date(time_zone=settings.REORDER.time_zone),
        moment=clock.current_moment(),
        decided_by=by,
    )
    say(_("{count} days withdrawn.").format(count=done.withdrawn_count))


@bundles.command("import")
def import_bundles(*, file: _File, dry_run: _Trial = False, as_json: _Json = False, by: _By) -> None:
    """Take bundles: bundle_sku, component_sku and units a row; a bundle is taken whole or not at all."""
    start_application()
    from reorder.flows.demand_plan.files import import_bundles as take

    report = take(path=file, decided_by=by, is_trial=dry_run)
    _show(report, said=_("{read} rows read, {taken} bundles, {changed} of them changed."), as_json=as_json)


@bundles.command("list")
def list_bundles(*, as_json: _Json = False) -> None:
    """Every bundle and what it is made of."""
    start_application()
    from reorder.domain.catalog.bundles import list_bundles as list_rows

    rows = list_rows(limit=10_000)
    if as_json:
        show_json([{"sku": row.sku, "components": {one.sku: one.units for one in row.components}} for row in rows])
        return
    if not rows:
        say(_("There are no bundles. Take a file: reorder bundles import FILE"))
        return
    table = [
        [row.sku, row.name, ", ".join(f"{format_units(float(one.units))} × {one.sku}" for one in row.components)]
        for row in rows
    ]
    show_table(columns=[_("bundle"), _("name"), _("made of")], rows=table)


@regions.command("list")
def list_regions(*, as_json: _Json = False) -> None:
    """Which place serves which region; demand of an order belongs there, wherever stock lay."""
    start_application()
    from reorder.domain.planning.regions import list_regions as list_rows

    rows = list_rows()
    if as_json:
        show_json(
            [
                {"id": row.id, "country": row.country, "postcode": row.postcode_start, "place": row.place_code}
                for row in rows
            ]
        )
        return
    if not rows:
        say(_("No region is set: demand belongs to the place that a line names, else to the only place."))
        return
    table = [
        [str(row.id), row.country or _("any"), f"{row.postcode_start}…" if row.postcode_start else "", row.place_code]
        for row in rows
    ]
    show_table(columns=[_("number"), _("country"), _("postcode"), _("place")], rows=table, right={0})


@regions.command("set")
def set_region(
    *,
    place: Annotated[str, typer.Argument(help="Code of the place that serves it.")],
    country: Annotated[str, typer.Option(help="Two letters, such as TW; without it any country.")] = "",
    postcode: Annotated[str, typer.Option(help="How its postcodes begin; without it all of them.")] = "",
    by: _By,
) -> None:
    """Set which place serves a region; without country and postcode it is the default place."""
    start_application()
    from reorder.flows import serving

    row = serving.set_region(country=country, postcode_start=postcode, place_code=place, decided_by=by)
    name = f"{row.country} {row.postcode_start}".strip() or _("everything else")
    say(_("{place} serves {region}. For past orders too: reorder regions apply").format(place=place, region=name))


@regions.command("remove")
def remove_region(*, number: Annotated[int, typer.Argument(help="Number of the region.")], by: _By) -> None:
    """Forget a region."""
    start_application()
    from reorder.flows import serving

    if not serving.remove_region(region_id=number, decided_by=by):
        raise UnknownRegion(number=number)
    say(_("The region is forgotten."))


@regions.command("apply")
def apply_regions(*, by: _By) -> None:
    """Give the demand of all past orders to the places that serve them now; the next night plans by it."""
    start_application()
    from reorder.flows import serving

    say(_("{count} order lines moved.").format(count=f"{serving.serve_past_orders(decided_by=by):,}"))


def _show(report: "ListReport", *, said: str, as_json: bool) -> None:
    if as_json:
        show_json(
            {
                "read": report.rows_read,
                "taken": report.taken_count,
                "changed": report.changed_count,
                "refused": [
                    {"row": one.number, "reason": one.reason.format(value=one.value)} for one in report.refused
                ],
            }
        )
    else:
        say(said.format(read=report.rows_read, taken=report.taken_count, changed=report.changed_count))
        for one in report.refused[:_REFUSED_SHOWN]:
            reason = _(one.reason).format(value=one.value) if "{value}" in one.reason else _(one.reason)
            say("  " + _("row {row}: {reason}").format(row=one.number, reason=reason))
    if report.refused:
        raise SomeRefused(count=len(report.refused))


def register(app: typer.Typer) -> None:
    """Add this part's commands."""
    app.add_typer(commitments, name="commitments")
    app.add_typer(bundles, name="bundles")
    app.add_typer(regions, name="regions")
