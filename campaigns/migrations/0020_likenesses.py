
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0030_stages'),
        ('reform', '0014_address_proved'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='KeptText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('examination', '自查剖析'), ('earlier', '往年材料'), ('team', '班子材料'), ('superior', '上级材料')], max_length=12, verbose_name='种类')),
                ('source', models.BigIntegerField(verbose_name='来源（编号）')),
                ('year', models.PositiveSmallIntegerField(verbose_name='年度')),
                ('length', models.PositiveIntegerField(verbose_name='字数')),
                ('text', models.TextField(verbose_name='正文')),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='kept_texts', to='campaigns.campaign')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reform.organization')),
            ],
            options={
                'verbose_name': '留存比对的材料',
                'verbose_name_plural': '留存比对的材料',
                'constraints': [
                    models.UniqueConstraint(fields=('kind', 'source'), name='kept_text_once_per_source'),
                ],
                'indexes': [
                    models.Index(fields=['campaign', 'kind'], name='kept_text_by_kind'),
                ],
            },
        ),
        migrations.CreateModel(
            name='TextKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.BigIntegerField()),
                ('text', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='keys', to='campaigns.kepttext')),
            ],
            options={
                'verbose_name': '比对特征',
                'verbose_name_plural': '比对特征',
                'indexes': [
                    models.Index(fields=['value', 'text'], name='text_key_by_value'),
                ],
            },
        ),
        migrations.CreateModel(
            name='WordList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('general', '虚话套话'), ('template', '格式用语')], max_length=10, verbose_name='种类')),
                ('lines', models.JSONField(default=list, verbose_name='词句')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='word_lists', to='campaigns.campaign')),
            ],
            options={
                'verbose_name': '词表',
                'verbose_name_plural': '词表',
                'constraints': [
                    models.UniqueConstraint(fields=('campaign', 'kind'), name='word_list_once'),
                ],
            },
        ),
    ]
