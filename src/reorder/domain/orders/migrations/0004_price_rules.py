"""Coupons, discounts and their uses, tax rates, shipping fees."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models

REFUSE = """
CREATE FUNCTION orders_refuse_use_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'uses of coupons are append-only: give one back by a counter-use' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER price_rule_use_append_only BEFORE UPDATE OR DELETE ON orders_priceruleuse
    FOR EACH ROW EXECUTE FUNCTION orders_refuse_use_change();
"""
ALLOW = "DROP TRIGGER price_rule_use_append_only ON orders_priceruleuse; DROP FUNCTION orders_refuse_use_change();"


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_life"), ("catalog", "0005_units_of_measure")]
    operations = [
        migrations.CreateModel(
            name='CategoryTaxClass',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tax_class', models.TextField()),
                ('category', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='tax_class', to='catalog.category')),
            ],
            options={
                'verbose_name_plural': 'category tax classes',
            },
        ),
        migrations.CreateModel(
            name='PriceRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.TextField(help_text='What customers type, or staff call it; in upper case.')),
                ('name', models.TextField(help_text='What customers read.')),
                ('is_coupon', models.BooleanField(help_text='Only for who names the code; otherwise for everybody.')),
                ('kind', models.CharField(choices=[('percent', 'Percent'), ('amount', 'Amount'), ('free_shipping', 'Free Shipping'), ('buy_x_get_y', 'Buy X Get Y'), ('gift', 'Gift')], max_length=14)),
                ('currency', models.CharField(help_text='Of its amounts; orders in others do not get it.', max_length=3)),
                ('share', models.DecimalField(blank=True, decimal_places=5, help_text='0.1 is 10 % off.', max_digits=6, null=True)),
                ('amount_minor', models.BigIntegerField(db_default=0, default=0)),
                ('maximum_discount_minor', models.BigIntegerField(blank=True, null=True)),
                ('minimum_goods_minor', models.BigIntegerField(db_default=0, default=0)),
                ('channels', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, db_default=[], default=list, size=None)),
                ('skus', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, db_default=[], default=list, size=None)),
                ('category_codes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, db_default=[], default=list, size=None)),
                ('buy_units', models.PositiveIntegerField(db_default=0, default=0)),
                ('get_units', models.PositiveIntegerField(db_default=0, default=0)),
                ('get_skus', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, db_default=[], default=list, size=None)),
                ('get_category_codes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, db_default=[], default=list, size=None)),
                ('gift_sku', models.TextField(blank=True, db_default='', default='')),
                ('gift_units', models.DecimalField(db_default=1, decimal_places=3, default=1, max_digits=14)),
                ('starts_at', models.DateTimeField(blank=True, null=True)),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('maximum_uses', models.PositiveIntegerField(blank=True, null=True)),
                ('maximum_uses_per_customer', models.PositiveIntegerField(blank=True, null=True)),
                ('uses_count', models.IntegerField(db_default=0, default=0)),
                ('is_combinable', models.BooleanField(db_default=True, default=True)),
                ('priority', models.PositiveSmallIntegerField(db_default=100, default=100)),
                ('is_active', models.BooleanField(db_default=True, default=True)),
                ('created_by', models.TextField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('is_active', True), ('is_coupon', False)), fields=['priority'], name='price_rule_automatic')],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Upper('code'), name='price_rule_code_once'), models.CheckConstraint(condition=models.Q(('code', ''), _negated=True), name='price_rule_code_not_empty'), models.CheckConstraint(condition=models.Q(('kind__in', ['percent', 'amount', 'free_shipping', 'buy_x_get_y', 'gift'])), name='price_rule_kind_known'), models.CheckConstraint(condition=models.Q(('share__isnull', True), models.Q(('share__gt', 0), ('share__lte', 1)), _connector='OR'), name='price_rule_share_is_share'), models.CheckConstraint(condition=models.Q(('amount_minor__gte', 0), ('minimum_goods_minor__gte', 0), models.Q(('maximum_discount_minor__isnull', True), ('maximum_discount_minor__gte', 0), _connector='OR')), name='price_rule_amounts_not_negative'), models.CheckConstraint(condition=models.Q(('starts_at__isnull', True), ('ends_at__isnull', True), ('starts_at__lt', models.F('ends_at')), _connector='OR'), name='price_rule_begins_before_it_ends'), models.CheckConstraint(condition=models.Q(('uses_count__gte', 0), models.Q(('maximum_uses__isnull', True), ('uses_count__lte', models.F('maximum_uses')), _connector='OR')), name='price_rule_uses_within_limit')],
            },
        ),
        migrations.CreateModel(
            name='ShippingFee',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('method', models.TextField(help_text='Code of the way of shipping, as orders hold it.')),
                ('name', models.TextField(help_text='What customers read.')),
                ('country', models.CharField(blank=True, db_default='', default='', max_length=2)),
                ('postcode_start', models.TextField(blank=True, db_default='', default='')),
                ('currency', models.CharField(max_length=3)),
                ('fee_minor', models.BigIntegerField()),
                ('free_from_minor', models.BigIntegerField(blank=True, null=True)),
                ('is_active', models.BooleanField(db_default=True, default=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('method', 'country', 'postcode_start', 'currency'), name='shipping_fee_once'), models.CheckConstraint(condition=models.Q(('method', ''), _negated=True), name='shipping_fee_method_not_empty'), models.CheckConstraint(condition=models.Q(('fee_minor__gte', 0), models.Q(('free_from_minor__isnull', True), ('free_from_minor__gte', 0), _connector='OR')), name='shipping_fee_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='TaxRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('country', models.CharField(blank=True, db_default='', default='', max_length=2)),
                ('tax_class', models.TextField(help_text='standard, shipping, or a class that goods were given.')),
                ('share', models.DecimalField(decimal_places=5, help_text='0.05 is 5 %.', max_digits=6)),
                ('name', models.TextField(help_text='What customers read.')),
                ('is_active', models.BooleanField(db_default=True, default=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('country', 'tax_class'), name='tax_rate_once'), models.CheckConstraint(condition=models.Q(('share__gte', 0), ('share__lte', 1)), name='tax_rate_is_share'), models.CheckConstraint(condition=models.Q(('tax_class', ''), _negated=True), name='tax_rate_class_not_empty')],
            },
        ),
        migrations.CreateModel(
            name='PriceRuleUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uses', models.SmallIntegerField()),
                ('discount_minor', models.BigIntegerField(db_default=0, default=0, help_text='What it took off the goods.')),
                ('happened_at', models.DateTimeField()),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rule_uses', to='orders.order')),
                ('rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='orders.pricerule')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('uses__in', [1, -1])), name='price_rule_use_is_one')],
            },
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
