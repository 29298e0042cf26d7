"""Cartons, how shipments are to be packed, and what-ifs of the catalogue."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0005_reserves'),
        ('shipping', '0002_parcels'),
    ]

    operations = [
        migrations.CreateModel(
            name='CartonTrial',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('asked_by', models.TextField()),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], db_default='waiting', default='waiting', max_length=8)),
                ('added', models.JSONField(help_text='The carton that is tried: its fields.')),
                ('removed_codes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=[], default=list, size=None)),
                ('shipments', models.PositiveIntegerField(help_text='How many of the last ones.')),
                ('packed_count', models.PositiveIntegerField(db_default=0, default=0)),
                ('outcome', models.JSONField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'running', 'done', 'failed'])), name='carton_trial_state_known'), models.CheckConstraint(condition=models.Q(('shipments__gt', 0)), name='carton_trial_some_shipments')],
            },
        ),
        migrations.CreateModel(
            name='PackingPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('shipment_key', models.TextField(unique=True)),
                ('goods_key', models.TextField()),
                ('plan', models.JSONField()),
                ('verified', models.JSONField(db_default={}, default=dict, help_text='What is done of each step: units as text.')),
                ('made_at', models.DateTimeField()),
                ('made_by', models.TextField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('shipment_key', ''), _negated=True), name='packing_plan_of_a_shipment')],
            },
        ),
        migrations.CreateModel(
            name='Carton',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.TextField(help_text='Printed on it: packers scan it.', unique=True)),
                ('name', models.TextField()),
                ('length_mm', models.PositiveIntegerField()),
                ('width_mm', models.PositiveIntegerField()),
                ('height_mm', models.PositiveIntegerField()),
                ('outer_length_mm', models.PositiveIntegerField()),
                ('outer_width_mm', models.PositiveIntegerField()),
                ('outer_height_mm', models.PositiveIntegerField()),
                ('own_grams', models.PositiveIntegerField(db_default=0, default=0)),
                ('max_grams', models.PositiveIntegerField(blank=True, help_text='Of goods.', null=True)),
                ('cost_minor', models.BigIntegerField(db_default=0, default=0)),
                ('temperature_classes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('material', models.TextField(db_default='carton', default='carton')),
                ('is_active', models.BooleanField(db_default=True, default=True)),
                ('place', models.ForeignKey(blank=True, help_text='None: at all.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='inventory.place')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('code', ''), _negated=True), name='carton_code_not_empty'), models.CheckConstraint(condition=models.Q(('length_mm__gt', 0), ('width_mm__gt', 0), ('height_mm__gt', 0)), name='carton_inside_positive'), models.CheckConstraint(condition=models.Q(('outer_length_mm__gte', models.F('length_mm')), ('outer_width_mm__gte', models.F('width_mm')), ('outer_height_mm__gte', models.F('height_mm'))), name='carton_outside_not_smaller'), models.CheckConstraint(condition=models.Q(('cost_minor__gte', 0)), name='carton_cost_not_negative'), models.CheckConstraint(condition=models.Q(('material__in', ('carton', 'insulated', 'bag', 'tube'))), name='carton_material_known'), models.CheckConstraint(condition=models.Q(('temperature_classes__len__gte', 1), ('temperature_classes__contained_by', ['ambient', 'chilled', 'frozen'])), name='carton_takes_some_temperature')],
            },
        ),
    ]
