import campaigns.models.checklist
import django.db.models.deletion
from django.db import migrations, models


def give_each_campaign_its_list(apps, schema_editor):
    """What was one list of items before becomes the campaign's first checklist."""
    Checklist = apps.get_model("campaigns", "Checklist")
    Item = apps.get_model("campaigns", "Item")
    for campaign in Item.objects.order_by().values_list("campaign", flat=True).distinct():
        checklist = Checklist.objects.create(campaign_id=campaign, position=1, title="自查清单")
        Item.objects.filter(campaign=campaign).update(checklist=checklist)


class Migration(migrations.Migration):

    dependencies = [
        ("campaigns", "0003_weekly_plan"),
    ]

    operations = [
        migrations.CreateModel(
            name="Checklist",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="顺序")),
                ("title", models.CharField(max_length=60, verbose_name="名称")),
                ("purpose", models.CharField(choices=[("examination", "自查剖析"), ("sweep", "风险排查")], default="examination", max_length=12, verbose_name="用途")),
                ("mode", models.CharField(choices=[("pick", "选条目、讲实例"), ("each", "逐条作答"), ("questions", "问答")], default="pick", max_length=10, verbose_name="作答方式")),
                ("parts", models.JSONField(default=campaigns.models.checklist.parts, verbose_name="三个部分的名称")),
                ("guidance", models.TextField(blank=True, max_length=2000, verbose_name="填写说明")),
                ("campaign", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="checklists", to="campaigns.campaign")),
            ],
            options={
                "verbose_name": "检查清单",
                "verbose_name_plural": "检查清单",
                "ordering": ["position"],
                "constraints": [models.UniqueConstraint(fields=("campaign", "title"), name="checklist_once_per_campaign")],
            },
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="顺序")),
                ("text", models.CharField(max_length=300, verbose_name="问题")),
                ("finds", models.BooleanField(default=False, verbose_name="答的是问题")),
                ("checklist", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="questions", to="campaigns.checklist")),
            ],
            options={
                "verbose_name": "问答题",
                "verbose_name_plural": "问答题",
                "ordering": ["position"],
                "constraints": [models.UniqueConstraint(fields=("checklist", "text"), name="question_once")],
            },
        ),
        migrations.AddField(
            model_name="item",
            name="checklist",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="items", to="campaigns.checklist"),
        ),
        migrations.RunPython(give_each_campaign_its_list, migrations.RunPython.noop, elidable=True),
    ]
