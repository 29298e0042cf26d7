"""`reorder doctor`: is everything well, and if not, what to do."""

from typing import Annotated

import typer
from django.utils.translation import gettext as _

from reorder.cli.language import word
from reorder.cli.screen import say, show_json, show_table
from reorder.cli.start import start_application


def doctor(*, as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False) -> None:
    """Check database, ledger, settings, mail, nights and worker. Exit code 1 when something is wrong."""
    start_application()
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


def register(app: typer.Typer) -> None:
    app.command()(doctor)
