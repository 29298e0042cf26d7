"""Takes contact points and declarations of consent from an import, set-based."""

from collections.abc import Sequence
from dataclasses import dataclass

from reorder.domain.messaging.suppressing import PURPOSE
from reorder.domain.storage import fetch_prepared, run_sql
from reorder.domain.storage.hashing import HASH_SQL, pepper_of

# The key of a merged customer stands for the one that was kept.
_ADD_CONTACT_POINTS = """
INSERT INTO messaging_contactpoint (customer_id, channel, address)
SELECT customer.id, 'email', staged.email
FROM staged_customer AS staged JOIN customers_customer AS named USING (key)
JOIN customers_customer AS customer ON customer.id = coalesce(named.merged_into_id, named.id)
WHERE staged.email IS NOT NULL AND customer.erased_at IS NULL ORDER BY customer.id, staged.email
ON CONFLICT (customer_id, channel, address) DO NOTHING
"""

# A file says what a shop knows of a person, not when they said it. So it is a declaration only where it differs from
# what the same shop said before: a "yes" that merely stands on does not undo a refusal that came by another way. It
# counts when it is later than the latest one on record; silence is no consent, so a first "no" needs no entry. An order
# dated in the future by a wrong clock is taken as of now, or no refusal could follow it.
# A "yes" from before an address was suppressed (erased, complained) is none any more.
_ADD_CONSENTS = """
INSERT INTO messaging_consententry (customer_id, channel, purpose, is_granted, source, declared_at, idempotency_key)
SELECT customer.id, 'email', 'marketing', staged.accepts_marketing, %(source)s, least(staged.declared_at, now()),
       left(encode(sha256(convert_to(
           concat_ws('|', 'import', staged.key, staged.accepts_marketing, staged.declared_at), 'UTF8')), 'hex'), 40)
FROM staged_customer AS staged JOIN customers_customer AS named USING (key)
JOIN customers_customer AS customer ON customer.id = coalesce(named.merged_into_id, named.id)
LEFT JOIN LATERAL (
    SELECT is_granted, declared_at FROM messaging_consententry AS entry
    WHERE entry.customer_id = customer.id AND entry.channel = 'email' AND entry.purpose = 'marketing'
    ORDER BY declared_at DESC, id DESC LIMIT 1
) AS latest ON true
LEFT JOIN LATERAL (
    SELECT is_granted FROM messaging_consententry AS entry
    WHERE entry.customer_id = customer.id AND entry.channel = 'email' AND entry.purpose = 'marketing'
      AND entry.source = %(source)s
    ORDER BY declared_at DESC, id DESC LIMIT 1
) AS said_before ON true
WHERE staged.accepts_marketing IS NOT NULL AND customer.erased_at IS NULL
  AND staged.accepts_marketing IS DISTINCT FROM said_before.is_granted
  AND (staged.accepts_marketing IS DISTINCT FROM coalesce(latest.is_granted, false)
       OR said_before.is_granted AND NOT staged.accepts_marketing)
  AND (latest.declared_at IS NULL OR latest.declared_at < least(staged.declared_at, now()))
  AND NOT (staged.accepts_marketing AND EXISTS (
      SELECT FROM messaging_suppression AS held
      WHERE held.lifted_at IS NULL AND held.channel = 'email' AND held.suppressed_at >= staged.declared_at
        AND held.address_hash = {hashed}))
ORDER BY customer.id ON CONFLICT (idempotency_key) DO NOTHING
""".replace("{hashed}", HASH_SQL.format(text="'email:' || lower(trim(staged.email))"))


@dataclass(frozen=True, slots=True)
class TakenContacts:
    """How many addresses and how many declarations were new."""

    contact_points_count: int
    consents_count: int


def take_contacts(*, source: str) -> TakenContacts:
    """Add e-mail addresses and declarations of consent from the temporary table `staged_customer`.

    The table has key, email, accepts_marketing, declared_at, each key once; customers must exist already. `source`
    names where the declaration was made. Erased customers are left alone.
    """
    points = run_sql(statement=_ADD_CONTACT_POINTS)
    consents = run_sql(statement=_ADD_CONSENTS, parameters={"source": source, "pepper": pepper_of(purpose=PURPOSE)})
    return TakenContacts(contact_points_count=points, consents_count=consents)


_STRANGERS = """
SELECT given.key, coalesce(customer.merged_into_id, customer.id), kept.country,
       customer.id IS NULL OR kept.erased_at IS NULL AND (
           given.accepts_marketing IS NOT NULL
           OR given.name <> '' AND kept.name = ''
           OR given.email <> '' AND NOT EXISTS (
               SELECT FROM messaging_contactpoint AS point
               WHERE point.customer_id = kept.id AND point.channel = 'email' AND point.address = given.email))
FROM unnest(%(key)s::text[], %(email)s::text[], %(name)s::text[], %(accepts_marketing)s::boolean[])
     AS given (key, email, name, accepts_marketing)
LEFT JOIN customers_customer AS customer ON customer.key = given.key
LEFT JOIN customers_customer AS kept ON kept.id = coalesce(customer.merged_into_id, customer.id)
"""


@dataclass(frozen=True, slots=True)
class MetPerson:
    """A buyer by key: who that is, and whether the order says something that is not on record yet."""

    key: str
    customer_id: int | None
    country: str | None
    is_news: bool


def meet_people(
    *, keys: Sequence[str], emails: Sequence[str], names: Sequence[str], accepts_marketing: Sequence[bool | None]
) -> list[MetPerson]:
    """Buyers as they are on record; those with news must be taken with `take_customers` and `take_contacts`."""
    given = {
        "key": list(keys),
        "email": list(emails),
        "name": list(names),
        "accepts_marketing": list(accepts_marketing),
    }
    return [MetPerson(*row) for row in fetch_prepared(statement=_STRANGERS, parameters=given)]
