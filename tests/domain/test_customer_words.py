"""Names are cut in SQL and what is typed in Python: whoever has a name is found by all of it, and by its beginnings."""

import pytest

from reorder.domain.customers.queries import find_customers_by_words
from tests.factories.messaging import make_customer

pytestmark = pytest.mark.django_db

NAMES = [
    "王美玲",
    "王 小明",
    "Mei-Ling Wang",
    "O'Brien & Sons",
    "Zoë Müller",
    "ＡＢＣ ﾃｨｰ",
    "İpek Ÿ",
    "100% Tea_House",
    "陳Amy",
    "Straße 茶🍵",
    "back\\slash",
    "ΓΙΩΡΓΟΣ",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_found_by_itself_and_by_the_beginning_of_each_of_its_parts(name: str) -> None:
    own = make_customer(key="4711", name=name).pk
    make_customer(key="4712", name="林大文")
    typed = [name]
    typed += [part[:length] for part in name.split() for length in (1, 2, len(part)) if part[:length].isalnum()]
    assert {text: find_customers_by_words(text=text, limit=10) for text in typed} == {text: [own] for text in typed}


@pytest.mark.parametrize("text", ["%", "_", "' | 'a", "a & b:*", "\\", "!", "''", "\x00", "   "])
def test_signs_are_no_wildcards_and_no_questions(text: str) -> None:
    make_customer(key="4711", name="王美玲")
    assert find_customers_by_words(text=text, limit=10) == []
