"""Channel accounts, what sending keeps, and what providers tell."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0009_sources_and_events'),
    ]

    operations = [
        migrations.CreateModel(
            name='ChannelDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('way', models.TextField()),
                ('day_date', models.DateField()),
                ('domain', models.TextField(blank=True, db_default='', default='', help_text='Of the address, for mail.')),
                ('sent_count', models.PositiveIntegerField(db_default=0, default=0)),
                ('billed_count', models.PositiveIntegerField(db_default=0, default=0, help_text='What the provider counts: messages against a quota, parts of an SMS.')),
                ('cost_micros', models.BigIntegerField(db_default=0, default=0)),
            ],
        ),
        migrations.CreateModel(
            name='ChannelPace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('way', models.TextField(help_text='Code of the account.', unique=True)),
                ('rests_until', models.DateTimeField()),
                ('reason_code', models.TextField()),
                ('error', models.TextField(blank=True, db_default='', default='')),
                ('failures_in_row', models.PositiveSmallIntegerField(db_default=0, default=0)),
            ],
        ),
        migrations.CreateModel(
            name='ChannelPost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64, unique=True)),
                ('title', models.TextField(blank=True, db_default='', default='')),
                ('text', models.TextField()),
                ('link', models.TextField(blank=True, db_default='', default='')),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('sending', 'Sending'), ('sent', 'Sent'), ('failed', 'Failed'), ('unknown', 'Unknown'), ('stopped', 'Stopped')], db_default='planned', default='planned', max_length=12)),
                ('send_after', models.DateTimeField()),
                ('sending_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('planned_by', models.TextField()),
                ('provider_key', models.TextField(blank=True, db_default='', default='')),
                ('error', models.TextField(blank=True, db_default='', default='')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='LinkWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word', models.CharField(help_text='A digest of the word.', max_length=64, unique=True)),
                ('channel', models.CharField(max_length=16)),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ReplyPass',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('way', models.TextField()),
                ('address', models.TextField()),
                ('token', models.TextField(unique=True)),
                ('expires_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SendingStep',
            fields=[
                ('message_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('attempts_count', models.PositiveSmallIntegerField()),
                ('stage', models.CharField(choices=[('claimed', 'Claimed'), ('begun', 'Begun'), ('done', 'Done')], db_default='claimed', default='claimed', max_length=8)),
                ('outcome', models.JSONField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='StrayEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('way', models.TextField()),
                ('kind', models.TextField()),
                ('reason_code', models.TextField()),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('received_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='channelaccount',
            name='callback_key',
            field=models.CharField(blank=True, db_default='', default='', help_text='Part of the address for its messages to us.', max_length=64),
        ),
        migrations.AddField(
            model_name='channelaccount',
            name='check_fault',
            field=models.JSONField(blank=True, help_text='Code and parameters of the last test; empty: well.', null=True),
        ),
        migrations.AddField(
            model_name='channelaccount',
            name='checked_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='channelaccount',
            name='created_by',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AddField(
            model_name='channelaccount',
            name='secret_names',
            field=models.JSONField(db_default=[], default=list, help_text='Which secrets were entered.'),
        ),
        migrations.AddField(
            model_name='contactpoint',
            name='details',
            field=models.JSONField(db_default={}, default=dict, help_text="What else the channel needs: the keys of a browser's subscription."),
        ),
        migrations.AddConstraint(
            model_name='channelaccount',
            constraint=models.UniqueConstraint(condition=models.Q(('callback_key', ''), _negated=True), fields=('callback_key',), name='channel_account_callback'),
        ),
        migrations.AddIndex(
            model_name='channelday',
            index=models.Index(fields=['day_date'], name='channel_day_date'),
        ),
        migrations.AddConstraint(
            model_name='channelday',
            constraint=models.UniqueConstraint(fields=('way', 'day_date', 'domain'), name='channel_day_once'),
        ),
        migrations.AddField(
            model_name='channelpost',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='messaging.channelaccount'),
        ),
        migrations.AddField(
            model_name='linkword',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer'),
        ),
        migrations.AddIndex(
            model_name='replypass',
            index=models.Index(fields=['way', 'address', '-expires_at'], name='reply_pass_of'),
        ),
        migrations.AddIndex(
            model_name='strayevent',
            index=models.Index(fields=['received_at'], name='stray_event_moment'),
        ),
        migrations.AddIndex(
            model_name='channelpost',
            index=models.Index(fields=['send_after'], name='channel_post_moment'),
        ),
        migrations.AddConstraint(
            model_name='channelpost',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='channel_post_has_text'),
        ),
        migrations.AddConstraint(
            model_name='channelpost',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['planned', 'sending', 'sent', 'failed', 'unknown', 'stopped'])), name='channel_post_state_known'),
        ),
        # A line of the journal costs no wait for the disk, and a crash of PostgreSQL empties it.
        migrations.RunSQL(
            sql="ALTER TABLE messaging_sendingstep SET UNLOGGED",
            reverse_sql="ALTER TABLE messaging_sendingstep SET LOGGED",
        ),
    ]
