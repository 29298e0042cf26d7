"""Segments, their members and who came and went."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_find_by_phone"), ("marketing", "0001_facts")]

    operations = [
        migrations.CreateModel(
            name='Segment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=64, unique=True)),
                ('name', models.TextField()),
                ('description', models.TextField(blank=True, db_default='', default='')),
                ('kind', models.CharField(choices=[('rules', 'Rules'), ('list', 'List')], max_length=8)),
                ('rules', models.JSONField(db_default={}, default=dict, help_text='See domain/marketing/segment_rules; of lists: {}.')),
                ('member_tag', models.CharField(blank=True, db_default='', default='', help_text='A tag that its members wear while they are in.', max_length=60)),
                ('members_count', models.IntegerField(db_default=0, default=0)),
                ('counted_at', models.DateTimeField(blank=True, help_text='When everybody was last held against the rules; empty: not yet.', null=True)),
                ('fault', models.TextField(blank=True, db_default='', default='', help_text='Why it could not be counted.')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('created_by', models.TextField()),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('changed_by', models.TextField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['rules', 'list'])), name='segment_kind_known'), models.CheckConstraint(condition=models.Q(models.Q(('code', ''), _negated=True), models.Q(('name', ''), _negated=True)), name='segment_named'), models.CheckConstraint(condition=models.Q(('members_count__gte', 0)), name='segment_members_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='ListImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mode', models.CharField(choices=[('add', 'Add'), ('remove', 'Remove'), ('replace', 'Replace')], max_length=8)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], db_default='queued', default='queued', max_length=8)),
                ('name', models.TextField(help_text='Of the file.')),
                ('folder', models.TextField(help_text='Below uploads in the home folder.')),
                ('bytes', models.BigIntegerField()),
                ('bytes_done', models.BigIntegerField(db_default=0, default=0)),
                ('read_count', models.IntegerField(db_default=0, default=0)),
                ('came_count', models.IntegerField(db_default=0, default=0)),
                ('left_count', models.IntegerField(db_default=0, default=0)),
                ('known_count', models.IntegerField(db_default=0, default=0, help_text='Rows that changed nothing.')),
                ('rejected_count', models.IntegerField(db_default=0, default=0)),
                ('error', models.TextField(blank=True, db_default='', default='')),
                ('asked_by', models.TextField()),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('segment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='imports', to='marketing.segment')),
            ],
        ),
        migrations.CreateModel(
            name='SegmentDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('date', models.DateField()),
                ('members_count', models.IntegerField()),
                ('came_count', models.IntegerField(db_default=0, default=0)),
                ('left_count', models.IntegerField(db_default=0, default=0)),
                ('segment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='days', to='marketing.segment')),
            ],
        ),
        migrations.CreateModel(
            name='SegmentMember',
            fields=[
                ('pk', models.CompositePrimaryKey('segment_id', 'customer_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('since_at', models.DateTimeField()),
                ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                ('segment', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='members', to='marketing.segment')),
            ],
        ),
        migrations.CreateModel(
            name='SegmentStay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since_at', models.DateTimeField()),
                ('left_at', models.DateTimeField()),
                ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                ('segment', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='marketing.segment')),
            ],
        ),
        migrations.CreateModel(
            name='ListRejection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row_number', models.IntegerField()),
                ('value', models.TextField(blank=True, db_default='', default='')),
                ('reason_code', models.TextField()),
                ('of_import', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rejections', to='marketing.listimport')),
            ],
            options={
                'indexes': [models.Index(fields=['of_import', 'row_number'], name='list_rejection_of_import')],
            },
        ),
        migrations.AddConstraint(
            model_name='listimport',
            constraint=models.CheckConstraint(condition=models.Q(('mode__in', ['add', 'remove', 'replace'])), name='list_import_mode_known'),
        ),
        migrations.AddConstraint(
            model_name='listimport',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'running', 'done', 'failed'])), name='list_import_state_known'),
        ),
        migrations.AddConstraint(
            model_name='segmentday',
            constraint=models.UniqueConstraint(fields=('segment', 'date'), name='segment_day_once'),
        ),
        migrations.AddIndex(
            model_name='segmentmember',
            index=models.Index(fields=['customer', 'segment'], name='segment_member_customer'),
        ),
        migrations.AddIndex(
            model_name='segmentstay',
            index=models.Index(fields=['customer', '-left_at'], name='segment_stay_customer'),
        ),
        migrations.AddIndex(
            model_name='segmentstay',
            index=models.Index(fields=['segment', '-left_at'], name='segment_stay_segment'),
        ),
    ]
