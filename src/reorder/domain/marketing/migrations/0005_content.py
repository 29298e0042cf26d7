"""Templates, the content library and offers."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

# What was let go is what people were sent: its words stay as they were.
REFUSE = """
CREATE FUNCTION marketing_refuse_version_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('live', 'retired') AND (
        TG_OP = 'DELETE' OR OLD.content IS DISTINCT FROM NEW.content OR OLD.channel <> NEW.channel
        OR OLD.language <> NEW.language OR OLD.template_id <> NEW.template_id OR OLD.variant <> NEW.variant
        OR OLD.segment_code <> NEW.segment_code OR NEW.state IN ('draft', 'waiting'))
    THEN RAISE EXCEPTION 'a version that was let go is never changed';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER template_version_unchanged BEFORE UPDATE OR DELETE ON marketing_templateversion
FOR EACH ROW EXECUTE FUNCTION marketing_refuse_version_change();
"""
ALLOW = """
DROP TRIGGER template_version_unchanged ON marketing_templateversion;
DROP FUNCTION marketing_refuse_version_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("marketing", "0004_campaigns"),
        ("orders", "0009_coupons"),
        ("catalog", "0008_goods_owner"),
    ]

    operations = [
        migrations.CreateModel(
            name='MessageLook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('logo_url', models.TextField(blank=True, db_default='', default='')),
                ('accent', models.CharField(db_default='#1f6f54', default='#1f6f54', max_length=7)),
                ('site_url', models.TextField(blank=True, db_default='', default='')),
                ('changed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='ProductCard',
            fields=[
                ('product', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='catalog.product')),
                ('page_url', models.TextField(blank=True, db_default='', default='')),
                ('picture_url', models.TextField(blank=True, db_default='', default='')),
                ('changed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='CartTarget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.TextField(unique=True)),
                ('url_template', models.TextField(help_text='With {lines}, and {coupon} where the shop takes one.')),
                ('line_pattern', models.TextField(db_default='{variant}:{units}', default='{variant}:{units}')),
                ('separator', models.CharField(db_default=',', default=',', max_length=4)),
                ('is_active', models.BooleanField(db_default=True, default=True)),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_active', True)), fields=('is_active',), name='cart_target_active_once')],
            },
        ),
        migrations.CreateModel(
            name='LibraryArticle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.TextField()),
                ('language', models.CharField(max_length=8)),
                ('kind', models.CharField(choices=[('how_to', 'How To'), ('brand_story', 'Brand Story'), ('news', 'News')], max_length=12)),
                ('title', models.TextField()),
                ('text', models.TextField()),
                ('url', models.TextField(blank=True, db_default='', default='')),
                ('picture_url', models.TextField(blank=True, db_default='', default='')),
                ('skus', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, db_default=[], default=list, size=None)),
                ('category_codes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, db_default=[], default=list, size=None)),
                ('segment_codes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, db_default=[], default=list, size=None)),
                ('is_active', models.BooleanField(db_default=True, default=True)),
                ('written_by', models.TextField()),
                ('written_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('code', 'language'), name='library_article_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['how_to', 'brand_story', 'news'])), name='library_article_kind_known')],
            },
        ),
        migrations.CreateModel(
            name='Template',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.TextField(unique=True)),
                ('name', models.TextField()),
                ('kind', models.CharField(help_text='One of content_variables.KINDS: which variables it may use.', max_length=24)),
                ('purpose', models.CharField(db_default='marketing', default='marketing', max_length=16)),
                ('category_codes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, db_default=[], default=list, size=None)),
                ('is_ready_made', models.BooleanField(db_default=False, default=False, help_text='Laid down by us at first.')),
                ('utm', models.JSONField(db_default={}, default=dict, help_text='Own source, medium, campaign; empty: ours.')),
                ('created_by', models.TextField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('archived_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('code', ''), _negated=True), name='template_code_not_empty'), models.CheckConstraint(condition=models.Q(('purpose__in', ['marketing', 'transactional'])), name='template_purpose_known')],
            },
        ),
        migrations.CreateModel(
            name='CartVariant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('variant', models.TextField()),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.product')),
                ('target', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='variants', to='marketing.carttarget')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('target', 'product'), name='cart_variant_once')],
            },
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.TextField(unique=True)),
                ('words', models.JSONField(db_default={}, default=dict, help_text='What customers read, by language.')),
                ('valid_days', models.PositiveIntegerField(blank=True, help_text='A code ends so long after its issue.', null=True)),
                ('maximum_codes', models.PositiveIntegerField(blank=True, null=True)),
                ('maximum_codes_per_customer', models.PositiveIntegerField(blank=True, null=True)),
                ('segment_codes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, db_default=[], default=list, size=None)),
                ('is_personal', models.BooleanField(db_default=True, default=True, help_text='Only for whom the code was issued.')),
                ('is_active', models.BooleanField(db_default=True, default=True)),
                ('created_by', models.TextField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('rule', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.pricerule')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('code', ''), _negated=True), name='offer_code_not_empty'), models.CheckConstraint(condition=models.Q(('valid_days__isnull', True), ('valid_days__gt', 0), _connector='OR'), name='offer_days_positive')],
            },
        ),
        migrations.CreateModel(
            name='TemplateVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(help_text='Counted within the template.')),
                ('channel', models.CharField(max_length=16)),
                ('language', models.CharField(max_length=8)),
                ('segment_code', models.TextField(blank=True, db_default='', default='', help_text='Empty: everybody.')),
                ('variant', models.CharField(blank=True, db_default='', default='', max_length=32)),
                ('weight', models.PositiveIntegerField(db_default=100, default=100, help_text='Of variants: how many get it.')),
                ('content', models.JSONField(help_text='Fields of the channel, see content_forms.FIELDS.')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('waiting', 'Waiting'), ('live', 'Live'), ('retired', 'Retired')], db_default='draft', default='draft', max_length=8)),
                ('created_by', models.TextField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('approved_by', models.TextField(blank=True, db_default='', default='')),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('template', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='marketing.template')),
            ],
            options={
                'indexes': [models.Index(fields=['state', '-id'], name='template_version_state')],
                'constraints': [models.UniqueConstraint(fields=('template', 'number'), name='template_version_number_once'), models.UniqueConstraint(condition=models.Q(('state', 'live')), fields=('template', 'channel', 'language', 'segment_code', 'variant'), name='template_version_live_once'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'waiting', 'live', 'retired'])), name='template_version_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'live'), _negated=True), ('approved_at__isnull', False), _connector='OR'), name='template_version_live_is_approved')],
            },
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
