"""The local certificate: what it holds, who may read its key, when it is made anew."""

import datetime as dt
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from reorder.config.certificate import BadCertificateName, CertificateUnreadable, days_left, make_certificate
from reorder.config.environment import read_environment

NOW = dt.datetime(2026, 11, 26, 8, tzinfo=dt.UTC)


def read(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificates(file.read_bytes())[0]


def test_it_holds_the_names_for_825_days_and_is_signed_by_the_authority(tmp_path: Path) -> None:
    made = make_certificate(folder=tmp_path, names=["Shop.Local", "192.168.1.20", "::1"], moment=NOW)

    server, authority = read(made.cert_file), read(made.authority_file)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["shop.local"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["192.168.1.20", "::1"]
    assert (server.not_valid_after_utc - server.not_valid_before_utc).days == 825
    server.verify_directly_issued_by(authority)
    usage = server.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is True
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made.cert_file, made.key_file)


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    made = make_certificate(folder=tmp_path / "tls", names=["shop.local"], moment=NOW)

    assert made.key_file.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "tls" / "authority.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "tls").stat().st_mode & 0o777 == 0o700


def test_asked_again_it_stays_the_same_until_names_or_days_change(tmp_path: Path) -> None:
    first = make_certificate(folder=tmp_path, names=["shop.local"], moment=NOW)
    content, authority = first.cert_file.read_bytes(), first.authority_file.read_bytes()

    again = make_certificate(folder=tmp_path, names=["shop.local", "shop.local"], moment=NOW + dt.timedelta(days=700))
    assert (again.is_new, again.cert_file.read_bytes()) == (False, content)

    for names, days in ((["shop.local", "10.0.0.4"], 0), (["shop.local", "10.0.0.4"], 800)):
        renewed = make_certificate(folder=tmp_path, names=names, moment=NOW + dt.timedelta(days=days))
        assert renewed.is_new
        assert renewed.cert_file.read_bytes() != content
        content = renewed.cert_file.read_bytes()
    assert first.authority_file.read_bytes() == authority, "devices that trust the authority go on trusting"


def test_a_lost_key_makes_a_new_pair(tmp_path: Path) -> None:
    made = make_certificate(folder=tmp_path, names=["shop.local"], moment=NOW)
    made.key_file.unlink()

    assert make_certificate(folder=tmp_path, names=["shop.local"], moment=NOW).is_new
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made.cert_file, made.key_file)


@pytest.mark.parametrize(
    "name", ["", "a b", "http://shop.local", "shop/local", "-shop", "x" * 300, "shop\x00local", "購物"]
)
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadCertificateName):
        make_certificate(folder=tmp_path, names=[name], moment=NOW)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    made = make_certificate(folder=tmp_path, names=["shop.local"], moment=NOW)
    made.authority_file.write_text("nonsense")

    with pytest.raises(CertificateUnreadable, match=r"authority\.crt"):
        make_certificate(folder=tmp_path, names=["shop.local"], moment=NOW)


def test_the_days_that_are_left_are_counted_and_a_broken_file_has_none(tmp_path: Path) -> None:
    made = make_certificate(folder=tmp_path, names=["shop.local"], moment=NOW)

    assert days_left(file=made.cert_file, moment=made.valid_until - dt.timedelta(days=10)) == 10
    assert days_left(file=made.cert_file, moment=made.valid_until + dt.timedelta(days=2)) == -2
    made.cert_file.write_text("nonsense")
    assert days_left(file=made.cert_file, moment=NOW) is None


def test_the_own_certificate_is_used_where_others_can_reach_the_server(tmp_path: Path) -> None:
    made = make_certificate(folder=tmp_path / "tls", names=["shop.local"], moment=NOW)
    home = {"REORDER_HOME": str(tmp_path)}

    shared = read_environment(source=home | {"REORDER_BIND": "0.0.0.0:8710"})
    alone = read_environment(source=home | {"REORDER_BIND": "127.0.0.1:8710"})
    behind = read_environment(source=home | {"REORDER_BIND": "0.0.0.0:8710", "REORDER_TRUSTED_PROXIES": "10.0.0.2"})

    assert (shared.tls_cert, shared.tls_key) == (made.cert_file, made.key_file)
    assert (alone.tls_cert, behind.tls_cert) == (None, None)
