"""Whom senders mean: customers by the shop's key, else by an e-mail address that exactly one of them has."""

from collections.abc import Collection

from reorder.domain.customers.queries import find_kept_customer_ids, find_kept_ids
from reorder.domain.messaging.of_customer import find_owners_of_addresses


def find_people(*, keys: Collection[str], addresses: Collection[str]) -> dict[str, int]:
    """The customers of these keys and of these addresses (in lower case), by key and by address."""
    # NUL never is part of a key, and PostgreSQL takes none.
    known = find_kept_customer_ids(keys=[key for key in {*keys, *addresses} if "\x00" not in key])
    missing = sorted(address for address in set(addresses) - known.keys() if "\x00" not in address)
    return (find_owners_of_addresses(addresses=missing) if missing else {}) | known


def find_named(*, names: Collection[str]) -> dict[str, int]:
    """The customers of the names that the inbox gives: `k:` with a key, `c:` with a customer's number.

    A key that is an e-mail address is looked for among addresses too, without the shop's prefix.
    """
    keys = {name: name[2:] for name in names if name.startswith("k:")}
    addresses = {name: key.rpartition(":")[2].lower() for name, key in keys.items() if "@" in key}
    people = find_people(keys=keys.values(), addresses=addresses.values()) if keys else {}
    found = {name: people.get(key) or people.get(addresses.get(name, "")) for name, key in keys.items()}
    numbers = {name: int(name[2:]) for name in names if name.startswith("c:")}
    kept = find_kept_ids(ids=list(numbers.values())) if numbers else {}
    found |= {name: kept.get(number) for name, number in numbers.items()}
    return {name: customer_id for name, customer_id in found.items() if customer_id}
