"""The plan of a floor task as JSON: made by the modules of the works, worked through by the screen, also without Wi-Fi.

Every sentence in a plan (`title`, `prompt`, `hint`, `unit_word`, labels of choices) is an English template; the surface
translates it and fills in `values`. Names, codes and numbers of goods are data and go into `values`, `name`, `sku` …

How the screen works a plan:

* `mode` "in_order": the first step that is not in `done_steps` is asked. "any_order": whatever step expects the scanned
  code is meant (a delivery comes in any order).
* A step asks for one thing (`ask`). For bin, product, lot, tote, parcel and label it waits for a scan and compares it
  with `expect` (normalised codes; empty: the server decides). "units" shows the number pad with `units` in it.
  "choice" shows `choices`; the chosen value is sent as `code`.
  A step with `details.first` comes before all others in this mode, too. Its step with `details.again` takes what no
  other step expects, as often as it comes. A step without `units` counts blind: nothing is said of what is left.
* `needs` are asked for on the same screen after the code, and sent with it: "units", "lot", "expires", "bin". What
  a GS1 code told already is not asked again.
* Any step may have `choices` besides: buttons under it ("not enough here"). Pressed, the step is sent with
  `details.choice = value`, without a code, and with the units on the number pad where it shows one.
* Each step is one `FloorScan`, sent in order; the plan moves on at once and the answer comes when it comes. Where
  `expect` is empty, or the plan has `details.waits`, the screen waits for the answer while there is Wi-Fi.
* Of an answer's `values` the screen reads: `left` (units still open on the step `step`), `next_units` (what the number
  pad of the next step starts with), `next_url` (where "done" leads to instead of the list of tasks).
* `details.again` of a plan starts it over after its last step; of a step: it is never done (goods come as they come).
* An answer "wrong" with `choices` is a question: the chosen one is sent as the same scan, under a new key, with
  `details[detail] = value`. An answer with a `plan` replaces the plan.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from reorder.kernel.ids import idempotency_key
from reorder.kernel.quantity import plain_decimal

Ask = Literal["bin", "product", "units", "lot", "tote", "parcel", "label", "choice"]
Need = Literal["units", "lot", "expires", "bin"]


def floor_plan(
    *,
    work: str,
    task: str,
    place_code: str,
    title: str,
    steps: Sequence[Mapping[str, Any]],
    values: Mapping[str, Any] | None = None,
    done_steps: Iterable[str] = (),
    mode: Literal["in_order", "any_order"] = "in_order",
    details: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The plan of one task; `steps` are made by `floor_step`, `title` is a template filled from `values`."""
    return {
        "work": work,
        "task": task,
        "place": place_code,
        "title": title,
        "values": dict(values or {}),
        "mode": mode,
        "steps": [dict(step) for step in steps],
        "done_steps": list(done_steps),
        "details": dict(details or {}),
    }


def floor_step(
    *,
    step: str,
    ask: Ask,
    prompt: str,
    values: Mapping[str, Any] | None = None,
    expect: Iterable[str] = (),
    needs: Sequence[Need] = (),
    units: Decimal | None = None,
    unit_word: str = "",
    hint: str = "",
    picture: str | None = None,
    choices: Sequence[Mapping[str, str]] = (),
    product_id: int | None = None,
    sku: str = "",
    name: str = "",
    bin_code: str = "",
    lot: str = "",
    details: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """One step; `prompt` and `hint` are templates filled from `values`, `units` what is asked for in selling units.

    `choices` are {"value": what is sent, "label": template}. `expect` must be normalised (`codes.normalise`).
    """
    return {
        "id": step,
        "ask": ask,
        "prompt": prompt,
        "values": dict(values or {}),
        "expect": list(expect),
        "needs": list(needs),
        "units": None if units is None else plain_decimal(number=units),
        "unit_word": unit_word,
        "hint": hint,
        "picture": picture,
        "choices": [dict(choice) for choice in choices],
        "product_id": product_id,
        "sku": sku,
        "name": name,
        "bin": bin_code,
        "lot": lot,
        "details": dict(details or {}),
    }


def goods_key(*, owner: str, lot: str) -> str:
    """Names owner and lot in a step and a choice, whatever characters they hold."""
    return idempotency_key(owner, lot)[:12]
