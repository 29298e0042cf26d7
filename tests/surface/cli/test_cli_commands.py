"""The real `reorder` command, one process a call, on one installation with a small tea shop."""

import shutil
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from reorder.cli.main import app
from tests.factories.books import differences
from tests.factories.installation import Installation
from tests.factories.shop import AS_OF, ShopFiles

COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    shown = CliRunner().invoke(app, [name, "--help"])

    assert shown.exit_code == 0
    assert f"Usage: root {name}" in " ".join(shown.output.split())
    assert "--help" in shown.output


def test_the_command_lists_its_commands(empty_shop: Installation) -> None:
    shown = empty_shop.say("--help")

    assert {name for name in COMMANDS if name in shown} == set(COMMANDS)
    assert empty_shop.run("brew").returncode == 2


def test_an_import_says_what_it_did(imported: str) -> None:
    said = imported.splitlines()

    assert said[0] == "products.csv: 30 rows of products read, 30 imported, 0 unchanged, 0 rejected (imported)."
    assert said[1].startswith("orders.csv: ")
    assert said[2].startswith("stock.csv: 60 rows of stock read, ")


def test_the_same_files_again_change_nothing(shop: Installation, files: ShopFiles) -> None:
    before = shop.books()

    reports = shop.read("import", *files)

    assert [report["rows_imported"] for report in reports] == [
        0,
        0,
        0,
    ]
    assert [report["rows_rejected"] for report in reports] == [0, 0, 0]
    assert differences(found=shop.books(), expected=before) == {}


