"""Carrier services, zones, rates and rules of routing."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [("catalog", "0001_initial"), ("inventory", "0004_place_terms")]

    operations = [
        migrations.CreateModel(
            name='Revision',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField(db_default=0, default=0)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='shipping_revision_is_one_row')],
            },
        ),
        migrations.CreateModel(
            name='Service',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.TextField(unique=True)),
                ('name', models.TextField()),
                ('carrier', models.TextField()),
                ('temperature_classes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('max_grams', models.PositiveIntegerField(blank=True, null=True)),
                ('max_longest_mm', models.PositiveIntegerField(blank=True, null=True)),
                ('max_sum_mm', models.PositiveIntegerField(blank=True, help_text='Length + width + height.', null=True)),
                ('is_store_pickup', models.BooleanField(db_default=False, default=False)),
                ('delivery_days', models.PositiveSmallIntegerField(db_default=1, default=1)),
                ('is_active', models.BooleanField(db_default=True, default=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('code', ''), _negated=True), name='service_code_not_empty'), models.CheckConstraint(condition=models.Q(('temperature_classes__len__gte', 1), ('temperature_classes__contained_by', ['ambient', 'chilled', 'frozen'])), name='service_takes_some_temperature')],
            },
        ),
        migrations.CreateModel(
            name='Zone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.TextField(unique=True)),
                ('name', models.TextField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('code', ''), _negated=True), name='zone_code_not_empty')],
            },
        ),
        migrations.CreateModel(
            name='RoutingRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('place_penalty', 'Place Penalty'), ('exclude_place', 'Exclude Place'), ('never_split', 'Never Split'), ('split_penalty', 'Split Penalty'), ('minimum_split_value', 'Minimum Split Value'), ('day_penalty', 'Day Penalty'), ('failed_promise', 'Failed Promise')], max_length=20)),
                ('channel', models.TextField(blank=True, db_default='', default='')),
                ('temperature_class', models.TextField(blank=True, db_default='', default='')),
                ('country', models.CharField(blank=True, db_default='', default='', max_length=2)),
                ('postcode_start', models.TextField(blank=True, db_default='', default='')),
                ('amount_minor', models.BigIntegerField(blank=True, null=True)),
                ('decided_by', models.TextField()),
                ('decided_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.category')),
                ('place', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='inventory.place')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['place_penalty', 'exclude_place', 'never_split', 'split_penalty', 'minimum_split_value', 'day_penalty', 'failed_promise'])), name='routing_rule_kind_known'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['place_penalty', 'exclude_place']), ('place__isnull', False)), models.Q(('kind__in', ['place_penalty', 'exclude_place']), _negated=True), _connector='OR'), name='routing_rule_place_where_needed'), models.CheckConstraint(condition=models.Q(('kind__in', ['exclude_place', 'never_split']), models.Q(('amount_minor__gte', 0), ('amount_minor__isnull', False)), _connector='OR'), name='routing_rule_amount_where_needed')],
            },
        ),
        migrations.CreateModel(
            name='Rate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('up_to_grams', models.PositiveIntegerField()),
                ('price_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('service', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rates', to='shipping.service')),
                ('from_zone', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='shipping.zone')),
                ('to_zone', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='shipping.zone')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('service', 'from_zone', 'to_zone', 'up_to_grams'), name='rate_once'), models.CheckConstraint(condition=models.Q(('price_minor__gte', 0)), name='rate_price_not_negative'), models.CheckConstraint(condition=models.Q(('up_to_grams__gt', 0)), name='rate_weight_positive')],
            },
        ),
        migrations.CreateModel(
            name='ZonePrefix',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('country', models.CharField(max_length=2)),
                ('postcode_start', models.TextField(blank=True, db_default='', default='')),
                ('zone', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='prefixes', to='shipping.zone')),
            ],
            options={
                'verbose_name_plural': 'zone prefixes',
                'constraints': [models.UniqueConstraint(fields=('country', 'postcode_start'), name='zone_prefix_once')],
            },
        ),
    ]
