"""`reorder import FILE…`, `reorder imports`: take files of orders, products and stock in."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from django.utils.translation import gettext as _
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from reorder.cli.language import explain_error, word
from reorder.cli.screen import Entry, console, error_console, local_time, say, show_entries, show_json
from reorder.cli.start import start_application
from reorder.kernel.errors import BadInput, ReorderError

if TYPE_CHECKING:
    from reorder.flows.file_import import ImportReport

_EXAMPLES_SHOWN = 5


class SomeNotImported(BadInput):
    code = "import.some_not_imported"
    template = "{failed_count} of {files_count} files were not imported; the lines above say why."


def import_files(
    *,
    files: Annotated[list[Path], typer.Argument(help="CSV, TSV, Parquet or XLSX files.")],
    channel: Annotated[str, typer.Option(help="The shop they come from; one order lands once per shop.")] = "file",
    kind: Annotated[
        str | None, typer.Option(help="orders, products, stock, events or signals; without it the header decides.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen; change nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable counts, one list item per file.")] = False,
) -> None:
    """Import orders, products or stock; refused rows are listed in FILE.rejected.csv."""
    start_application()
    reports: list[ImportReport] = []
    failed = 0
    for path in files:
        try:
            report = _import_with_progress(path=path, channel=channel, kind=kind, dry_run=dry_run)
        except BadInput as error:
            if len(files) == 1:
                raise
            report = _failed(path=path, channel=channel, kind=kind, error=error)
            failed += 1
        reports.append(report)
        if not as_json:
            _show(report)
    if as_json:
        show_json([report.as_json() for report in reports])
    if failed:
        raise SomeNotImported(failed_count=failed, files_count=len(files))


def _import_with_progress(*, path: Path, channel: str, kind: str | None, dry_run: bool) -> "ImportReport":
    from reorder.flows.file_import import check_file, import_file

    take = check_file if dry_run else import_file
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=error_console, transient=True, disable=not error_console.is_terminal) as bar:
        size = path.stat().st_size if path.is_file() else None
        task = bar.add_task(path.name, total=size)
        return take(path=path, channel=channel, kind=kind, progress=lambda done: bar.update(task, completed=done))


def _failed(*, path: Path, channel: str, kind: str | None, error: ReorderError) -> "ImportReport":
    from reorder.flows.file_import import ImportReport

    return ImportReport(
        name=path.name, channel=channel, kind=kind or "", format="", outcome="failed", error=explain_error(error)
    )


def _show(report: "ImportReport") -> None:
    if report.error:
        console.print(report.error, style="red", markup=False, soft_wrap=True)
        return
    say(
        _(
            "{name}: {read} rows of {kind} read, {imported} imported, {unchanged} unchanged, {rejected} rejected"
            " ({outcome})."
        ).format(
            name=report.name,
            kind=word(report.kind),
            read=f"{report.rows_read:,}",
            imported=f"{report.rows_imported:,}",
            unchanged=f"{report.rows_unchanged:,}",
            rejected=f"{report.rows_rejected:,}",
            outcome=word(report.outcome),
        )
    )
    for example in report.examples[:_EXAMPLES_SHOWN]:
        where = _("row {row}, {column}").format(row=example.row_number, column=example.column)
        say(f"  {where}: {example.value!r}: {example.reason}")
    if report.rejected_file:
        say(_("  All refused rows: {file}").format(file=report.rejected_file))


def list_imports(
    *,
    limit: Annotated[int, typer.Option(help="Lines at most.", min=1, max=1000)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """What was imported, newest first."""
    start_application()
    from reorder.domain.channels.queries import list_imports as list_rows

    rows = list_rows(limit=limit)
    if as_json:
        show_json([{**row.counts, "name": row.name, "kind": row.kind, "state": row.state} for row in rows])
        return
    names = ("read", "imported", "unchanged", "rejected")
    show_entries(
        Entry(
            title=row.name,
            facts=[
                local_time(row.started_at),
                word(row.kind),
                word(row.state),
                *[f"{word(name)} {row.counts.get(name, 0):,}" for name in names],
            ],
            reason="",
        )
        for row in rows
    )


def register(app: typer.Typer) -> None:
    """Add this part's commands."""
    app.command("import")(import_files)
    app.command("imports")(list_imports)
