"""A local certificate: one authority of our own, and a server certificate that it signs for this machine's names.

The authority is made once and stays, so that devices which trust it trust every renewal. Keys are readable by their
owner alone.
"""

import datetime as dt
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from reorder.kernel.errors import BadInput

# Apple's devices accept no server certificate that is valid for longer.
SERVER_DAYS = 825
_AUTHORITY_DAYS = 3650
# From so many days before its end on a certificate is made anew, and the server warns.
WARNED_DAYS = 30
# Clocks of handhelds are wrong by hours at times.
_BACKDATED = dt.timedelta(days=1)
_NAME = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)


class BadCertificateName(BadInput):
    code = "certificate.bad_name"
    template = "{name!r} is neither a host name nor an IP address. Write, for example: shop.local or 192.168.1.20"


class CertificateNotWritten(BadInput):
    code = "certificate.not_written"
    template = "The certificate cannot be kept in {folder}: {reason}."


class CertificateUnreadable(BadInput):
    code = "certificate.unreadable"
    template = (
        "{file} cannot be read as what it should be ({reason}). Move the folder {folder} away and make a new "
        "certificate; devices must then trust the new authority."
    )


@dataclass(frozen=True, slots=True)
class LocalCertificate:
    """Where the files are, which names they hold and until when; `is_new` when this call made the certificate."""

    authority_file: Path
    cert_file: Path
    key_file: Path
    names: tuple[str, ...]
    valid_until: dt.datetime
    is_new: bool


def make_certificate(
    *, folder: Path, names: Sequence[str], moment: dt.datetime, renew_days: int = WARNED_DAYS
) -> LocalCertificate:
    """The certificate of these names; a new one only when names changed or fewer than `renew_days` are left.

    Raises BadCertificateName, CertificateNotWritten, CertificateUnreadable.
    """
    wanted = tuple(sorted({_checked(name) for name in names}))
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        authority_key, authority = _authority(folder=folder, moment=moment)
        known = _find_certificate(file=folder / "server.crt")
        fresh = known is not None and known.not_valid_after_utc - moment > dt.timedelta(days=renew_days)
        is_ours = known is not None and _is_signed_by(certificate=known, authority=authority)
        is_kept = fresh and is_ours and known is not None and _names_of(known) == wanted
        if is_kept and known is not None and (folder / "server.key").exists():
            return _described(folder=folder, certificate=known, is_new=False)
        key = ec.generate_private_key(ec.SECP256R1())
        made = _sign_server(names=wanted, key=key, authority=authority, authority_key=authority_key, moment=moment)
        # The key first: a certificate without its key would stop the server.
        _write(file=folder / "server.key", content=_pem_of_key(key), mode=0o600)
        _write(
            file=folder / "server.crt",
            content=made.public_bytes(serialization.Encoding.PEM) + authority.public_bytes(serialization.Encoding.PEM),
            mode=0o644,
        )
    except OSError as fault:
        raise CertificateNotWritten(folder=folder, reason=fault.strerror or str(fault)) from fault
    return _described(folder=folder, certificate=made, is_new=True)


def days_left(*, file: Path, moment: dt.datetime) -> int | None:
    """Whole days until the certificate in a file ends, below zero when it has; None when it cannot be read."""
    try:
        return (x509.load_pem_x509_certificates(file.read_bytes())[0].not_valid_after_utc - moment).days
    except (OSError, ValueError):
        return None


def _checked(name: str) -> str:
    cleaned = name.strip().rstrip(".").lower()
    try:
        return str(ip_address(cleaned.strip("[]")))
    except ValueError:
        if len(cleaned) > 253 or not _NAME.fullmatch(cleaned):
            raise BadCertificateName(name=name) from None
    return cleaned


def _authority(*, folder: Path, moment: dt.datetime) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key_file, file = folder / "authority.key", folder / "authority.crt"
    known = _find_certificate(file=file)
    if known is not None and key_file.exists() and known.not_valid_after_utc - moment > dt.timedelta(days=SERVER_DAYS):
        try:
            key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
        except ValueError as fault:
            raise CertificateUnreadable(file=key_file, reason=fault, folder=folder) from fault
        if isinstance(key, ec.EllipticCurvePrivateKey) and key.public_key() == known.public_key():
            return key, known
    made_key = ec.generate_private_key(ec.SECP256R1())
    made = _sign_authority(key=made_key, moment=moment)
    _write(file=key_file, content=_pem_of_key(made_key), mode=0o600)
    _write(file=file, content=made.public_bytes(serialization.Encoding.PEM), mode=0o644)
    return made_key, made


def _sign_authority(*, key: ec.EllipticCurvePrivateKey, moment: dt.datetime) -> x509.Certificate:
    # A name of its own for each, so that devices do not confuse the authorities of two installations.
    serial = x509.random_serial_number()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Reorder local authority {serial % 0xFFFFFF:06x}")])
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(moment - _BACKDATED)
        .not_valid_after(moment + dt.timedelta(days=_AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _sign_server(
    *,
    names: Sequence[str],
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    moment: dt.datetime,
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - _BACKDATED)
        .not_valid_after(moment - _BACKDATED + dt.timedelta(days=SERVER_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return tuple(sorted(str(one.value) for one in found))


def _is_signed_by(*, certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is not ours
        return False
    return True


def _find_certificate(*, file: Path) -> x509.Certificate | None:
    if not file.exists():
        return None
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())[0]
    except ValueError as fault:
        raise CertificateUnreadable(file=file, reason=fault, folder=file.parent) from fault


def _described(*, folder: Path, certificate: x509.Certificate, is_new: bool) -> LocalCertificate:
    return LocalCertificate(
        authority_file=folder / "authority.crt",
        cert_file=folder / "server.crt",
        key_file=folder / "server.key",
        names=_names_of(certificate),
        valid_until=certificate.not_valid_after_utc,
        is_new=is_new,
    )


def _pem_of_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(*, file: Path, content: bytes, mode: int) -> None:
    """Replace a file whole; a key is never readable by others, not even for a moment."""
    descriptor, draft = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(descriptor)
        os.fchmod(descriptor, mode)
    Path(draft).replace(file)
