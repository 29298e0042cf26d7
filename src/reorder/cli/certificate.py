"""`reorder certificate`: HTTPS in a shop's own network, which handhelds, cameras and offline pages need."""

import os
import socket
from contextlib import suppress
from typing import Annotated

import typer

from reorder.cli.language import translated
from reorder.cli.screen import head, say


def certificate(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Host names and addresses of this machine; without any: its own name and address."),
    ] = None,
    *,
    renew: Annotated[bool, typer.Option("--renew", help="Make a new one although the old one is still good.")] = False,
) -> None:
    """Make a local certificate, and print how devices come to trust it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reorder.config.settings")
    from reorder.config import settings
    from reorder.config.certificate import SERVER_DAYS, WARNED_DAYS, make_certificate
    from reorder.config.languages import sentences
    from reorder.kernel import clock

    made = make_certificate(
        folder=settings.HOME / "tls",
        names=["localhost", "127.0.0.1", "::1", *(names or _own_names())],
        moment=clock.current_moment(),
        renew_days=SERVER_DAYS + 1 if renew else WARNED_DAYS,
    )
    said = translated("A new certificate was made.") if made.is_new else translated("The certificate is still good.")
    say(said)
    say(translated("Names: {names}").format(names=", ".join(made.names)))
    say(translated("Valid until: {date}").format(date=f"{made.valid_until:%Y-%m-%d}"))
    head(translated("1. Settings of the server"))
    others = [name for name in made.names if name not in {"localhost", "127.0.0.1", "::1"}]
    _, _, port = settings.REORDER.bind.rpartition(":")
    say(translated("It is used by itself where REORDER_BIND is not this machine alone; to name it elsewhere:"))
    say(f"export REORDER_TLS_CERT={made.cert_file}")
    say(f"export REORDER_TLS_KEY={made.key_file}")
    say(f"export REORDER_BIND=0.0.0.0:{port}")
    say(f"export REORDER_ALLOWED_HOSTS={','.join(others)}")
    say(translated("Then start again: reorder serve"))
    head(translated("2. Let each device trust the authority, once"))
    say(translated("Copy this file to the device: {file}").format(file=made.authority_file))
    # In both languages: who sets the server up and who holds the handheld often read different ones.
    for language in ("en", "zh-hant"):
        known = sentences(language=language)
        for sentence in TRUST_TEMPLATES:
            say("  " + known.get(sentence, sentence).format(file=made.authority_file))
    say(translated("Give away that file only. The keys beside it stay here."))


# Looked up when the command runs.
TRUST_TEMPLATES = (
    "Android: Settings, Security, Encryption & credentials, Install a certificate, CA certificate; choose the file",
    "iPhone, iPad: open the file, install the profile, then Settings, General, About, Certificate Trust Settings",
    "Windows: certutil -addstore -f Root authority.crt (as administrator)",
    "macOS: sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain authority.crt",
    "Debian, Ubuntu: sudo cp {file} /usr/local/share/ca-certificates/reorder.crt && sudo update-ca-certificates",
    "Firefox: Settings, Privacy & Security, Certificates, View Certificates, Authorities, Import",
)


def _own_names() -> list[str]:
    """This machine's name, and the address by which it would reach the network (nothing is sent)."""
    names = [socket.gethostname()]
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        names.append(probe.getsockname()[0])
    return names


def register(app: typer.Typer) -> None:
    app.command()(certificate)
