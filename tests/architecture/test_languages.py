"""Every sentence that people see has its Chinese, no more and no less, and the Chinese is really spoken."""

import os
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.utils import translation
from django.utils.translation import gettext, ngettext

from reorder.cli.language import explain_error
from reorder.config.languages import compiled_catalogues
from reorder.engine.reasons import TEMPLATES, render
from reorder.kernel.quantity import BadQuantity
from tools.extract_messages import CATALOGUE, Message, collect_messages, find_faults


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    return collect_messages()


def test_the_chinese_catalogue_says_everything_and_nothing_more(messages: list[Message]) -> None:
    assert find_faults(messages=messages, catalogue=polib.pofile(str(CATALOGUE))) == []


def test_every_reason_of_the_engine_is_collected(messages: list[Message]) -> None:
    assert set(TEMPLATES.values()) <= {message.text for message in messages}


def test_marked_calls_errors_and_help_of_commands_are_collected(messages: list[Message]) -> None:
    texts = {message.text for message in messages}
    assert {
        "Purchase order {number} from {shop}",
        "There is no place {place}.",
        "Stop the embedded database.",
        "Jobs at a time.",
    } <= texts


@pytest.mark.parametrize(
    ("chinese", "fault"),
    [
        ("{sku} 還有 {units} 件", ""),
        ("", "untranslated: '{units} of {sku}'"),
        ("{sku} 還有 {unit} 件", "other places: '{units} of {sku}' → '{sku} 還有 {unit} 件'"),
    ],
)
def test_a_faulty_translation_is_named(chinese: str, fault: str) -> None:
    catalogue = polib.POFile()
    catalogue.append(polib.POEntry(msgid="{units} of {sku}", msgstr=chinese))
    found = find_faults(messages=[Message("{units} of {sku}", "", "a.py")], catalogue=catalogue)
    assert found == ([fault] if fault else [])


def test_sentences_missing_from_and_left_over_in_the_catalogue_are_named() -> None:
    catalogue = polib.POFile()
    catalogue.append(polib.POEntry(msgid="Old", msgstr="舊"))
    assert find_faults(messages=[Message("New", "", "a.py")], catalogue=catalogue) == [
        "missing: 'New'",
        "left over: 'Old'",
    ]


def test_django_speaks_chinese_when_it_is_the_language() -> None:
    with translation.override("zh-hant"):
        assert gettext("Nothing is parked.") == "沒有待確認的訊息。"
        days = ngettext(
            "{product}: you buy it about every {days} day, last on {date}.",
            "{product}: you buy it about every {days} days, last on {date}.",
            24,
        )
    assert days.format(product="烏龍茶", days=24, date="2026年11月1日") == (
        "烏龍茶：您大約每 24 天購買一次，上次為 2026年11月1日。"
    )


def test_a_reason_is_said_in_the_readers_language() -> None:
    parameters = {"orders_count": 6, "last_bought": "2026-11-01", "gap_days": 24}
    with translation.override("zh-hant"):
        reason = render(code="repurchase.pair", parameters=parameters, translate=gettext)
    assert reason == "買過 6 次，上次為 2026-11-01；平常間隔 24 天。"


def test_the_terminal_speaks_chinese_before_anything_is_started(tmp_path: Path) -> None:
    environment = {**os.environ, "REORDER_HOME": str(tmp_path), "REORDER_LANGUAGE": "zh-hant"}
    environment.pop("REORDER_DATABASE_URL", None)
    command = [str(Path(sys.executable).with_name("reorder")), "stop"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "資料庫並未執行。"


def test_catalogues_are_compiled_once_for_their_content(tmp_path: Path) -> None:
    source = tmp_path / "source"
    catalogue = source / "zh_Hant" / "LC_MESSAGES" / "django.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text('msgid "tea"\nmsgstr "茶"\n', encoding="utf-8")

    first = compiled_catalogues(home=tmp_path, source=source)
    compiled = first / "zh_Hant" / "LC_MESSAGES" / "django.mo"
    written = compiled.stat().st_mtime_ns
    assert compiled_catalogues(home=tmp_path, source=source) == first
    assert compiled.stat().st_mtime_ns == written

    catalogue.write_text('msgid "tea"\nmsgstr "烏龍茶"\n', encoding="utf-8")
    second = compiled_catalogues(home=tmp_path, source=source)
    assert second != first
    assert [entry.msgstr for entry in polib.mofile(str(second / "zh_Hant" / "LC_MESSAGES" / "django.mo"))] == ["烏龍茶"]


def test_an_error_is_said_with_its_phrases_translated_and_its_data_untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_LANGUAGE", "zh-hant")
    said = explain_error(BadQuantity(value="mail", reason="not a number"))
    assert said == "「mail」不是有效的數量：不是數字"
