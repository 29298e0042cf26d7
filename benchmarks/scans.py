"""How long a scan takes to be answered with 20 pickers scanning every two seconds, at a really started server.

Ten people pick batches of a wave, five receive without an order, five move goods between bins; each has a session of
his own and posts one scan at a time to `/floor/scans`, as a handheld with Wi-Fi does. The target is 100 ms at the 95th
percentile. Run with `python -m benchmarks.scans`; `--seconds 60 --pickers 20 --every 2`.
"""

import argparse
import json
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from tests.factories.installation import Installation, installation
from tests.factories.web import Person, serving

TARGET_MILLISECONDS = 100.0
PLACE = "KEELUNG"
SKUS = ("OOLONG-150", "CUP", "POT", "TRAY", "SPOON")
_ORDERS = 300
# A warehouse with a floor, goods in every bin, and a released wave of many orders; run inside the installation.
_STOCK = f"""
import json
import django; django.setup()
from tests.factories.order_life import placed
from tests.factories.placing import stock_up
from tests.factories.walking import BINS, lay_floor, put_in, wave_at
from reorder.domain.warehouse.models import PickBatch
skus = {SKUS!r}
for sku in skus:
    stock_up(sku=sku, units=100_000)
lay_floor()
for sku in skus:
    for code in BINS:
        put_in(code, sku=sku, units=10_000)
for number in range({_ORDERS}):
    picked = [skus[(number + more) % len(skus)] for more in range(3)]
    placed(*((sku, 1 + number % 2) for sku in picked), external_id=f"B-{{number}}")
wave_at()
print(json.dumps([str(one) for one in PickBatch.objects.values_list("pk", flat=True)]))
"""


@dataclass
class Times:
    """Milliseconds of each answer by work, and what was answered otherwise than right."""

    by_work: dict[str, list[float]] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, *, work: str, milliseconds: float, outcome: str) -> None:
        with self.lock:
            self.by_work.setdefault(work, []).append(milliseconds)
            self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1

    @property
    def all(self) -> list[float]:
        return [one for times in self.by_work.values() for one in times]


def stock(shop: Installation) -> list[str]:
    """Fill the shop; the numbers of its batches."""
    environment = shop.environment(DJANGO_SETTINGS_MODULE="reorder.config.settings", PYTHONPATH=str(Path.cwd()))
    done = subprocess.run([sys.executable, "-c", _STOCK], env=environment, capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout.splitlines()[-1]))


def picking(person: Person, batches: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Scans of batches one after the other, as their plans ask."""
    for batch in batches:
        plan = person.client.get(f"/floor/plan/pick/{batch}/").json()["plan"]
        for step in plan["steps"]:
            if step["id"] not in plan["done_steps"]:
                code = step["expect"][-1] if step["expect"] else step["choices"][0]["value"]
                yield {"work": "pick", "task": batch, "step": step["id"], "code": code, "units": step["units"]}


def receiving() -> Iterator[dict[str, Any]]:
    for number in count():
        yield {"work": "receive", "task": "blind:self", "step": "goods", "code": SKUS[number % 5], "units": "2"}


def moving(name: str) -> Iterator[dict[str, Any]]:
    for number in count():
        task = {"work": "move", "task": f"move-{name}-{number}"}
        yield task | {"step": "source", "code": "A-01"}
        yield task | {"step": "product", "code": SKUS[number % 5]}
        yield task | {"step": "units", "units": "1"}
        yield task | {"step": "target", "code": "C-01"}


def work(
    person: Person, scans: Iterator[dict[str, Any]], *, times: Times, start: float, end: float, every: float
) -> None:
    """Send a scan every so many seconds until the time is over."""
    token = person.client.get("/floor/hello").json()["token"]
    for number in count():
        due = start + number * every
        time.sleep(max(0.0, due - time.monotonic()))
        if time.monotonic() > end or (scan := next(scans, None)) is None:
            return
        body = {"scans": [scan | {"key": uuid.uuid4().hex, "place": PLACE, "scanned_at": None}]}
        began = time.perf_counter()
        answer = person.client.post("/floor/scans", json=body, headers={"X-CSRFToken": token})
        took = (time.perf_counter() - began) * 1000
        said = answer.json()["answers"][0] if answer.status_code == httpx.codes.OK else {"outcome": answer.status_code}
        times.note(work=str(scan["work"]), milliseconds=took, outcome=str(said["outcome"]))


def measure(*, seconds: float, pickers: int, every: float) -> Times:
    """Answers of a served shop in which so many people scan."""
    times = Times()
    # The clock of an installation of tests stands still; here it goes.
    with installation(REORDER_CLOCK="") as shop:
        shop.say("user", "add", "mei", "--role", "warehouse")
        numbers = stock(shop)
        with serving(shop) as web:
            people = [Person(web=web, name="mei") for _ in range(pickers)]
            for person in people:
                person.post("/floor/place", {"place": PLACE})
            start = time.monotonic() + 0.5
            with ThreadPoolExecutor(pickers) as pool:
                hands = []
                for at, person in enumerate(people):
                    batches = iter(numbers[at :: max(1, pickers // 2)])
                    # Whose batches are all picked goes on with a delivery, so that all scan to the end.
                    picks = chain(picking(person, batches), receiving())
                    kinds = (picks, picks, receiving(), moving(str(at)))
                    scans = kinds[at % 4]
                    hands.append(
                        pool.submit(
                            work,
                            person,
                            scans,
                            times=times,
                            start=start + every * at / pickers,
                            end=start + seconds,
                            every=every,
                        )
                    )
                for hand in hands:
                    hand.result()
    return times


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def main(arguments: list[str]) -> None:
    """Print the figures, and fail when the target is missed."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--seconds", type=float, default=40)
    reader.add_argument("--pickers", type=int, default=20)
    reader.add_argument("--every", type=float, default=2)
    asked = reader.parse_args(arguments)
    times = measure(seconds=asked.seconds, pickers=asked.pickers, every=asked.every)
    say(f"{asked.pickers} people, a scan every {asked.every:g} s, {len(times.all)} scans; answers: {times.outcomes}")
    for name, taken in [*sorted(times.by_work.items()), ("all", times.all)]:
        middle, late, last = np.percentile(taken, [50, 95, 100])
        say(f"{name:8} {len(taken):5} scans  median {middle:6.1f} ms  p95 {late:6.1f} ms  slowest {last:6.1f} ms")
    reached = float(np.percentile(times.all, 95))
    say(f"p95 {reached:.1f} ms, target {TARGET_MILLISECONDS:.0f} ms: {reached / TARGET_MILLISECONDS:.2f} of it")


if __name__ == "__main__":
    main(sys.argv[1:])
