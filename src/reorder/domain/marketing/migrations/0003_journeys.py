"""Journeys, their versions, and who is where in them."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0007_find_by_phone'),
        ('marketing', '0002_segments'),
    ]

    operations = [
        migrations.CreateModel(
            name='Journey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.TextField(unique=True)),
                ('name', models.TextField(blank=True, db_default='', default='', help_text='Empty: that of the ready-made one.')),
                ('ready_made', models.TextField(blank=True, db_default='', default='', help_text='Which ready-made one it began as.')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('live', 'Live'), ('paused', 'Paused'), ('off', 'Off')], db_default='draft', default='draft', max_length=8)),
                ('draft', models.JSONField(default=dict, help_text='What is being edited; see journeys/definition.')),
                ('draft_number', models.IntegerField(db_default=0, default=0, help_text='Grows with every change of the draft.')),
                ('changed_at', models.DateTimeField()),
                ('changed_by', models.TextField()),
                ('switched_at', models.DateTimeField(blank=True, help_text='When its state last changed.', null=True)),
            ],
        ),
        migrations.CreateModel(
            name='JourneyLook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.TextField(unique=True)),
                ('looked_until', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='WatchedPrice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sku', models.TextField(unique=True)),
                ('price_minor', models.BigIntegerField(blank=True, null=True)),
                ('is_there', models.BooleanField(blank=True, null=True)),
                ('seen_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='JourneyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField()),
                ('definition', models.JSONField()),
                ('published_at', models.DateTimeField()),
                ('published_by', models.TextField()),
                ('journey', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='marketing.journey')),
            ],
        ),
        migrations.AddField(
            model_name='journey',
            name='live_version',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='marketing.journeyversion'),
        ),
        migrations.CreateModel(
            name='Enrolment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entry_key', models.CharField(help_text='What they came in for: equal keys are one way through.', max_length=64)),
                ('state', models.CharField(choices=[('active', 'Active'), ('held', 'Held'), ('done', 'Done'), ('left', 'Left'), ('failed', 'Failed')], db_default='active', default='active', max_length=8)),
                ('step_key', models.TextField(blank=True, db_default='', default='', help_text='Where they are; empty: at the end.')),
                ('is_waiting', models.BooleanField(db_default=False, default=False, help_text='The step was taken and has an end.')),
                ('awaits', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=[], default=list, help_text='Facts that end the wait sooner.', size=None)),
                ('due_at', models.DateTimeField(blank=True, help_text='When to go on; empty: at the end.', null=True)),
                ('context', models.JSONField(db_default={}, default=dict, help_text='What they came in with, and what was seen since.')),
                ('steps_count', models.IntegerField(db_default=0, default=0)),
                ('faults_count', models.SmallIntegerField(db_default=0, default=0)),
                ('entered_at', models.DateTimeField()),
                ('arrived_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('ended_code', models.TextField(blank=True, db_default='', default='', help_text='See journeys/rules.ENDS.')),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                ('journey', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='marketing.journey')),
                ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='marketing.journeyversion')),
            ],
        ),
        migrations.CreateModel(
            name='EnrolmentEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('happened_at', models.DateTimeField()),
                ('step_key', models.TextField(blank=True, db_default='', default='')),
                ('code', models.CharField(help_text='See journeys/rules.EVENTS.', max_length=16)),
                ('details', models.JSONField(db_default={}, default=dict)),
                ('enrolment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='marketing.enrolment')),
            ],
            options={
                'indexes': [models.Index(fields=['enrolment', 'id'], name='enrolment_event_of')],
            },
        ),
        migrations.CreateModel(
            name='HandedCycle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cycle_key', models.CharField(max_length=64, unique=True)),
                ('product_id', models.BigIntegerField(help_text='The product that it was to be reminded with.')),
                ('subject_key', models.TextField(help_text='Planning key: SKU or category.')),
                ('due_date', models.DateField(blank=True, null=True)),
                ('last_bought_date', models.DateField(blank=True, null=True)),
                ('handed_at', models.DateTimeField()),
                ('message_key', models.CharField(blank=True, db_default='', default='', help_text='Of the message that was asked for.', max_length=64)),
                ('is_attached', models.BooleanField(db_default=False, default=False, help_text='The message names the cycle.')),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
            ],
            options={
                'indexes': [models.Index(fields=['customer'], name='handed_cycle_of'), models.Index(condition=models.Q(('is_attached', False), models.Q(('message_key', ''), _negated=True)), fields=['message_key'], name='handed_cycle_open')],
            },
        ),
        migrations.CreateModel(
            name='JourneyCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step_key', models.TextField(blank=True, db_default='', default='')),
                ('code', models.CharField(max_length=16)),
                ('date', models.DateField()),
                ('count', models.IntegerField()),
                ('journey', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='marketing.journey')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('journey', 'date', 'step_key', 'code'), name='journey_count_once')],
            },
        ),
        migrations.CreateModel(
            name='JourneyTask',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step_key', models.TextField()),
                ('key', models.CharField(max_length=64, unique=True)),
                ('text', models.TextField()),
                ('asked_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('done_by', models.TextField(blank=True, db_default='', default='')),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                ('enrolment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='marketing.enrolment')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('done_at__isnull', True)), fields=['asked_at'], name='journey_task_open'), models.Index(fields=['customer'], name='journey_task_of_customer'), models.Index(fields=['enrolment'], name='journey_task_of')],
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='journey_task_has_text')],
            },
        ),
        migrations.AddConstraint(
            model_name='journeyversion',
            constraint=models.UniqueConstraint(fields=('journey', 'number'), name='journey_version_once'),
        ),
        migrations.AddConstraint(
            model_name='journey',
            constraint=models.CheckConstraint(condition=models.Q(('code', ''), _negated=True), name='journey_has_code'),
        ),
        migrations.AddConstraint(
            model_name='journey',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'live', 'paused', 'off'])), name='journey_state_known'),
        ),
        migrations.AddConstraint(
            model_name='journey',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'off']), ('live_version__isnull', False), _connector='OR'), name='journey_runs_a_version'),
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(condition=models.Q(('state', 'active')), fields=['due_at', 'id'], name='enrolment_due'),
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(condition=models.Q(('state__in', ['active', 'held'])), fields=['customer', 'journey'], name='enrolment_open_of'),
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(condition=models.Q(('state__in', ['active', 'held'])), fields=['journey', 'step_key'], name='enrolment_at_step'),
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(condition=models.Q(('state__in', ['active', 'held'])), fields=['version'], name='enrolment_open_version'),
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(fields=['customer', '-entered_at'], name='enrolment_of_customer'),
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(fields=['journey', '-id'], name='enrolment_of_journey'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.UniqueConstraint(fields=('journey', 'customer', 'entry_key'), name='enrolment_once'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['active', 'held', 'done', 'left', 'failed'])), name='enrolment_state_known'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('due_at__isnull', False), ('finished_at__isnull', True), ('state__in', ['active', 'held'])), models.Q(('finished_at__isnull', False), ('state__in', ['done', 'left', 'failed'])), _connector='OR'), name='enrolment_active_is_due'),
        ),
    ]
