"""The drill: fill, back up, damage, verify, restore, compare everything, and write on."""

import gzip
import json
import shutil
import sqlite3
from datetime import timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from rectification.actions import measures
from rectification.models import Measure, Problem
from reform.actions import access_codes, attachments, jobs, sorting
from reform.actions.backups import folder
from reform.models import (
    AccessCode,
    Act,
    Attachment,
    Delivery,
    Job,
    Notice,
    Pulse,
    Role,
    SignIn,
    TrailEntry,
    User,
    triggers,
)
from tests.factories import OrganizationFactory, actor, person

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "postgresql" and not shutil.which("pg_dump"),
        reason="no pg_dump on PATH",
    ),
]

PDF = b"%PDF-1.4 " + b"evidence " * 5000
WITNESS = AccessCode.Purpose.WITNESS


@pytest.fixture
def house(bureau, rectifying, tmp_path, settings, request):
    """Rows of every kind, files, a job under way, somebody signed in; and three administrators."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "media" / "incoming")
    Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True)
    auditor = person("审计员", bureau.top, Role.AUDIT)
    now, today = timezone.now(), timezone.localdate()
    measures.plan(
        rectifying, facts={"text": "建立100%回访台账\\\\.\n制度"}, by=bureau.member, at=now
    )
    files = [
        attachments.keep(
            ContentFile(PDF + bytes([n])), name=f"佐证{n}.pdf", by=bureau.member, at=now
        )
        for n in range(3)
    ]
    job = jobs.ask("ledger_data", facts={}, by=bureau.secretary, at=now, on=today)
    sorting.sort({}, at=now)
    yield SimpleNamespace(
        system=bureau.users["system"],
        auditor=auditor,
        bureau=bureau,
        row=rectifying,
        files=files,
        job=job,
        media=Path(settings.MEDIA_ROOT),
        backups=tmp_path / "backups",
        now=now,
    )
    # Another test's tables are as migrations make them, not as a dump does.
    triggers.create_all(connection)


def backup(house, *options):
    said = StringIO()
    call_command("backup", str(house.backups), *options, stdout=said)
    return folder.dated(house.backups)[-1]


def code_of(house, user=None):
    user = user or house.auditor
    return access_codes.issue(
        user, purpose=WITNESS, by=actor(user, timezone.localdate()), at=timezone.now()
    )


def restore(house, made, *options):
    said = StringIO()
    if not options:
        options = ("--witness", house.auditor.username, "--code", code_of(house))
    call_command("restore", str(made), "--as", house.system.username, *options, stdout=said)
    return said.getvalue()


def rows(*but):
    """Every row of every table, but of those named."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            # SQLite's index of pairs keeps no text: what it holds is in tables of its own.
            if table not in (*but, "rectification_problempairs"):
                cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 -- our own names
                found[table] = sorted(repr(list(map(plain, row))) for row in cursor.fetchall())
    return found


def plain(value):
    return bytes(value) if isinstance(value, memoryview) else value


def contents(media):
    return {
        str(path.relative_to(media)): path.read_bytes()
        for path in media.rglob("*")
        if path.is_file()
    }


# What a restore itself writes: who did it, that codes and jobs ended, that nobody is signed in.
TOUCHED = (
    "reform_trailentry",
    "reform_pulse",
    "reform_job",
    "reform_delivery",
    "reform_accesscode",
    "reform_signin",
    "django_session",
)


def damage(house):
    """What nobody wants to see: triggers off, rows gone, one changed, files changed and lost."""
    triggers.drop_all(connection)
    Measure.objects.all().delete()
    Problem.objects.filter(pk=house.row.pk).update(description="被人改过")
    TrailEntry.objects.all().delete()
    User.objects.filter(pk=house.bureau.member.user.pk).update(name="改名")
    OrganizationFactory(name="备份以后才有的支部")
    Path(house.files[0].file.path).write_bytes(b"%PDF-1.4 forged")
    Path(house.files[1].file.path).unlink()


def test_a_house_that_was_damaged_is_as_it_was(house, client, signed_in):
    signed_in(house.bureau.member)
    was, files = rows(*TOUCHED), contents(house.media)
    trail = list(TrailEntry.objects.order_by("pk").values())
    made = backup(house)
    damage(house)

    said = restore(house, made)

    assert rows(*TOUCHED) == was
    assert contents(house.media) == files
    assert list(TrailEntry.objects.order_by("pk").values())[: len(trail)] == trail
    assert "重新放回" in said
    assert "2 个重新放回" in said


