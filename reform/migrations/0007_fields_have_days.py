from django.db import migrations

COPY = """
INSERT INTO reform_dutyfield (duty_id, kind, organization_id, since, until)
SELECT held.duty_id, 'field', held.organization_id, duty.since, duty.until
FROM reform_duty_fields held JOIN reform_duty duty ON duty.id = held.duty_id
"""


class Migration(migrations.Migration):
    """What a leader answers for has held as long as the duty itself."""

    dependencies = [
        ('reform', '0006_people_and_their_duties'),
    ]

    operations = [
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
        migrations.RemoveField(
            model_name='duty',
            name='fields',
        ),
    ]
