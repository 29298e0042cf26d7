"""The `reorder` command and its error line: what is wrong, where, and how to mend it."""

import sys
from collections.abc import Callable

import typer
from django.db import DatabaseError
from typer.main import get_command

from reorder.cli import (
    alerts,
    backtest,
    backup,
    buying,
    certificate,
    committing,
    demo,
    doctor,
    following,
    imports,
    learning,
    messages,
    night,
    ordering,
    orders,
    people,
    recommend,
    reminders,
    replay,
    serve,
    server,
    webhooks,
)
from reorder.cli.language import explain_error, localise, translated
from reorder.cli.screen import error_console
from reorder.kernel.errors import BadInput, ReorderError


class DatabaseWentAway(ReorderError):
    code = "main.database_went_away"
    template = "The database stopped answering: {cause}. Nothing is half done; run the same command again to go on."


class SystemRefused(BadInput):
    code = "main.system_refused"
    template = "{file} cannot be used: {cause}. Check that it exists and that you have the right to read and write it."


app = typer.Typer(
    help="Reorder: customers reorder, the warehouse reorders, one loop.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for part in (
    alerts,
    imports,
    night,
    learning,
    backtest,
    buying,
    following,
    messages,
    ordering,
    orders,
    serve,
    server,
    certificate,
    doctor,
    backup,
    demo,
    people,
    reminders,
    recommend,
    replay,
    committing,
    webhooks,
):
    part.register(app)


def main() -> None:
    """Run the command; our own errors become one clear line and exit code 2 (bad input) or 1 (anything else)."""
    command = get_command(app)
    localise(command)
    run_guarded(lambda: command(prog_name="reorder"))


def run_guarded(run: Callable[[], object]) -> None:
    """Run it; an error that a person can understand ends the process with one clear line and its exit code."""
    try:
        run()
    except ReorderError as error:
        sys.exit(_explain(error))
    except DatabaseError as error:
        sys.exit(_explain(DatabaseWentAway(cause=str(error).strip())))
    except OSError as error:
        if not error.filename:
            raise
        sys.exit(_explain(SystemRefused(file=error.filename, cause=error.strerror)))
    except KeyboardInterrupt:
        error_console.print(translated("Interrupted. Nothing is half done; run the same command again to go on."))
        sys.exit(130)


def _explain(error: ReorderError) -> int:
    error_console.print(explain_error(error), style="red", markup=False, soft_wrap=True)
    error_console.print(f"({error.code})", style="dim", markup=False)
    return 2 if isinstance(error, BadInput) else 1


if __name__ == "__main__":
    main()
