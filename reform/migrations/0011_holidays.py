import json
from datetime import date
from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SEED = Path(__file__).resolve().parent.parent / "holidays"


def seed(apps, _schema):
    """What was known when this was written; a year that somebody has entered stays his."""
    notices, days = (apps.get_model("reform", name) for name in ("HolidayNotice", "Holiday"))
    for path in sorted(SEED.glob("*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        paper = (found["papers"] or [""])[0]
        notice = notices.objects.create(year=found["year"], paper=paper)
        days.objects.bulk_create(
            days(
                notice=notice,
                day=date.fromisoformat(one["date"]),
                is_off=one["isOffDay"],
                name=one["name"],
            )
            for one in found["days"]
        )


class Migration(migrations.Migration):
    dependencies = [
        ("reform", "0010_job_grounds"),
    ]

    operations = [
        migrations.CreateModel(
            name="HolidayNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(unique=True, verbose_name="年份")),
                ("paper", models.CharField(blank=True, max_length=300, verbose_name="通知（文号或网址）")),
                ("entered_at", models.DateTimeField(null=True, verbose_name="录入时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                ("entered_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="录入人")),
            ],
            options={
                "verbose_name": "节假日安排",
                "verbose_name_plural": "节假日安排",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("year__gte", 2007), ("year__lte", 2099)), name="holiday_year_is_counted"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Holiday",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="日期")),
                ("is_off", models.BooleanField(verbose_name="放假")),
                ("name", models.CharField(max_length=30, verbose_name="名称")),
                ("notice", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="days", to="reform.holidaynotice")),
            ],
            options={
                "verbose_name": "节假日",
                "verbose_name_plural": "节假日",
                "constraints": [
                    models.UniqueConstraint(fields=("notice", "day"), name="holiday_once_in_a_notice")
                ],
            },
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