def test_nothing_goes_on_after_a_restore_and_the_trail_says_so(house, signed_in):
    signed_in(house.bureau.member)
    kept = code_of(house)
    SignIn.objects.create(user=house.auditor, key="k" * 32, at=house.now, address="", browser="")
    Notice.objects.update(sorted_at=None)
    dues = {"day": house.now.date(), "next_at": house.now, "made_at": house.now}
    Delivery.objects.create(recipient=house.auditor, channel="mail", timing="direct", **dues)
    made = backup(house)

    restore(house, made)

    job = Job.objects.get(pk=house.job.pk)
    assert (job.state, job.fault) == (
        Job.State.FAILED,
        "数据已从备份恢复，这项任务没有做完，请重新申请。",
    )
    assert jobs.waiting(at=timezone.now(), kinds=("ledger_data",)) == []
    assert not Notice.objects.filter(sorted_at=None).exists()
    assert Delivery.objects.get().state == "spared"
    assert Session.objects.count() == 0
    assert SignIn.objects.filter(ended_at=None).count() == 0
    assert not access_codes.spend(house.auditor, kept, purposes=[WITNESS], at=timezone.now())
    entry = TrailEntry.objects.filter(act=Act.RESTORED).get()
    assert (entry.by, entry.detail["jobs"]) == (house.system, 1)
    assert entry.sentence.endswith("的备份，见证人审计员")
    assert entry.detail["sums"] == folder.hash_of(made / folder.SUMS)


def test_no_session_lies_in_the_free_pages_of_a_backup(house, signed_in):
    signed_in(house.bureau.member)
    kept = Session.objects.get().session_data.encode()

    made = backup(house)

    data = (made / folder.read(made).database).read_bytes()
    assert kept not in (data if connection.vendor == "sqlite" else gzip.decompress(data))


def test_one_writes_on_after_a_restore_and_what_is_final_stays_final(house):
    made = backup(house)
    damage(house)
    restore(house, made)

    row = Problem.objects.get(pk=house.row.pk)
    measures.plan(row, facts={"text": "恢复以后的措施"}, by=house.bureau.member, at=timezone.now())
    kept = attachments.keep(
        ContentFile(PDF), name="新.pdf", by=house.bureau.member, at=timezone.now()
    )

    assert Measure.objects.filter(problem=row).count() == 2
    assert Attachment.objects.latest("pk") == kept
    with pytest.raises(DatabaseError), transaction.atomic():
        TrailEntry.objects.update(sentence="改过")


def test_an_empty_machine_is_restored_with_a_reason_and_no_witness(house):
    was, made = rows(*TOUCHED), backup(house)
    files = contents(house.media)
    empty_everything()
    shutil.rmtree(house.media)
    house.media.mkdir()

    with pytest.raises(CommandError, match="数据库是空的，没有人可以见证"):
        restore(house, made, "--witness", house.auditor.username, "--code", "AAAA")
    restore(house, made, "--without-witness", "旧服务器已毁")

    assert rows(*TOUCHED) == was
    assert contents(house.media) == files
    assert TrailEntry.objects.get(act=Act.RESTORED).sentence.endswith(
        "数据库为空，无人见证，理由：旧服务器已毁"
    )


def empty_everything():
    """A new machine after its first migrate: tables, triggers, and nobody."""
    triggers.drop_all(connection)
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        tables = set(connection.introspection.django_table_names(only_existing=True))
        keep = {"django_migrations", "django_content_type", "auth_permission"}
        for statement in connection.ops.sql_flush(
            no_style(), sorted(tables - keep), allow_cascade=True
        ):
            cursor.execute(statement)
    triggers.create_all(connection)


# ---- what verify_backup finds -------------------------------------------------------------------


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def a_file_of(made):
    return next(path for path in sorted((made / folder.FILES).rglob("*")) if path.is_file())


def take_out(made):
    path = a_file_of(made)
    lines = (made / folder.SUMS).read_text().splitlines(keepends=True)
    (made / folder.SUMS).write_text("".join(line for line in lines if path.name not in line))
    path.unlink()


