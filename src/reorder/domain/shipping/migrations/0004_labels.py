"""Accounts with carriers, and labels with the claim that comes before each."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('shipping', '0003_cartons'),
    ]

    operations = [
        migrations.CreateModel(
            name='CarrierAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.TextField(unique=True)),
                ('adapter', models.TextField()),
                ('settings', models.JSONField(db_default={}, default=dict)),
                ('secrets', models.TextField(blank=True, db_default='', default='', help_text='Sealed.')),
                ('secret_names', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=[], default=list, size=None)),
                ('services', models.JSONField(db_default={}, default=dict)),
                ('places', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=[], default=list, help_text='Empty: every place.', size=None)),
                ('reference_start', models.CharField(max_length=6)),
                ('callback_key', models.TextField(help_text="Part of the address for the carrier's messages.", unique=True)),
                ('is_active', models.BooleanField(db_default=True, default=True)),
                ('is_test', models.BooleanField(db_default=False, default=False)),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('check_fault', models.JSONField(blank=True, null=True)),
                ('created_by', models.TextField(blank=True, db_default='', default='')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='carrier_account_named'), models.CheckConstraint(condition=models.Q(('adapter', ''), _negated=True), name='carrier_account_has_adapter')],
            },
        ),
        migrations.CreateModel(
            name='Label',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('service_code', models.TextField()),
                ('state', models.CharField(db_default='claimed', default='claimed', max_length=8)),
                ('idempotency_key', models.TextField(unique=True)),
                ('reference', models.TextField(help_text='Ours, at the carrier.')),
                ('promised_date', models.DateField(blank=True, null=True)),
                ('expected_minor', models.BigIntegerField(blank=True, help_text='What we thought it would cost.', null=True)),
                ('claimed_at', models.DateTimeField()),
                ('claimed_by', models.TextField(blank=True, db_default='', default='')),
                ('called_at', models.DateTimeField(blank=True, null=True)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('tracking_number', models.TextField(blank=True, db_default='', default='')),
                ('cost_minor', models.BigIntegerField(blank=True, null=True)),
                ('currency', models.CharField(blank=True, db_default='', default='', max_length=3)),
                ('pdf', models.BinaryField(blank=True, null=True)),
                ('zpl', models.TextField(blank=True, db_default='', default='')),
                ('carrier_reference', models.TextField(blank=True, db_default='', default='')),
                ('details', models.JSONField(db_default={}, default=dict)),
                ('fault', models.JSONField(blank=True, help_text='Code and parameters of the last error.', null=True)),
                ('decided_by', models.TextField(blank=True, db_default='', default='', help_text='Who settled an unknown one.')),
                ('prints_count', models.PositiveIntegerField(db_default=0, default=0)),
                ('last_printed_at', models.DateTimeField(blank=True, null=True)),
                ('voided_at', models.DateTimeField(blank=True, null=True)),
                ('voided_by', models.TextField(blank=True, db_default='', default='')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='shipping.carrieraccount')),
                ('parcel', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='labels', to='shipping.parcel')),
            ],
            options={
                'indexes': [models.Index(fields=['parcel', 'id'], name='label_of_parcel'), models.Index(condition=models.Q(('state__in', ['claimed', 'unknown', 'voiding'])), fields=['claimed_at'], name='label_unsettled'), models.Index(condition=models.Q(('tracking_number', ''), _negated=True), fields=['tracking_number'], name='label_by_number'), models.Index(fields=['reference'], name='label_by_reference')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['claimed', 'bought', 'unknown', 'voiding'])), fields=('parcel',), name='label_once_a_parcel'), models.CheckConstraint(condition=models.Q(('state__in', ['claimed', 'bought', 'failed', 'unknown', 'voiding', 'voided'])), name='label_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['bought', 'voiding']), _negated=True), models.Q(('tracking_number', ''), _negated=True), _connector='OR'), name='label_bought_has_number'), models.CheckConstraint(condition=models.Q(('cost_minor__isnull', True), ('cost_minor__gte', 0), _connector='OR'), name='label_cost_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='LabelBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place_code', models.TextField()),
                ('parcel_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('started_at', models.DateTimeField()),
                ('started_by', models.TextField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('done_count', models.PositiveIntegerField(db_default=0, default=0)),
                ('faults', models.JSONField(db_default={}, default=dict, help_text="By the parcel's id: code, template, parameters.")),
            ],
            options={
                'verbose_name_plural': 'label batches',
                'indexes': [models.Index(fields=['place_code', '-id'], name='label_batch_newest')],
            },
        ),
    ]
