"""Patterns of a shop's addresses: which part names the product, and which patterns are refused."""

import pytest

from reorder.domain.behaviour.addresses import find_skus, match_address, tidy_patterns
from reorder.domain.behaviour.errors import BadAddressPattern

SHOP = "https://shop.example.org"


@pytest.mark.parametrize(
    ("pattern", "address", "skus"),
    [
        ("/products/{sku}", f"{SHOP}/en/products/OOLONG-150/?color=red#top", ["OOLONG-150"]),
        ("/products/{sku}", f"{SHOP}/collections/OOLONG-150", []),
        ("/products/{sku}", f"{SHOP}/products/%E8%8C%B6%201", ["茶 1"]),
        ("/products/{sku}.html", "/products/A.B.html", ["A.B"]),
        ("/products/{sku}.html", "/products/.html", []),
        ("/p/{sku}-{name}", f"{SHOP}/p/OOLONG-150-green-tea", ["OOLONG-150-green", "OOLONG-150", "OOLONG"]),
        ("/p/{name}-{sku}", f"{SHOP}/p/green-tea-7", ["tea-7", "7"]),
        ("/p/{name}--{sku}", f"{SHOP}/p/green-tea--OOLONG-150", ["OOLONG-150"]),
        ("/p/{sku}-{name}", f"{SHOP}/p/OOLONG", []),
        ("/{lang}/shop/{sku}/view", f"{SHOP}/zh/shop/OOLONG/view", ["OOLONG"]),
        ("?variant={sku}", f"{SHOP}/products/tea?b=1&variant=4417&variant=9", ["4417"]),
        ("/products/{name}?variant={sku}", f"{SHOP}/products/tea?variant=4417", ["4417"]),
        ("/products/{name}?variant={sku}", f"{SHOP}/pages/tea?variant=4417", []),
        ("/products/{sku}", f"{SHOP}/products/{'x' * 500}", []),
        ("/p/{sku}-{name}", f"/p/{'a-' * 150}b", 8),
        ("/products/{sku}", "https://[broken", []),
        ("/products/{sku}", None, []),
    ],
)
def test_a_pattern_finds_what_may_be_the_sku(pattern: str, address: object, skus: list[str] | int) -> None:
    found = find_skus(address=address, patterns=tidy_patterns(patterns=[pattern]))
    assert (len(found) if isinstance(skus, int) else found) == skus


def test_the_first_pattern_that_fits_counts() -> None:
    patterns = tidy_patterns(patterns=[" ?variant={sku} ", "", "/products/{sku}", "/products/{sku}"])
    assert patterns == ["?variant={sku}", "/products/{sku}"]
    assert match_address(address="/products/tea?variant=9", patterns=patterns) == ("?variant={sku}", ["9"])
    assert match_address(address="/products/tea", patterns=patterns) == ("/products/{sku}", ["tea"])


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("products/{sku}", "it starts with / or ?, without the shop's name"),
        ("https://shop.example.org/{sku}", "it starts with / or ?, without the shop's name"),
        ("/products/", "{sku} stands in it once"),
        ("/{sku}/{sku}", "{sku} stands in it once"),
        ("/{sku}{name}", "between {sku} and the other name a mark must stand, such as {sku}-{name}"),
        ("/{a}-{sku}-{b}", "between two slashes {sku} and one other name may stand"),
        ("/{a}-{b}/{sku}", "between two slashes {sku} and one other name may stand"),
        (
            "/{sku}/{Name}",
            "only letters, digits, the usual marks and names in braces such as {sku} and {name} may stand",
        ),
        ("/(.*)+/{sku}", "only letters, digits, the usual marks"),
        ("/p?a=1&variant={sku}", "after the question mark stands one parameter"),
        ("/{sku}?", "after the question mark stands one parameter"),
        ("/" + "a" * 200 + "/{sku}", "it is longer than 200 characters"),
    ],
)
def test_a_bad_pattern_is_refused_with_the_reason(pattern: str, words: str) -> None:
    with pytest.raises(BadAddressPattern) as caught:
        tidy_patterns(patterns=[pattern])
    assert str(caught.value).startswith(f"{pattern[:80]} is no pattern of addresses: {words}")


def test_no_more_than_ten_patterns() -> None:
    with pytest.raises(BadAddressPattern, match="there are more than ten"):
        tidy_patterns(patterns=[f"/{number}/{{sku}}" for number in range(11)])
