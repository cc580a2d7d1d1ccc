"""Restoring a backup: whole, before a witness (SOD-13), and never half."""

import shutil
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from reform import policy
from reform.actions import access_codes, seal_checks, trail
from reform.actions.backups import folder
from reform.actions.backups.making import ENGINES
from reform.errors import Forbidden, Refused
from reform.models import (
    AccessCode,
    Act,
    Actor,
    Delivery,
    Job,
    Notice,
    Pulse,
    Role,
    SignIn,
    User,
    triggers,
)

FORMER_APPS = {"axes"}  # left behind: their migrations in a backup are old, not new
NOT_DONE = "数据已从备份恢复，这项任务没有做完，请重新申请。"


@dataclass(frozen=True)
class Order:
    """Who restores, and before whom: a witness with his code, or why there is none."""

    account: str
    witness: str = ""
    code: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Done:
    """What a restore came to."""

    manifest: folder.Manifest
    files: int  # brought back; the others were there
    strays: int  # in the folder of files, and of no row of the backup
    jobs: int
    anchor: str = ""


def restore(source: Path, order: Order, *, at: datetime, on: date) -> Done:
    """Put the rows and files of a backup in the place of what is there.

    First everything that could speak against it is looked at; then the files come, which harm
    nobody; then the rows, all at once. Raises Refused or Forbidden, with the rows as they were.
    """
    manifest = folder.read(source)
    _refuse_strange(manifest)
    engine = ENGINES[connection.vendor]
    engine.refuse_company()
    words = _allow(
        order, at=at, on=on
    )  # before the hashes, which may take longer than a code lives
    if faults := list(folder.faults(source)):
        raise Refused("这份备份已不完整，没有恢复：\n" + "\n".join(faults[:20]))
    files, strays = _bring_files(source)
    with engine.replaced(source, lambda: _settle(manifest)):
        jobs = _calm(at)
        by = _system_administrator(order.account, on, of="备份")
        _note(source, Done(manifest, files, strays, jobs), words, by=by, at=at)
    return Done(manifest, files, strays, jobs, anchor=_renew_anchor(at))


def _renew_anchor(at: datetime) -> str:
    """The anchor knows seals that came after the backup: another is begun, the old one kept.

    Returns what was done in words. The rows are in place by now, so nothing is refused here.
    """
    try:
        aside = seal_checks.renew_anchor(at=at)
    except Refused as refusal:
        return f"锚文件保持原样：{refusal}"
    return f"已另起锚文件，旧文件改名为 {aside}。" if aside else "已另起锚文件。"


def _refuse_strange(manifest: folder.Manifest) -> None:
    if manifest.engine != connection.vendor:
        raise Refused(
            f"备份来自 {manifest.engine}，现在的数据库是 {connection.vendor}，不能恢复。"
            "请把 DATABASE_URL 设为同一种数据库。"
        )
    known = MigrationLoader(None).disk_migrations.keys()
    newer = sorted(
        f"{app}.{name}"
        for app, name in manifest.migrations
        if (app, name) not in known and app not in FORMER_APPS
    )
    if newer:
        raise Refused(
            f"备份来自更新的版本（{manifest.release or '未注明'}），其中有本版本没有的 {newer[0]}，"
            "不能恢复。请先把程序升级到做备份的版本。"
        )


# ---- who may ------------------------------------------------------------------------------------


def _allow(order: Order, *, at: datetime, on: date) -> str:
    """Return in words who stood by; refuse when it is nobody whom it takes."""
    if _is_empty():
        if not order.reason:
            raise Refused("数据库是空的，没有人可以见证。请用 --without-witness 写明理由。")
        return f"数据库为空，无人见证，理由：{order.reason}"
    if not order.witness:
        raise Forbidden(
            "数据库里有数据，恢复须由审计管理员见证。请他在“见证码”页面生成代码，"
            "再用 --witness 写明他的账号。"
        )
    by = _system_administrator(order.account, on, of="数据库")
    witness = _actor(order.witness, on, of="数据库")
    if not witness.holds(Role.AUDIT) or witness.user.person_id == by.user.person_id:
        raise Forbidden(f"“{witness.user}”不是审计管理员，不能见证恢复。")
    access_codes.check(witness.user, order.code, purpose=AccessCode.Purpose.WITNESS, at=at)
    return f"见证人{witness.user.name}"


