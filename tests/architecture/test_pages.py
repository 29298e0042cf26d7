"""Settings and periodic jobs are documented, and the commands that the README names exist."""

import re
from pathlib import Path

from reorder.config.environment import describe_settings
from reorder.jobs.schedule import PERIODIC

ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_is_documented_with_its_default_and_meaning() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text()
    missing = [
        variable
        for variable, default, words in describe_settings()
        if f"| `{variable}` | {f'`{default}`' if default else '(empty)'} | {words} |" not in page
    ]
    assert missing == []


def test_every_periodic_job_is_documented_with_its_time() -> None:
    page = (ROOT / "docs/reference/jobs.md").read_text()
    missing = [e.name for e in PERIODIC if f"| `{e.name}` | `{e.cron}` | {e.purpose} |" not in page]
    assert missing == []


def test_nothing_refers_to_folders_outside_the_checkout() -> None:
    word = "/".join(["..", "shared"])
    files = [p for folder in ("src", "tests", "benchmarks", "docs", "tools") for p in (ROOT / folder).rglob("*.*")]
    guilty = [str(p) for p in files if p.suffix in {".py", ".md", ".toml"} and word in p.read_text()]
    assert guilty == []


def test_the_makefile_has_the_targets_the_readme_names() -> None:
    named = set(re.findall(r"`make ([a-z-]+)`", (ROOT / "README.md").read_text()))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert {"demo", "test"} <= named <= targets
