"""Rules, words and topics as people of the shop lay them down; each in the audit trail."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from reorder.domain.messaging.compliance import Policy, get_policy, save_policy, save_text
from reorder.domain.messaging.preferences import put_topic
from reorder.domain.messaging.topic_rules import TopicRow
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction


def lay_down_policy(*, policy: Policy, decided_by: str, moment: dt.datetime) -> None:
    """What holds for marketing from now on; the same again is no new decision. Raises BadPolicy."""
    with one_transaction():
        if save_policy(policy=policy, decided_by=decided_by, moment=moment):
            record_audit(actor=decided_by, action="compliance.save", subject_kind="compliance")


def lay_down_texts(*, texts: Mapping[tuple[str, str], str], decided_by: str, moment: dt.datetime) -> None:
    """The words that people agree to, by kind and language; unchanged ones stay the same version. Raises BadPolicy."""
    with one_transaction():
        for (kind, language), text in texts.items():
            version = save_text(kind=kind, language=language, text=text, made_by=decided_by, moment=moment)
            record_audit(
                actor=decided_by,
                action="compliance.save_text",
                subject_kind="consent text",
                subject_key=f"{kind} {language} {version}",
            )


def lay_down_topic(*, topic: TopicRow, decided_by: str) -> None:
    """A topic that people choose; raises BadTopic."""
    with one_transaction():
        put_topic(topic=topic, changed_by=decided_by)
        record_audit(actor=decided_by, action="compliance.save_topic", subject_kind="topic", subject_key=topic.code)


def keep_selectors(*, selectors: Sequence[str], decided_by: str, moment: dt.datetime) -> None:
    """Under which names the shop's DKIM keys stand; raises BadPolicy."""
    lay_down_policy(policy=replace(get_policy(), dkim_selectors=tuple(selectors)), decided_by=decided_by, moment=moment)
