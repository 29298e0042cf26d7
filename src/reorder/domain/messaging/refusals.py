"""Why marketing must not go to a person after all: looked at again when a message is claimed, set-based.

Consent, pauses, topics that the person refused, addresses that are known to be dead. One expression over `message` (a
row of the outbox), so that what is sent and what is held out for comparison are judged alike. Empty text: it may go.
Parameters: today.
"""

from typing import Final

REFUSAL_CODE: Final = """
CASE WHEN message.purpose <> 'marketing' OR message.customer_id IS NULL THEN ''
     WHEN NOT coalesce((
         SELECT entry.is_granted FROM messaging_consententry AS entry
         WHERE entry.customer_id = message.customer_id AND entry.channel = message.channel
           AND entry.purpose = 'marketing'
         ORDER BY entry.declared_at DESC, entry.id DESC LIMIT 1), false) THEN 'outbox.stopped.no_consent'
     WHEN EXISTS (
         SELECT FROM messaging_marketingpause AS pause
         WHERE pause.customer_id = message.customer_id AND pause.resumed_at IS NULL
           AND (pause.resumes_date IS NULL OR pause.resumes_date > %(today)s::date)) THEN 'outbox.stopped.paused'
     WHEN EXISTS (
         SELECT FROM messaging_topic AS topic
         CROSS JOIN LATERAL (
             SELECT said.is_wanted FROM messaging_topicentry AS said
             WHERE said.customer_id = message.customer_id AND said.topic = topic.code
             ORDER BY said.declared_at DESC, said.id DESC LIMIT 1) AS latest
         WHERE NOT latest.is_wanted AND topic.code = (
             SELECT first.code FROM messaging_topic AS first
             WHERE first.is_active AND EXISTS (
                 SELECT FROM unnest(first.sources) AS source
                 WHERE coalesce(nullif(message.source_kind, ''), 'reminder') || ':' || message.source_key
                       LIKE replace(replace(source, '_', '\\_'), '*', '%%'))
             ORDER BY first.position, first.code LIMIT 1)) THEN 'outbox.stopped.topic'
     WHEN EXISTS (
         SELECT FROM messaging_contactpoint AS point
         WHERE point.customer_id = message.customer_id AND point.channel = message.channel
           AND point.address = message.address AND point.unreachable_at IS NOT NULL)
         THEN 'outbox.stopped.unreachable'
     ELSE '' END
"""
