"""`reorder certificate` as people type it."""

from tests.factories.installation import Installation


def test_it_prints_the_settings_and_how_each_device_comes_to_trust_it(empty_shop: Installation) -> None:
    said = empty_shop.say("certificate", "shop.local", "192.168.1.20")

    folder = empty_shop.home / "tls"
    assert "A new certificate was made." in said
    assert "Names: 127.0.0.1, 192.168.1.20, ::1, localhost, shop.local" in said
    assert f"export REORDER_TLS_CERT={folder / 'server.crt'}" in said
    assert f"export REORDER_TLS_KEY={folder / 'server.key'}" in said
    assert "export REORDER_ALLOWED_HOSTS=192.168.1.20,shop.local" in said
    for device in ("Windows", "macOS", "Debian, Ubuntu", "iPhone", "Android"):
        assert device in said
    assert "still good" in empty_shop.say("certificate", "shop.local", "192.168.1.20")
    assert "A new certificate" in empty_shop.say("certificate", "--renew", "shop.local", "192.168.1.20")


def test_it_refuses_nonsense(empty_shop: Installation) -> None:
    refused = empty_shop.run("certificate", "two words")

    assert refused.returncode == 2
    assert "neither a host name nor an IP address" in refused.stderr.replace("\n", " ")
