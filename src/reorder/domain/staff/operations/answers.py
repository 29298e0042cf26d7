"""Answers to writes of the API: stored with what was written, forgotten after some days."""

import datetime as dt

from reorder.domain.staff.models import StoredAnswer
from reorder.domain.staff.queries import AnswerRow


def store_answer(*, token_id: int, key: str, answer: AnswerRow, moment: dt.datetime) -> None:
    """Keep an answer in the transaction of the write; a key that is taken breaks that transaction."""
    StoredAnswer.objects.create(
        token_id=token_id,
        key=key,
        request_hash=answer.request_hash,
        status=answer.status,
        body=answer.body,
        content_type=answer.content_type,
        headers=answer.headers,
        created_at=moment,
    )


def forget_answers(*, before: dt.datetime) -> int:
    """Delete the answers stored before a moment; returns how many."""
    deleted, _ = StoredAnswer.objects.filter(created_at__lt=before).delete()
    return deleted