def test_refused_rows_are_listed_and_the_good_orders_come_in(shop: Installation, tmp_path: Path) -> None:
    file = tmp_path / "november.csv"
    file.write_text(
        "order_id,ordered_at,customer_id,sku,quantity,unit_price\n"
        "GOOD-1,2026-08-20 10:00,kai,OOLONG-01,2,225\n"
        "BAD-1,2026-08-20 10:00,kai,OOLONG-01,many,225\n"
        "BAD-2,yesterday,kai,OOLONG-01,1,225\n"
    )

    said = shop.say("import", file, "--dry-run")
    assert "3 rows of orders read, 1 imported, 0 unchanged, 2 rejected (checked)" in said
    assert shop.ask("SELECT count(*) FROM orders_order WHERE external_id = 'GOOD-1'") == [(0,)]
    said = shop.say("import", file)

    assert "3 rows of orders read, 1 imported, 0 unchanged, 2 rejected (imported)" in said
    refused = (tmp_path / "november.csv.rejected.csv").read_text(encoding="utf-8-sig")
    assert "many" in refused
    assert "yesterday" in refused
    assert shop.ask("SELECT external_id FROM orders_order WHERE external_id !~ '^TEA'") == [("GOOD-1",)]
    shop.ask(
        "DELETE FROM orders_orderline WHERE order_id IN (SELECT id FROM orders_order WHERE external_id = 'GOOD-1')"
    )
    shop.ask("DELETE FROM orders_order WHERE external_id = 'GOOD-1'")


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("colours.csv", "colour,shade\nred,dark\n", "import.unknown_header", "order_id, ordered_at, sku and quantity"),
        ("gone.csv", None, "import.file_missing", "there is no such file"),
        (
            "tea.png",
            "\x89PNG\r\n\x1a\n\x00\x00\x00",
            "import.unknown_file_type",
            "not a CSV, TSV, Parquet or XLSX file",
        ),
    ],
)
def test_a_file_that_cannot_be_imported_says_what_is_wrong(
    empty_shop: Installation, tmp_path: Path, name: str, content: str | None, code: str, words: str
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_text(content)

    done = empty_shop.run("import", file)

    assert done.returncode == 2
    assert name in done.stderr
    assert words in done.stderr
    assert f"({code})" in done.stderr
    assert "Traceback" not in done.stderr


def test_one_bad_file_does_not_keep_the_others_out(shop: Installation, files: ShopFiles, tmp_path: Path) -> None:
    done = shop.run("import", tmp_path / "gone.csv", files.products)

    assert done.returncode == 2
    assert "products.csv: 30 rows of products read" in done.stdout
    assert "1 of 2 files were not imported" in done.stderr


def test_the_plan_prints_its_answers_and_its_steps(planned: str) -> None:
    for heading in (
        "Likely to buy again in the next 7 days",
        "Purchase proposals",
        "Demand plan: weeks sold",
        "Messages",
        f"Night of {AS_OF}",
    ):
        assert heading in planned
    assert "check ledger" in planned
    assert " s in all" in planned


def test_due_customers_for_a_machine_and_for_a_person(shop: Installation) -> None:
    lines = shop.read("due", "--days", 7, "--limit", 5)

    assert len(lines) == 5
    assert {"customer_key", "product_name", "due_date", "remind_date", "reason", "wide_band"} <= set(lines[0])
    shares = [line["remind_hit_share"] for line in lines]
    assert shares == sorted(shares, reverse=True)
    shown = shop.say("due", "--days", 7, "--limit", 5)
    assert lines[0]["customer_name"] in shown
    assert f"Likely to buy again within 7 days of {AS_OF}" in shown


def test_a_run_is_listed(shop: Installation) -> None:
    row = shop.say("runs", "--limit", 1).splitlines()[-1].split()

    assert row[1:4] == ["night", str(AS_OF), "succeeded"]


def test_from_proposal_to_stock_on_the_shelf(shop: Installation) -> None:
    proposals = shop.read("proposals")
    assert len(proposals) > 1
    oolong = proposals[0]
    assert oolong["sku"] in shop.say("proposals")

    said = shop.say("approve", oolong["id"], "--by", "mei")
    ((number, sku, units, place),) = shop.ask(
        """SELECT o.number, p.sku, l.ordered_units, w.code FROM purchasing_purchaseorder o
           JOIN purchasing_purchaseorderline l ON l.order_id = o.id JOIN catalog_product p ON p.id = l.product_id
           JOIN inventory_place w ON w.id = o.place_id"""
    )

    assert number in said
    assert (sku, place) == (oolong["sku"], oolong["place_code"])
    stocked = f"""SELECT coalesce(sum(v.on_hand_units), 0) FROM inventory_level v JOIN catalog_product p
                  ON p.id = v.product_id JOIN inventory_location l ON l.id = v.location_id
                  WHERE p.sku = '{sku}' AND l.code = 'stock:{place}'"""
    ((before,),) = shop.ask(stocked)
    assert number in shop.say("receive", number)
    assert shop.ask(stocked) == [(before + units,)]
    assert shop.run("approve", oolong["id"]).returncode != 0
    assert shop.run("receive", "PO-1999-000001").returncode == 2
    assert [p["id"] for p in shop.read("proposals")] == [p["id"] for p in proposals[1:]]


def test_messages_are_listed_and_go_out_at_their_hour(shop: Installation) -> None:
    planned = shop.read("outbox", "--state", "planned")
    assert len(planned) > 3
    assert planned[0]["subject"] in shop.say("outbox")

    # The order that was approved above went to its supplier's outbox; reminders wait for their hours.
    to_suppliers = [message for message in planned if message["purpose"] == "supplier"]
    assert shop.read("send")["sent_count"] == len(to_suppliers) == 1
    sent = shop.read("send", REORDER_CLOCK="2026-11-23T11:59:01+00:00")["sent_count"]

    letters = [file for file in (shop.home / "mail").rglob("*") if file.is_file() and file.suffix == ".eml"]
    assert sent == len(planned) - 1
    assert len(letters) == len(planned)
    assert shop.read("outbox", "--state", "planned") == []
    assert shop.read("send", REORDER_CLOCK="2026-11-23T11:59:02+00:00")["sent_count"] == 0


def test_a_well_shop_has_a_clean_bill_of_health(shop: Installation) -> None:
    checks = {check["name"]: check for check in shop.read("doctor")}

    assert {"database", "ledger", "night", "mail", "worker"} <= set(checks)
    assert all(check["is_well"] for check in checks.values())
    assert "Everything is well." in shop.say("doctor")


def test_the_doctor_finds_stock_that_was_written_around_the_ledger(shop: Installation) -> None:
    tamper = (
        "UPDATE inventory_level SET on_hand_units = on_hand_units {} 1 WHERE id = (SELECT max(id) FROM inventory_level)"
    )
    shop.ask(tamper.format("+"))
    try:
        done = shop.run("doctor")
    finally:
        shop.ask(tamper.format("-"))

    assert done.returncode == 1
    line = next(line for line in done.stdout.splitlines() if line.startswith("WRONG"))
    assert "1 levels differ" in line
    assert "1 things need you" in done.stdout


def test_every_fault_of_the_settings_is_named_at_once(empty_shop: Installation) -> None:
    done = empty_shop.run(
        "due", REORDER_TIME_ZONE="Mars", REORDER_CURRENCY="tea", REORDER_SEND_HOUR="25", REORDER_TEA="yes"
    )

    assert done.returncode == 2
    for words in (
        "REORDER_TIME_ZONE='Mars' is not an IANA time zone such as Asia/Taipei",
        "REORDER_CURRENCY='tea' must be a three-letter ISO 4217 code such as TWD",
        "REORDER_SEND_HOUR='25' must be an hour from 0 to 23",
        "REORDER_TEA is not a setting",
    ):
        assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_does_not_answer_is_named(empty_shop: Installation) -> None:
    done = empty_shop.run("due", REORDER_DATABASE_URL="postgresql://mei@127.0.0.1:9/tea")

    assert done.returncode == 1
    assert "The database does not answer" in done.stderr
    assert "REORDER_DATABASE_URL" in done.stderr


def test_the_terminal_speaks_traditional_chinese(shop: Installation) -> None:
    settings = {"REORDER_LANGUAGE": "zh-hant"}

    assert "資料庫" in shop.say("doctor", **settings)
    assert shop.run("receive", "PO-1999-000001", **settings).returncode == 2
    (line, *_) = shop.read("due", "--limit", 1, **settings)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in line["reason"])


def test_the_database_stops_and_starts_by_itself(shop: Installation) -> None:
    assert shop.say("stop") == "The database is stopped.\n"
    assert shop.say("stop") == "The database was not running.\n"

    assert len(shop.read("due", "--limit", 1)) == 1


def test_a_new_shop_in_a_home_with_a_strange_name(empty_shop: Installation) -> None:
    home = empty_shop.home.with_name("茶行 'n sons")
    home.mkdir()
    shop = Installation(home=home)
    try:
        checks = shop.read("doctor")
        too_early = shop.run("due")
        planned = shop.say("plan")
        assert all(check["is_well"] for check in checks)
        assert too_early.returncode == 2
        assert "No night run has succeeded yet. Run: reorder plan" in too_early.stderr
        assert f"Night of {AS_OF}" in planned
        assert "none planned" in planned
        assert shop.read("due") == shop.read("proposals") == shop.read("outbox") == []
    finally:
        shop.database.stop()
        shutil.rmtree(home)
