"""Orders are found by the phone of who receives them, however it was written."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_sign_in_links")]
    operations = [
        migrations.AddIndex(
            model_name="address",
            index=models.Index(
                models.Func(
                    models.F("phone"),
                    models.Value("\\D"),
                    models.Value(""),
                    models.Value("g"),
                    function="regexp_replace",
                ),
                condition=models.Q(("phone", ""), _negated=True),
                name="address_phone_digits",
            ),
        ),
    ]
