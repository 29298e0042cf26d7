"""Answers to writes of the API: stored with what was written, forgotten after some days."""

import datetime as dt
import json

from reorder.domain.staff.models import StoredAnswer
from reorder.domain.staff.queries import AnswerRow
from reorder.domain.storage import fetch_prepared

_STORE = """
INSERT INTO staff_storedanswer (token_id, key, request_hash, status, body, content_type, headers, created_at)
VALUES (%(token_id)s::bigint, %(key)s::text, %(request_hash)s::text, %(status)s::smallint, %(body)s::bytea,
        %(content_type)s::text, %(headers)s::jsonb, %(created_at)s::timestamptz)
"""


def store_answer(*, token_id: int, key: str, answer: AnswerRow, moment: dt.datetime) -> None:
    """Keep an answer in the transaction of the write; a key that is taken breaks that transaction."""
    given = {
        "token_id": token_id,
        "key": key,
        "request_hash": answer.request_hash,
        "status": answer.status,
        "body": answer.body,
        "content_type": answer.content_type,
        "headers": json.dumps(dict(answer.headers)),
        "created_at": moment,
    }
    fetch_prepared(statement=_STORE, parameters=given)


def forget_answers(*, before: dt.datetime) -> int:
    """Delete the answers stored before a moment; returns how many."""
    deleted, _ = StoredAnswer.objects.filter(created_at__lt=before).delete()
    return deleted
