"""What this room holds about a person, in the order in which it is let go; see storage/personal."""

from typing import Final

from reorder.domain.storage.personal import PersonalTable

_OWN: Final = "t.customer_id = ANY(%(ids)s)"
_MESSAGES: Final = "(t.customer_id = ANY(%(ids)s) OR t.customer_id IS NULL AND lower(t.address) = ANY(%(addresses)s))"
_OF_MESSAGES: Final = "t.message_id IN (SELECT id FROM messaging_outboxmessage WHERE customer_id = ANY(%(ids)s))"
_PROVES: Final = "proves what was declared and when; says nothing of who it was"

TABLES: Final = (
    PersonalTable(
        table="messaging_pendingconsent",
        where=f"({_OWN} OR lower(t.address) = ANY(%(addresses)s))",
        erasure="delete",
        personal=("address", "name", "client"),
        hidden=("secret_hash",),
    ),
    PersonalTable(table="messaging_linkword", where=_OWN, erasure="delete", personal=("word",), hidden=("word",)),
    PersonalTable(
        table="messaging_replypass",
        where="lower(t.address) = ANY(%(addresses)s)",
        erasure="delete",
        personal=("address", "token"),
        hidden=("token",),
    ),
    PersonalTable(table="messaging_contactpreference", where=_OWN, erasure="delete"),
    PersonalTable(
        table="messaging_marketingpause", where=_OWN, erasure="delete", personal=("reason",), hidden=("customer_id",)
    ),
    PersonalTable(
        table="messaging_messagedecision",
        where=_OWN,
        erasure="delete",
        personal=("reason_parameters", "trace"),
        hidden=("decision_key",),
    ),
    PersonalTable(
        table="messaging_shortlink",
        where=_OF_MESSAGES,
        erasure="delete",
        personal=("url",),
        hidden=("token", "url"),
    ),
    PersonalTable(
        table="messaging_messageevent",
        where=_OF_MESSAGES,
        erasure="empty",
        personal=("url", "details"),
        empties={"url": "''", "details": "'{}'"},
        hidden=("key",),
        why="counted in what messages did",
    ),
    PersonalTable(
        table="messaging_outboxattachment",
        where=_OF_MESSAGES,
        erasure="delete",
        personal=("filename", "content"),
        hidden=("content",),
    ),
    PersonalTable(
        table="messaging_outboxmessage",
        where=_MESSAGES,
        erasure="empty",
        personal=(
            "address", "subject", "body_text", "body_html", "variables", "reason_parameters", "provider_key", "error",
        ),
        empties={
            **dict.fromkeys(("address", "subject", "body_text", "body_html", "provider_key", "error"), "''"),
            "variables": "'{}'",
            "reason_parameters": "'{}'",
        },
        hidden=("idempotency_key", "message_id", "provider_key"),
        why="counted in what messages did; when and by what source it went",
    ),
    PersonalTable(
        table="messaging_consententry",
        where=_OWN,
        erasure="empty",
        personal=("proof",),
        empties={"proof": "''"},
        hidden=("idempotency_key",),
        why=_PROVES,
    ),
    PersonalTable(
        table="messaging_topicentry",
        where=_OWN,
        erasure="empty",
        personal=("proof",),
        empties={"proof": "''"},
        hidden=("idempotency_key",),
        why=_PROVES,
    ),
    PersonalTable(
        table="messaging_contactpoint",
        where=_OWN,
        erasure="delete",
        personal=("address", "details"),
        hidden=("details",),
    ),
)  # fmt: skip