def _is_empty() -> bool:
    tables = connection.introspection.table_names()
    return User._meta.db_table not in tables or not User.objects.exists()  # noqa: SLF001


def _system_administrator(account: str, on: date, *, of: str) -> Actor:
    actor = _actor(account, on, of=of)
    policy.require(actor, "bk.restore")
    return actor


def _actor(account: str, on: date, *, of: str) -> Actor:
    user = User.objects.active().filter(username=account).first()
    if user is None:
        raise Refused(f"{of}中没有启用的账号“{account}”，请核对。")
    return Actor.of(user, on=on, address="")


# ---- what is put in place -----------------------------------------------------------------------


def _bring_files(source: Path) -> tuple[int, int]:
    """Put back files that are gone or damaged; return how many, and how many are nobody's.

    What the backup does not know stays: nothing is lost by a restore that was a mistake.
    """
    root, brought = Path(settings.MEDIA_ROOT), 0
    kept = folder.kept_files(source)
    for name, sha256 in kept.items():
        place = root / name
        if not place.is_file() or folder.hash_of(place) != sha256:
            _bring(source / folder.FILES / name, place)
            brought += 1
    incoming = Path(settings.FILE_UPLOAD_TEMP_DIR)
    there = (path for path in root.rglob("*") if path.is_file() and incoming not in path.parents)
    return brought, sum(str(path.relative_to(root)) not in kept for path in there)


def _bring(copy: Path, place: Path) -> None:
    """Beside it and then by its name, so that nobody ever reads half of it."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS)
    with copy.open("rb") as source, NamedTemporaryFile(dir=place.parent, delete=False) as part:
        shutil.copyfileobj(source, part)
    path = Path(part.name)
    path.chmod(settings.FILE_UPLOAD_PERMISSIONS)
    path.replace(place)


def _settle(manifest: folder.Manifest) -> None:
    """Count what came, bring an older release's tables up to date, put the triggers back."""
    with connection.cursor() as cursor:
        for table, count in manifest.counts.items():
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 -- names of our tables
            if (found := cursor.fetchone()[0]) != count:
                raise Refused(f"{table} 应有 {count} 行，只读出 {found} 行，没有恢复。")
    done = {tuple(name) for name in manifest.migrations}
    if MigrationLoader(None).disk_migrations.keys() - done:
        call_command("migrate", interactive=False, verbosity=0)
    triggers.create_all(connection)


def _calm(at: datetime) -> int:
    """Nothing that was under way goes on, nobody is signed in, no code opens anything again, and
    nothing is sent that was sent after the backup."""
    Session.objects.all().delete()
    SignIn.objects.filter(ended_at=None).update(ended_at=at)
    AccessCode.objects.standing().update(withdrawn_at=at)
    Notice.objects.filter(sorted_at=None).update(sorted_at=at)
    Delivery.objects.unsent().update(state=Delivery.State.SPARED, ended_at=at)
    under_way = Job.objects.filter(state__in=[Job.State.WAITING, Job.State.RUNNING])
    return under_way.update(state=Job.State.FAILED, fault=NOT_DONE, ended_at=at)


def _note(source: Path, done: Done, words: str, *, by: Actor, at: datetime) -> None:
    made_at = timezone.localtime(datetime.fromisoformat(done.manifest.made_at))
    pulse = Pulse.objects.note(Pulse.Name.RESTORE, at=at, folder=str(source))
    trail.record(
        Act.RESTORED,
        pulse,
        by=by,
        at=at,
        say=f"{made_at:%Y-%m-%d %H:%M}的备份，{words}",
        folder=str(source),
        sums=folder.hash_of(source / folder.SUMS),
        files=done.files,
        strays=done.strays,
        jobs=done.jobs,
    )
