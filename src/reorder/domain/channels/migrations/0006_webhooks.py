"""Where our webhooks go, what they say, and every delivery."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0005_staged_events'),
    ]

    operations = [
        migrations.CreateModel(
            name='WebhookEndpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.TextField()),
                ('description', models.TextField(blank=True, db_default='', default='')),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, help_text='Events it wants; empty: all.', size=None)),
                ('state', models.CharField(choices=[('active', 'Active'), ('paused', 'Paused'), ('disabled', 'Disabled'), ('removed', 'Removed')], db_default='active', default='active', max_length=8)),
                ('state_reason', models.CharField(blank=True, db_default='', default='', help_text='Why we disabled it: gone, failing, unreadable.', max_length=20)),
                ('state_at', models.DateTimeField(help_text='Since when it is in this state.')),
                ('secret', models.TextField(help_text='Sealed.')),
                ('previous_secret', models.TextField(blank=True, db_default='', default='', help_text='Sealed; signs too for a while.')),
                ('previous_until', models.DateTimeField(blank=True, null=True)),
                ('failing_since', models.DateTimeField(blank=True, help_text='The first failure after the last success.', null=True)),
                ('failures_in_row', models.PositiveIntegerField(db_default=0, default=0)),
                ('quiet_until', models.DateTimeField(blank=True, help_text='It did not answer: nothing is sent before.', null=True)),
                ('created_by', models.TextField()),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['active', 'paused', 'disabled', 'removed'])), name='webhook_endpoint_state_known'), models.CheckConstraint(condition=models.Q(('state', 'removed'), models.Q(('secret', ''), _negated=True), _connector='OR'), name='webhook_endpoint_has_secret'), models.CheckConstraint(condition=models.Q(('previous_secret', ''), ('previous_until__isnull', False), _connector='OR'), name='webhook_endpoint_previous_ends')],
            },
        ),
        migrations.CreateModel(
            name='WebhookMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.TextField(help_text='The webhook-id: the same at every attempt.')),
                ('kind', models.CharField(max_length=40)),
                ('subject_kind', models.CharField(max_length=20)),
                ('subject_key', models.TextField()),
                ('event_key', models.TextField(help_text='Which event of the subject: told once.')),
                ('body', models.TextField()),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['created_at'], name='webhook_message_kept')],
                'constraints': [models.UniqueConstraint(fields=('key',), name='webhook_message_key_once'), models.UniqueConstraint(fields=('subject_kind', 'subject_key', 'kind', 'event_key'), name='webhook_message_once')],
            },
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(help_text='That of its message, for lists.', max_length=40)),
                ('subject_key', models.TextField(help_text='That of its message: two of one subject are not sent at once.')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('delivered', 'Delivered'), ('failed', 'Failed'), ('given_up', 'Given Up')], db_default='waiting', default='waiting', max_length=9)),
                ('attempts_count', models.PositiveIntegerField(db_default=0, default=0)),
                ('round_count', models.PositiveIntegerField(db_default=0, default=0, help_text='Attempts since the last replay.')),
                ('next_attempt_at', models.DateTimeField(help_text='While it waits: not before this moment.')),
                ('claimed_until', models.DateTimeField(blank=True, help_text='A worker speaks with the endpoint; past this moment the worker has died.', null=True)),
                ('outcome', models.CharField(blank=True, db_default='', default='', help_text='Of the last attempt: ok, refused, down, gone.', max_length=10)),
                ('status', models.PositiveIntegerField(blank=True, help_text='HTTP status of the last answer.', null=True)),
                ('error_code', models.TextField(blank=True, db_default='', default='')),
                ('error_parameters', models.JSONField(db_default={}, default=dict)),
                ('excerpt', models.TextField(blank=True, db_default='', default='', help_text='The beginning of the last answer.')),
                ('attempts', models.JSONField(db_default=[], default=list, help_text='The last attempts, the newest last.')),
                ('created_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('endpoint', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='channels.webhookendpoint')),
                ('message', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='channels.webhookmessage')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['endpoint', 'next_attempt_at', 'id'], name='webhook_delivery_due'), models.Index(condition=models.Q(('claimed_until__isnull', False)), fields=['claimed_until'], name='webhook_delivery_claimed'), models.Index(fields=['state', '-id'], name='webhook_delivery_state'), models.Index(fields=['endpoint', '-id'], name='webhook_delivery_endpoint'), models.Index(fields=['kind', '-id'], name='webhook_delivery_kind')],
                'constraints': [models.UniqueConstraint(fields=('message', 'endpoint'), name='webhook_delivery_once'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'delivered', 'failed', 'given_up'])), name='webhook_delivery_state_known')],
            },
        ),
    ]
