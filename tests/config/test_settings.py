"""Settings that would do harm later stop the start, and a new installation has one signing key."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from reorder.config.environment import BadSettings, read_environment
from reorder.config.secret_key import read_secret_key

COMMANDS = 16


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("REORDER_NIGHT_CRON", "99 2 * * *", "must have five cron fields"),
        ("REORDER_MAIL_FROM", "Tea shop <hello@tea.example>", "must be a bare address"),
        ("REORDER_MAIL_FROM", "茶@tea.example", "must be a bare address"),
        ("REORDER_HORIZON_DAYS", "0", "must be at least 1"),
        ("REORDER_SERVICE_LEVEL", "0", "must be above 0 and below 1"),
        ("REORDER_CLOCK", "tonight", "must be an ISO moment"),
    ],
)
def test_a_value_that_would_fail_in_the_night_stops_the_start(variable: str, value: str, words: str) -> None:
    with pytest.raises(BadSettings) as refused:
        read_environment(source={variable: value})

    assert f"{variable}={value!r} {words}" in str(refused.value)


def test_usual_values_are_taken() -> None:
    source = {
        "REORDER_NIGHT_CRON": "0 3 * * 1-5",
        "REORDER_MAIL_FROM": "hello+news@tea.example",
        "REORDER_CLOCK": "2026-11-23T02:30",
    }

    taken = read_environment(source=source)

    assert (taken.night_cron, taken.mail_from) == ("0 3 * * 1-5", "hello+news@tea.example")


def test_commands_that_start_a_new_installation_at_once_share_one_key(tmp_path: Path) -> None:
    file = tmp_path / "home" / "secret.key"
    start = Barrier(COMMANDS)

    def read(_command: int) -> str:
        start.wait()
        return read_secret_key(file=file)

    with ThreadPoolExecutor(COMMANDS) as pool:
        keys = set(pool.map(read, range(COMMANDS)))

    assert keys == {file.read_text()}
    assert len(file.read_text()) == 64
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret.key"]


def test_a_relative_home_is_refused() -> None:
    with pytest.raises(BadSettings, match="REORDER_HOME='my-shop' must be an absolute path"):
        read_environment(source={"REORDER_HOME": "my-shop"})