def cut_short(made):
    manifest = folder.read(made)
    path = made / manifest.database
    data = path.read_bytes() if path.suffix == ".sqlite3" else gzip.decompress(path.read_bytes())
    half = data[: len(data) // 2]
    path.write_bytes(half if path.suffix == ".sqlite3" else gzip.compress(half))
    kept = {f"{folder.FILES}/{name}": value for name, value in folder.kept_files(made).items()}
    folder.write(made, manifest, kept)


DAMAGES = {
    "a byte of a file": lambda made: flip(a_file_of(made)),
    "a byte of the rows": lambda made: flip(made / folder.read(made).database),
    "a byte of the manifest": lambda made: flip(made / folder.MANIFEST),
    "a byte of the hashes": lambda made: flip(made / folder.SUMS),
    "a file that is gone": lambda made: a_file_of(made).unlink(),
    "a file that came in": lambda made: (made / folder.FILES / "x").write_bytes(b"x"),
    "a file that was taken out and off the list": take_out,
    "rows cut short, and the list rewritten": cut_short,
}


def test_a_damaged_backup_is_found_out_and_never_restored(house):
    whole = backup(house)
    call_command("verify_backup", str(whole), stdout=(said := StringIO()))
    assert "完整：" in said.getvalue()
    was, found = rows("reform_accesscode", "reform_trailentry"), {}

    for words, harm in DAMAGES.items():
        made = house.backups.parent / "harmed"
        shutil.copytree(whole, made)
        harm(made)
        with pytest.raises(CommandError):
            call_command("verify_backup", str(made))
        with pytest.raises(CommandError) as refused:
            restore(house, made)
        found[words] = str(refused.value)
        shutil.rmtree(made)

    assert [words for words, said in found.items() if "备份" not in said] == []
    assert rows("reform_accesscode", "reform_trailentry") == was
    assert not TrailEntry.objects.filter(act=Act.RESTORED).exists()


def test_the_list_of_hashes_is_read_without_us_too(house):
    made = backup(house)

    lines = (made / folder.SUMS).read_text().splitlines()
    assert {line[66:] for line in lines} == {
        folder.MANIFEST,
        folder.read(made).database,
        *(f"{folder.FILES}/{file.file.name}" for file in house.files),
    }
    assert all(folder.hash_of(made / line[66:]) == line[:64] for line in lines)


# ---- who may, and when not ----------------------------------------------------------------------


def refused(house, made, *options):
    with pytest.raises(CommandError) as error:
        restore(house, made, *options)
    assert not TrailEntry.objects.filter(act=Act.RESTORED).exists()
    return str(error.value)


def test_a_restore_takes_a_system_administrator_and_an_auditor_with_his_code(house):
    made = backup(house)
    auditor, system = house.auditor.username, house.system.username
    secretary = house.bureau.secretary.user

    assert "须由审计管理员见证" in refused(house, made, "--without-witness", "着急")
    assert "不正确，或代码已过期" in refused(
        house, made, "--witness", auditor, "--code", "AAAA-BBBB-CCCC"
    )
    assert "不是审计管理员" in refused(
        house, made, "--witness", system, "--code", code_of(house, house.system)
    )
    assert "没有启用的账号" in refused(house, made, "--witness", "nobody", "--code", "A")
    used = code_of(house)
    access_codes.check(house.auditor, used, purpose=WITNESS, at=timezone.now())
    assert "已使用" in refused(house, made, "--witness", auditor, "--code", used)
    house.system = secretary
    assert "您没有恢复的权限" in refused(house, made)


def test_a_backup_is_the_system_administrators(house):
    with pytest.raises(CommandError, match="您没有备份的权限"):
        backup(house, "--as", house.auditor.username)
    assert folder.dated(house.backups) == []

    person("另一名系统员", house.bureau.top, Role.SYSTEM)
    with pytest.raises(CommandError, match="请用 --as 写明"):
        backup(house)


def rewritten(made, **facts):
    """The same backup with other words in its manifest, the hashes made to fit."""
    manifest = json.loads((made / folder.MANIFEST).read_text()) | facts
    (made / folder.MANIFEST).unlink()
    kept = {f"{folder.FILES}/{name}": value for name, value in folder.kept_files(made).items()}
    folder.write(made, folder.Manifest(**manifest), kept)


def test_a_backup_of_a_later_release_or_of_another_engine_is_refused(house):
    made = backup(house)
    later = [*folder.read(made).migrations, ["reform", "0999_from_the_future"]]

    rewritten(made, migrations=later, release="2027.1")
    assert refused(house, made) == (
        "备份来自更新的版本（2027.1），其中有本版本没有的 reform.0999_from_the_future，"
        "不能恢复。请先把程序升级到做备份的版本。"
    )
    other = "sqlite" if connection.vendor == "postgresql" else "postgresql"
    rewritten(made, migrations=[], engine=other)
    assert f"备份来自 {other}，" in refused(house, made)


def test_rows_that_do_not_all_arrive_undo_the_restore(house):
    made = backup(house)
    counts = folder.read(made).counts
    rewritten(made, counts=counts | {"reform_user": counts["reform_user"] + 1})
    Problem.objects.filter(pk=house.row.pk).update(description="备份以后改的")
    was = rows("reform_accesscode", "reform_trailentry")

    said = refused(house, made)
    rewritten(made, counts=counts | {"table_of_another": 1})
    lacking = refused(house, made)

    assert "reform_user 应有" in said
    assert "数据库没有恢复，仍是原样（" in lacking
    assert rows("reform_accesscode", "reform_trailentry") == was
    with pytest.raises(DatabaseError), transaction.atomic():
        TrailEntry.objects.update(sentence="改过")


def test_a_system_administrator_whom_the_backup_does_not_know_undoes_the_restore(house):
    made = backup(house)
    house.system = person("后来的系统员", house.bureau.top, Role.SYSTEM)
    was = rows("reform_accesscode", "reform_trailentry")

    assert f"备份中没有启用的账号“{house.system.username}”" in refused(house, made)
    assert rows("reform_accesscode", "reform_trailentry") == was


# ---- an older release, files in trouble, rotation -----------------------------------------------


# The last of its app, which touches a table that is not ours: what it did need not be undone.
LAST = ["auth", "0012_alter_user_first_name_max_length"]


def test_a_backup_of_an_older_release_is_brought_up_to_date(house):
    made = backup(house)
    as_if_of_an_older_release(made)

    restore(house, made)

    assert tuple(LAST) in MigrationRecorder(connection).applied_migrations()
    assert TrailEntry.objects.filter(act=Act.RESTORED).count() == 1


def as_if_of_an_older_release(made):
    """Turn a backup into one of a release that did not have the last migration yet."""
    manifest = folder.read(made)
    database = made / manifest.database
    if connection.vendor == "sqlite":
        copy = sqlite3.connect(database)
        copy.execute("DELETE FROM django_migrations WHERE app = ? AND name = ?", LAST)
        copy.commit()
        copy.close()
    else:
        lines = gzip.decompress(database.read_bytes()).splitlines(keepends=True)
        left = [line for line in lines if "\t".join(LAST).encode() not in line]
        database.write_bytes(gzip.compress(b"".join(left)))
    counts = manifest.counts | {"django_migrations": manifest.counts["django_migrations"] - 1}
    rewritten(made, counts=counts, migrations=[one for one in manifest.migrations if one != LAST])


def test_migrations_of_an_app_that_we_no_longer_use_are_no_later_release(house):
    made = backup(house)
    rewritten(made, migrations=[*folder.read(made).migrations, ["axes", "0010_old"]])

    restore(house, made)

    assert TrailEntry.objects.filter(act=Act.RESTORED).count() == 1


def test_files_that_are_gone_or_changed_are_told_and_the_rest_is_kept(house):
    Path(house.files[0].file.path).unlink()
    Path(house.files[1].file.path).write_bytes(b"forged")

    with pytest.raises(CommandError, match="有 1 个文件不在磁盘上、1 个内容已改变"):
        backup(house)

    made = folder.dated(house.backups)[-1]
    manifest = folder.read(made)
    assert manifest.missing == [house.files[0].file.name]
    assert manifest.damaged == [house.files[1].file.name]
    assert manifest.files == 2
    assert list(folder.faults(made)) == []
    assert Pulse.objects.get(name=Pulse.Name.BACKUP).facts["missing"] == 1


def test_the_newest_stay_and_an_unchanged_file_lies_on_the_disk_once(house, time_machine_at):
    made = []
    for day in range(4):
        time_machine_at(house.now + timedelta(days=day))
        made.append(backup(house, "--rotate", "2"))

    left = folder.dated(house.backups)
    assert left == made[-2:]
    first, second = (left[n] / folder.FILES / house.files[0].file.name for n in (0, 1))
    assert first.stat().st_ino == second.stat().st_ino
    assert first.stat().st_ino != Path(house.files[0].file.path).stat().st_ino
    assert [list(folder.faults(place)) for place in left] == [[], []]
    last = TrailEntry.objects.filter(act=Act.BACKED_UP).latest("pk")
    assert last.detail["removed"] == [made[1].name]


def test_a_backup_that_fails_leaves_nothing(house, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("reform.actions.backups.folder.write", full)

    with pytest.raises(CommandError, match="备份没有完成"):
        backup(house)
    assert list(house.backups.iterdir()) == []
    assert not Pulse.objects.exists()


@pytest.fixture
def time_machine_at():
    travels = []

    def go(moment):
        travels.append(time_machine.travel(moment, tick=True))
        travels[-1].start()

    yield go
    for travel in reversed(travels):
        travel.stop()
