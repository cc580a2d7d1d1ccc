from django.db import migrations

COPY = """
INSERT INTO reform_dutyfield (duty_id, kind, organization_id, since, until)
SELECT held.duty_id, 'field', held.organization_id, duty.since, duty.until
FROM reform_duty_fields held JOIN reform_duty duty ON duty.id = held.duty_id
WHERE NOT EXISTS (
    SELECT 1 FROM reform_dutyfield have
    WHERE have.duty_id = held.duty_id AND have.kind = 'field'
    AND have.organization_id = held.organization_id
)
"""
# Going back, what a leader answers for to the end of his duty stays his; the days stay where they
# are, for who comes forward again.
BACK = """
INSERT INTO reform_duty_fields (duty_id, organization_id)
SELECT DISTINCT field.duty_id, field.organization_id
FROM reform_dutyfield field JOIN reform_duty duty ON duty.id = field.duty_id
WHERE field.kind = 'field' AND (field.until IS NULL OR field.until = duty.until)
"""


class Migration(migrations.Migration):
    """What a leader answers for has held as long as the duty itself."""

    dependencies = [
        ('reform', '0006_people_and_their_duties'),
    ]

    operations = [
        migrations.RunSQL(COPY, BACK),
        migrations.RemoveField(
            model_name='duty',
            name='fields',
        ),
    ]
