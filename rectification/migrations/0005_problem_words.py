from itertools import islice

import django.db.models.deletion
from django.db import connections, migrations, models

import rectification.models.problem_words
from rectification.models.problem_words import TABLE, joined, pairs_of, written

BATCH = 2_000
SQLITE = (
    # It holds nothing but the pairs: no text, no places, no lengths.
    f"CREATE VIRTUAL TABLE {TABLE} USING fts5"
    "(pairs, content='', detail='none', columnsize=0, tokenize='ascii')"
)
POSTGRESQL = (
    # Of a million rows the commonest pairs say nothing to the planner: always use the index.
    "ALTER TABLE rectification_problemwords ALTER COLUMN pairs SET STATISTICS 0",
    # Without fastupdate: else each search first reads a list of what was not yet sorted in.
    "CREATE INDEX problem_words_pairs ON rectification_problemwords"
    " USING gin (pairs) WITH (fastupdate = off)",
)


def fill(apps, schema_editor):
    """Index what is there already. Closed rows are not touched: their words stand beside them."""
    alias = schema_editor.connection.alias
    problem, person, words = (
        apps.get_model("rectification", name).objects.using(alias)
        for name in ("Problem", "ProblemPerson", "ProblemWords")
    )
    facts = ("pk", "number", "superior_number", "description", "original_text", "cause")
    found = problem.order_by("pk").values_list(*facts).iterator(chunk_size=BATCH)
    while batch := list(islice(found, BATCH)):
        names = {}
        people = person.filter(problem__gte=batch[0][0], problem__lte=batch[-1][0])
        for key, name in people.order_by("pk").values_list("problem", "name"):
            names.setdefault(key, []).append(name)
        rows = []
        for key, number, superior, *texts in batch:
            row = words.model(
                problem_id=key,
                names=joined([number, superior, *names.get(key, ())]),
                text=joined(dict.fromkeys(texts)),
            )
            row.pairs = pairs_of(row.names, row.text)
            rows.append(row)
        words.bulk_create(rows)
        if schema_editor.connection.vendor == "sqlite":
            with connections[alias].cursor() as cursor:
                cursor.executemany(
                    f"INSERT INTO {TABLE} (rowid, pairs) VALUES (%s, %s)",
                    [(row.pk, written(row.pairs)) for row in rows],
                )


def index(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(SQLITE)
        fill(apps, schema_editor)
        return
    fill(apps, schema_editor)
    if schema_editor.connection.in_atomic_block:
        # New rows wait with their foreign keys, and a table with waiting rows is not altered.
        # Till the end of the transaction, which is the migration's, or a restore's: its as well.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for statement in POSTGRESQL:
        schema_editor.execute(statement)


def unindex(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"DROP TABLE {TABLE}")


class Migration(migrations.Migration):

    dependencies = [
        ('rectification', '0004_closed_rows_keep_the_name'),
    ]

    operations = [
        migrations.CreateModel(
            name='ProblemWords',
            fields=[
                ('problem', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='words', serialize=False, to='rectification.problem')),
                ('names', models.TextField(verbose_name='编号和姓名')),
                ('text', models.TextField(verbose_name='文字')),
                ('pairs', rectification.models.problem_words.PairsField(null=True)),
            ],
            options={
                'verbose_name': '检索文字',
                'verbose_name_plural': '检索文字',
            },
        ),
        migrations.RunPython(index, unindex),
    ]
