"""`reorder user …`: accounts, one-time sign-in links and lost second factors, from the terminal of the server."""

import datetime as dt
import getpass
from typing import TYPE_CHECKING, Annotated

import typer
from django.utils.translation import gettext as _

from reorder.cli.language import word
from reorder.cli.screen import local_time, say, show_json, show_table
from reorder.cli.start import start_application
from reorder.kernel.errors import BadInput

if TYPE_CHECKING:
    from reorder.domain.staff.queries import UserRow

user_app = typer.Typer(no_args_is_help=True)


class PasswordsDiffer(BadInput):
    code = "people.passwords_differ"
    template = "The two passwords differ. Nothing is changed."


_Name = Annotated[str, typer.Argument(help="Name of the user.")]
_Role = Annotated[str, typer.Option(help="owner, marketer, buyer, warehouse, support or viewer.")]
_Hours = Annotated[int, typer.Option(help="Hours until the link is useless.", min=1, max=168)]


@user_app.command()
def add(
    name: _Name,
    *,
    role: _Role = "viewer",
    email: Annotated[str, typer.Option(help="E-mail address; signs in as the name does.")] = "",
    language: Annotated[str, typer.Option(help="en or zh-hant.")] = "en",
    place: Annotated[list[str] | None, typer.Option(help="Only this place's code; may be repeated.")] = None,
    hours: _Hours = 24,
) -> None:
    """Make an account and print the link that signs its person in once."""
    start_application()
    from reorder.domain.staff import operations

    codes = _known_places(place or [])
    operations.create_user(
        username=name, role=role, email=email, language=language, place_codes=codes, created_by=_me()
    )
    say(_("{name} is a user now, with the role {role}.").format(name=name, role=word(role)))
    _show_link(name=name, hours=hours)


@user_app.command()
def link(name: _Name, *, hours: _Hours = 24) -> None:
    """Print a link that signs somebody in once: for the first time, or when the password or the device is lost."""
    start_application()
    _show_link(name=name, hours=hours)


@user_app.command("list")
def list_(*, as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False) -> None:
    """Everybody who has an account."""
    start_application()
    from reorder.domain.staff.queries import list_users

    found = list_users()
    if as_json:
        show_json([{field: getattr(row, field) for field in row.__slots__} for row in found])
        return
    if not found:
        say(_("Nobody has an account yet. Make one with: reorder user add NAME --role owner"))
        return
    columns = [_("name"), _("role"), _("places"), _("language"), _("state"), _("last signed in")]
    show_table(columns=columns, rows=[_cells(row) for row in found])


@user_app.command()
def password(name: _Name) -> None:
    """Set somebody's password, asked for twice; every open session of theirs ends."""
    start_application()
    from reorder.domain.staff import operations
    from reorder.domain.staff.queries import get_user

    get_user(username=name)
    first = getpass.getpass(_("New password:") + " ")
    if first != getpass.getpass(_("New password again:") + " "):
        raise PasswordsDiffer
    operations.set_password(username=name, password=first, set_by=_me())
    say(_("The password of {name} is set.").format(name=name))


@user_app.command()
def role(name: _Name, role: Annotated[str, typer.Argument(help="The new role.")]) -> None:
    """Give somebody another role; it holds from their next click."""
    start_application()
    from reorder.domain.staff import operations

    changed = operations.change_role(username=name, role=role, changed_by=_me())
    say(_("{name} has the role {role} now.").format(name=name, role=word(changed.role)))


@user_app.command()
def stop(name: _Name) -> None:
    """Close somebody's account; it can be opened again under Setup, Users."""
    start_application()
    from reorder.domain.staff import operations

    operations.stop_user(username=name, stopped_by=_me())
    say(_("{name} cannot sign in any more.").format(name=name))


@user_app.command()
def reset(name: _Name) -> None:
    """Remove somebody's authenticator app, passkeys and recovery codes, when they are lost."""
    start_application()
    from reorder.domain.staff import operations

    count = operations.remove_second_factors(username=name, removed_by=_me())
    if count:
        say(_("{name} signs in without a second factor until a new one is set up.").format(name=name))
    else:
        say(_("{name} has no second factor.").format(name=name))


def _show_link(*, name: str, hours: int) -> None:
    from django.conf import settings

    from reorder.config.serving import page_address
    from reorder.domain.staff import operations
    from reorder.kernel import clock

    moment = clock.current_moment()
    lasts = dt.timedelta(hours=hours)
    secret = operations.make_sign_in_link(username=name, moment=moment, lasts=lasts, made_by=_me())
    say(_("This link signs {name} in once, until {moment}:").format(name=name, moment=local_time(moment + lasts)))
    say(f"  {page_address(options=settings.REORDER)}/sign-in/{secret}")


def _known_places(codes: list[str]) -> list[str]:
    from reorder.domain.inventory.errors import UnknownPlace
    from reorder.domain.inventory.queries import find_place

    for code in codes:
        if find_place(code=code) is None:
            raise UnknownPlace(place=code)
    return codes


def _cells(row: "UserRow") -> list[str]:
    return [
        row.username,
        word(row.role),
        ", ".join(row.place_codes) or _("all"),
        row.language,
        word("in_use" if row.is_active else "stopped"),
        local_time(row.last_login_at) if row.last_login_at else _("never"),
    ]


def _me() -> str:
    return getpass.getuser()


def register(app: typer.Typer) -> None:
    app.add_typer(user_app, name="user", help="Accounts of the staff, and links that sign in.")
