"""Campaigns, and messages that wait for their hour."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_find_by_phone"), ("marketing", "0003_journeys")]

    operations = [
        migrations.CreateModel(
            name='Campaign',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, unique=True)),
                ('name', models.TextField()),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Submitted'), ('scheduled', 'Scheduled'), ('sending', 'Sending'), ('sent', 'Sent'), ('cancelled', 'Cancelled')], db_default='draft', default='draft', max_length=12)),
                ('segments', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=[], default=list, help_text='Members of any of these.', size=None)),
                ('excluded_segments', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=[], default=list, help_text='And of none of these.', size=None)),
                ('template_code', models.TextField(blank=True, db_default='', default='')),
                ('channels', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=[], default=list, size=None)),
                ('offers', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=[], default=list, help_text='A ladder, the least first.', size=None)),
                ('skus', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=[], default=list, size=None)),
                ('stock_rule', models.CharField(db_default='drop', default='drop', max_length=12)),
                ('timing', models.CharField(choices=[('at_once', 'At Once'), ('best_hour', 'Best Hour')], db_default='best_hour', default='best_hour', max_length=12)),
                ('starts_at', models.DateTimeField(blank=True, null=True)),
                ('ends_at', models.DateTimeField(blank=True, help_text='What has not gone by then does not go.', null=True)),
                ('holdout_share', models.FloatField(db_default=0.1, default=0.1)),
                ('response_share', models.FloatField(db_default=0.02, default=0.02, help_text='Extra orders that it is expected to bring, a message.')),
                ('units_each', models.FloatField(db_default=1, default=1, help_text='Units of its goods in such an order, together.')),
                ('value_minor', models.FloatField(db_default=0, default=0, help_text='Expected extra margin of one message.')),
                ('created_by', models.TextField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('changed_at', models.DateTimeField()),
                ('submitted_by', models.TextField(blank=True, db_default='', default='')),
                ('approved_by', models.TextField(blank=True, db_default='', default='')),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('cancelled_by', models.TextField(blank=True, db_default='', default='')),
                ('audience_count', models.PositiveIntegerField(blank=True, help_text='As counted when it was scheduled.', null=True)),
                ('last_customer_key', models.BigIntegerField(db_default=0, default=0, help_text='Everybody up to this one was decided about: where sending goes on.')),
                ('outcomes', models.JSONField(db_default={}, default=dict, help_text='People decided about, by outcome.')),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'starts_at'], name='campaign_by_state')],
                'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='campaign_has_name'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'submitted', 'scheduled', 'sending', 'sent', 'cancelled'])), name='campaign_state_known'), models.CheckConstraint(condition=models.Q(('starts_at__isnull', True), ('ends_at__isnull', True), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='campaign_ends_after_start'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['scheduled', 'sending', 'sent']), _negated=True), models.Q(('ends_at__isnull', False), ('starts_at__isnull', False)), _connector='OR'), name='campaign_going_has_times'), models.CheckConstraint(condition=models.Q(('holdout_share__gte', 0), ('holdout_share__lte', 1), ('response_share__gte', 0), ('response_share__lte', 1)), name='campaign_shares_are_shares')],
            },
        ),
        migrations.CreateModel(
            name='ContactLimits',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('per_day', models.PositiveSmallIntegerField(help_text='Messages in any 24 hours, all channels together.')),
                ('per_week', models.PositiveSmallIntegerField(help_text='Messages in any seven days, all channels together.')),
                ('channel_caps', models.JSONField(db_default={}, default=dict, help_text='By channel: [in 24 hours or null, in seven days or null].')),
                ('first_hour', models.PositiveSmallIntegerField(help_text="On the person's clock.")),
                ('last_hour', models.PositiveSmallIntegerField(help_text='From this hour on nothing goes.')),
                ('promise_units', models.FloatField(help_text='What one open message promises of each of its goods.')),
                ('margin_floor_share', models.FloatField(help_text='No offer leaves less than this share of the price.')),
                ('costs', models.JSONField(db_default={}, default=dict, help_text='By channel, in whole units of the currency.')),
                ('decided_by', models.TextField()),
                ('decided_at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'contact limits',
                'constraints': [models.CheckConstraint(condition=models.Q(('first_hour__lt', models.F('last_hour')), ('last_hour__lte', 24)), name='contact_hours_in_order'), models.CheckConstraint(condition=models.Q(('promise_units__gt', 0)), name='contact_promise_positive')],
            },
        ),
        migrations.CreateModel(
            name='WaitingMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text="The wanted message's own; see wanted.WantedMessage.", max_length=64, unique=True)),
                ('source_kind', models.CharField(max_length=16)),
                ('source_key', models.TextField()),
                ('step_key', models.TextField(blank=True, db_default='', default='')),
                ('wanted', models.JSONField(help_text='The rest of the wanted message.')),
                ('skus', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=[], default=list, size=None)),
                ('value_minor', models.FloatField(db_default=0, default=0)),
                ('outcome', models.CharField(help_text='rescheduled or held_for_stock.', max_length=16)),
                ('reason_code', models.TextField()),
                ('reason_parameters', models.JSONField(db_default={}, default=dict)),
                ('look_at', models.DateTimeField()),
                ('latest_at', models.DateTimeField()),
                ('looks_count', models.PositiveIntegerField(db_default=1, default=1)),
                ('wanted_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
            ],
            options={
                'indexes': [models.Index(fields=['look_at', 'id'], name='waiting_next'), models.Index(fields=['customer'], name='waiting_of_customer'), models.Index(fields=['source_kind', 'source_key', 'customer'], name='waiting_of_source')],
                'constraints': [models.CheckConstraint(condition=models.Q(('outcome__in', ['rescheduled', 'held_for_stock'])), name='waiting_outcome_known')],
            },
        ),
    ]
