"""`reorder backup` and `reorder restore`."""

from pathlib import Path
from typing import Annotated

import typer
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.cli.screen import say
from reorder.cli.start import start_application


def backup(file: Annotated[Path, typer.Argument(help="The file to write; it must not exist yet.")]) -> None:
    """Write everything in the database to one file. Secrets (secret.key) are not in it: keep them apart."""
    start_application()
    from reorder.config.backup import write_backup

    size = write_backup(file=file)
    say(_("Backed up to {file} ({size:.1f} MB).").format(file=file, size=size / 1e6))


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `reorder backup` wrote.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Replace what is in the database now.")] = False,
) -> None:
    """Put a backup in the place of the present database, which is kept aside under another name."""
    start_application()
    from reorder.config.backup import restore_backup
    from reorder.flows.privacy import reapply_erasures
    from reorder.kernel.clock import current_moment

    kept = restore_backup(file=file, replace=yes)
    say(_("Restored from {file}. The former database is kept as {kept}.").format(file=file, kept=kept))
    erased = reapply_erasures(moment=current_moment())
    if erased:
        said = ngettext("{count} person was erased again.", "{count} people were erased again.", erased)
        say(said.format(count=erased))


def register(app: typer.Typer) -> None:
    app.command()(backup)
    app.command()(restore)
