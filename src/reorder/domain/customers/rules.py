"""How what people type is cut into words: the same way as the SQL functions of migration 0003 cut names and keys."""

import re
import unicodedata
from dataclasses import dataclass

from reorder.kernel.patterns import like_literal

# More words than anybody types; each costs a look into the index.
_MOST_WORDS = 20
_WORD = re.compile(r"[a-z0-9]+|[^\x00-\x7f]")
_ONE = re.compile(r"[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class SearchWords:
    """What a name or key must have: `query` (tsquery) finds candidates by the index, all `patterns` (LIKE) decide.

    `is_short`: so short that an e-mail address beginning with it says nothing. `index_decides`: one whole word, so that
    whatever the index finds matches. `text_decides`: no Latin letters, so that whatever has the patterns matches.
    """

    query: str
    patterns: tuple[str, ...]
    start: str
    is_short: bool
    index_decides: bool
    text_decides: bool


def read_words(*, text: str) -> SearchWords | None:
    """What to look for; None when nothing that was typed can be looked for.

    A word in Latin letters must be the beginning of one, characters of other scripts may stand anywhere.
    """
    typed = unicodedata.normalize("NFKC", text.replace("\x00", ""))
    # Character by character, as PostgreSQL does: Python makes two of İ, and another of a Σ at the end of a word.
    plain = "".join(character.lower()[0] for character in typed).strip()
    parts = plain.split()[:_MOST_WORDS]
    words = list(dict.fromkeys(_WORD.findall(" ".join(parts))))[:_MOST_WORDS]
    if not words:
        return None
    # Spaces and punctuation aside, a match needs its words in a row: only the text says whether they are.
    lexemes = [f"'{word}'" if _ONE.match(word) else f"'{word}':*" for word in words]
    return SearchWords(
        query=" & ".join(lexemes),
        patterns=tuple(f"%{like_literal(text=part)}%" for part in parts),
        start=like_literal(text=plain).upper() + "%",
        is_short=len(plain) < 3 and plain.isascii(),
        index_decides=parts == words,
        text_decides=all(_ONE.match(word) for word in words),
    )
