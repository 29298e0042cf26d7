"""Backup and restore with the real programs: a round trip, a damaged file, and a kill in the middle."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories.books import differences
from tests.factories.installation import Installation, installation
from tests.factories.waiting import wait_until

# Two restores in one second would want one name for what they keep.
SECONDS = (f"2026-11-22T19:00:{second:02}+00:00" for second in range(1, 60))


@pytest.fixture
def other_shop() -> Iterator[Installation]:
    with installation() as made:
        yield made


def test_a_backup_restored_elsewhere_is_the_same_shop(
    shop: Installation, other_shop: Installation, backup_file: Path
) -> None:
    expected = shop.books()

    assert "Backed up to" in shop.say("backup", backup_file)
    said = other_shop.say("restore", backup_file)

    assert "Restored from" in said
    assert {name: len(lines) for name, lines in other_shop.books().items()} == {
        name: len(lines) for name, lines in expected.items()
    }
    assert differences(found=other_shop.books(), expected=expected) == {}
    assert other_shop.read("due", "--limit", 3) == shop.read("due", "--limit", 3)
    # Numbers go on where they were: a new row does not collide with a restored one.
    assert other_shop.say("plan").count("succeeded") >= 9
    assert backup_file.stat().st_mode & 0o777 == 0o600


def test_a_backup_never_overwrites_a_file_and_needs_a_folder(shop: Installation, tmp_path: Path) -> None:
    file = tmp_path / "shop.backup"
    file.write_text("something dear")

    taken = shop.run("backup", file)
    nowhere = shop.run("backup", tmp_path / "no" / "such" / "shop.backup")

    assert (taken.returncode, nowhere.returncode) == (2, 2)
    assert "exists already" in taken.stderr
    assert "cannot be written" in nowhere.stderr
    assert file.read_text() == "something dear"


def test_a_restore_over_a_shop_with_orders_asks_first(shop: Installation, backup_file: Path) -> None:
    expected = shop.books()
    shop.say("backup", backup_file)
    shop.ask("UPDATE customers_customer SET name = 'Somebody else'")

    refused = shop.run("restore", backup_file)
    assert refused.returncode == 2
    assert "Say --yes" in refused.stderr
    assert differences(found=shop.books(), expected=expected).keys() == {"customers"}

    said = shop.say("restore", backup_file, "--yes", REORDER_CLOCK=next(SECONDS))

    assert "The former database is kept as reorder_before_" in said
    assert differences(found=shop.books(), expected=expected) == {}


@pytest.mark.parametrize("damage", ["cut in half", "not a backup at all", "a flipped byte in its data"])
def test_a_damaged_file_is_refused_and_the_shop_stays(shop: Installation, backup_file: Path, damage: str) -> None:
    expected = shop.books()
    shop.say("backup", backup_file)
    content = bytearray(backup_file.read_bytes())
    match damage:
        case "cut in half":
            content = content[: len(content) // 2]
        case "not a backup at all":
            content = bytearray(b"order_id,sku\n1,OOLONG-01\n")
        case "a flipped byte in its data":
            content[len(content) * 3 // 4] ^= 0xFF
    backup_file.write_bytes(content)

    done = shop.run("restore", backup_file, "--yes", REORDER_CLOCK=next(SECONDS))

    assert done.returncode in {1, 2}
    assert "Traceback" not in done.stderr
    assert differences(found=shop.books(), expected=expected) == {}
    assert shop.ask("SELECT count(*) FROM pg_database WHERE datname = 'reorder_restoring'") == [(0,)]


def test_a_kill_in_the_middle_of_a_restore_leaves_the_shop_and_the_next_one_works(
    shop: Installation, backup_file: Path
) -> None:
    expected = shop.books()
    shop.say("backup", backup_file)
    restoring = shop.start("restore", backup_file, "--yes", REORDER_CLOCK=next(SECONDS))
    wait_until(
        lambda: shop.ask("SELECT 1 FROM pg_database WHERE datname = 'reorder_restoring'") != [], what="the restore"
    )

    restoring.kill()
    restoring.wait()

    assert differences(found=shop.books(), expected=expected) == {}
    shop.say("restore", backup_file, "--yes", REORDER_CLOCK=next(SECONDS))
    assert differences(found=shop.books(), expected=expected) == {}


def test_mail_that_may_have_gone_out_since_the_backup_is_parked(
    shop: Installation, other_shop: Installation, backup_file: Path
) -> None:
    # Tests before this one may have sent it all, or moved some of it to a later day.
    shop.ask(
        """UPDATE messaging_outboxmessage SET state = 'planned', outcome_code = '', finished_at = NULL, sending_at = NULL,
           send_after = '2026-11-23T06:00:00Z' WHERE state <> 'held_out'"""
    )
    states = "SELECT state, outcome_code, count(*) FROM messaging_outboxmessage WHERE state <> 'held_out' GROUP BY 1, 2"
    ((state, _, planned),) = shop.ask(states)
    assert (state, planned > 0) == ("planned", True)
    shop.say("backup", backup_file)

    # 20:30 in Taipei, after the hours at which they were to go out.
    other_shop.say("restore", backup_file, REORDER_CLOCK="2026-11-23T12:30:00+00:00")

    assert other_shop.ask(states) == [("unknown", "outbox.unknown.restored", planned)]


def test_a_backup_of_a_later_version_is_refused_and_the_shop_stays(shop: Installation, backup_file: Path) -> None:
    expected = shop.books()
    later = "'0999_tea_ceremonies'"
    shop.ask(f"INSERT INTO django_migrations (app, name, applied) VALUES ('orders', {later}, now())")
    shop.say("backup", backup_file)
    shop.ask(f"DELETE FROM django_migrations WHERE name = {later}")

    refused = shop.run("restore", backup_file, "--yes", REORDER_CLOCK=next(SECONDS))

    assert refused.returncode == 2
    assert "a later version of Reorder wrote it" in refused.stderr
    assert differences(found=shop.books(), expected=expected) == {}
    assert shop.ask("SELECT count(*) FROM pg_database WHERE datname = 'reorder_restoring'") == [(0,)]


def test_a_role_that_may_not_create_databases_is_told_so(shop: Installation, backup_file: Path) -> None:
    shop.say("backup", backup_file)
    shop.ask("CREATE ROLE jun LOGIN IN ROLE pg_read_all_data")

    refused = shop.run(
        "restore", backup_file, "--yes", REORDER_DATABASE_URL=shop.database.url.replace("reorder@", "jun@")
    )

    assert refused.returncode == 1
    assert "permission denied to create database" in refused.stderr
    assert "Traceback" not in refused.stderr
