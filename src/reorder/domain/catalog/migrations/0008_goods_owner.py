"""Whose goods a product is: our own, or those of a shop that we store and ship for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_handling")]
    operations = [
        migrations.AddField(
            model_name="product",
            name="goods_owner",
            field=models.TextField(
                db_default="self",
                default="self",
                help_text="Whose goods these are: self, or the code of a shop we store for.",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("goods_owner", ""), _negated=True), name="product_has_owner"
            ),
        ),
    ]
