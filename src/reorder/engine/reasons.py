"""Reasons as code and parameters: the engine writes plain English, and a surface can say the same in another language.

A frame that explains itself carries three columns: `reason` (English sentence), `reason_code` (stable, dotted)
and `reason_parameters` (JSON object). `TEMPLATES` is the only list of sentences; translation catalogues use them as
message ids.
"""

import json
from collections.abc import Callable, Mapping

import polars as pl

# Each engine part adds its sentences here, sorted by code. Placeholders are named and filled with str.format.
TEMPLATES: dict[str, str] = {}


def render(
    *, code: str, parameters: Mapping[str, object], translate: Callable[[str], str] = lambda sentence: sentence
) -> str:
    """The sentence for a code with its parameters put in, in the language that `translate` gives."""
    return translate(TEMPLATES[code]).format(**parameters)


def reason_columns(*, code: str, parameters: Mapping[str, pl.Expr]) -> list[pl.Expr]:
    """Expressions for `reason`, `reason_code` and `reason_parameters` from one expression a placeholder.

    Every parameter must be non-null and already rounded to what a person should read; dates as ISO strings.
    """
    parts: list[pl.Expr] = []
    rest = TEMPLATES[code]
    while "{" in rest:
        text, _, rest = rest.partition("{")
        name, _, rest = rest.partition("}")
        parts += [pl.lit(text), parameters[name].cast(pl.String)]
    parts.append(pl.lit(rest))
    return [
        pl.concat_str(parts).alias("reason"),
        pl.lit(code).alias("reason_code"),
        pl.struct([value.alias(name) for name, value in parameters.items()])
        .struct.json_encode()
        .alias("reason_parameters"),
    ]


def parameters_of(*, encoded: str) -> dict[str, object]:
    """Read back what `reason_columns` wrote in `reason_parameters`."""
    value = json.loads(encoded)
    if not isinstance(value, dict):
        raise TypeError(f"reason parameters must be a JSON object, got {encoded!r}")
    return value
