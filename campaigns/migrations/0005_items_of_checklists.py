import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """On its own: PostgreSQL alters no table with rows that the same transaction has changed."""

    dependencies = [
        ("campaigns", "0004_checklists"),
    ]

    operations = [
        migrations.AlterField(
            model_name="item",
            name="checklist",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="items", to="campaigns.checklist"),
        ),
    ]
