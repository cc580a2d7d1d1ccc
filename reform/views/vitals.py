"""What the system administrator looks at: is each part well, and what is to be done if not.

Each question is short and gives up soon: a part that is down must not take this page with it. No
answer names a person.
"""

import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

import django
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min, QuerySet
from django.utils import timezone
from kombu.exceptions import KombuError

from reform.actions.sorting import to_go_now
from reform.celery import app
from reform.models import Delivery, Holiday, Job, Notice, Pulse
from reform.models.office_hours import is_open

GOOD, WARN, BAD = "good", "warn", "stop"
GB = 1024**3

PING = 1.0  # seconds in which a worker answers
SLOW = 0.5  # seconds after which a database is slow to say 1
TICK_LATE, TICK_DEAD = timedelta(minutes=3), timedelta(minutes=10)
CAPPED = timedelta(days=1)  # for so long the administrator is shown that reminders were held up
JOB_LATE, JOB_DEAD = timedelta(minutes=5), timedelta(minutes=30)
UNSENT_LATE, UNSENT_DEAD = timedelta(minutes=10), timedelta(hours=2)
Channel, DIRECT = Delivery.Channel, Notice.Timing.DIRECT
BACKUP_LATE, BACKUP_OLD = timedelta(hours=26), timedelta(days=7)  # a night's backup, and a bit
DISK_LOW, DISK_FULL = (5 * GB, 0.10), (GB, 0.02)  # bytes left, or share of the disk


@dataclass(frozen=True)
class Vital:
    name: str
    state: str
    fact: str
    advice: str = ""

    @property
    def words(self) -> str:
        return {GOOD: "正常", WARN: "注意", BAD: "异常"}[self.state]


def database(_now: datetime) -> Vital:
    began = monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    took = monotonic() - began
    version = ".".join(map(str, connection.get_database_version()))
    fact = f"{connection.display_name} {version}，{took * 1000:.0f} 毫秒应答"
    advice = "数据库应答慢，请查看服务器负载和磁盘。" if took > SLOW else ""
    return Vital("数据库", WARN if advice else GOOD, fact, advice)


def migrations(_now: datetime) -> Vital:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        names = "、".join(f"{step.app_label}.{step.name}" for step, _ in plan[:3])
        return Vital(
            "数据库结构",
            BAD,
            f"有 {len(plan)} 项更新没有执行：{names}",
            "请执行 manage.py migrate，再重新启动网页和后台任务。",
        )
    return Vital("数据库结构", GOOD, "与程序版本一致")


def broker(_now: datetime) -> Vital:
    try:
        with app.connection_for_write(connect_timeout=1) as line:
            line.ensure_connection(max_retries=1, interval_start=0, timeout=1)
    except (OSError, KombuError):
        return Vital(
            "消息队列",
            BAD,
            "没有应答",
            "导出等后台任务会排队等待，其他办理不受影响。"
            "请启动 Redis（docker compose up -d redis）。",
        )
    kind = "Redis" if settings.REDIS_URL else "文件夹（演示环境）"
    return Vital("消息队列", GOOD, kind)


def worker(_now: datetime) -> Vital:
    if not settings.REDIS_URL:
        return Vital("后台任务进程", GOOD, "演示环境不单独检查，见“定时任务”")
    try:
        answers = app.control.ping(timeout=PING)
    except (OSError, KombuError):
        answers = []
    if answers:
        return Vital("后台任务进程", GOOD, f"{len(answers)} 个在运行")
    return Vital(
        "后台任务进程",
        BAD,
        "没有应答",
        "导出会一直等待。请查看日志并重新启动（docker compose restart worker）。",
    )


def tick(now: datetime) -> Vital:
    last = Pulse.objects.filter(name=Pulse.Name.TICK).values_list("at", flat=True).first()
    advice = (
        "每分钟应运行一次。后台任务进程正常时，请重新启动定时任务（docker compose restart beat）。"
    )
    if last is None:
        return Vital("定时任务", BAD, "还没有运行过", advice)
    state = _by_age(now - last, TICK_LATE, TICK_DEAD)
    return Vital("定时任务", state, f"最近一次 {_moment(last)}", advice if state != GOOD else "")


def reminders(now: datetime) -> Vital:
    """What the last run told; more than one run tells is an alarm for a day."""
    last = Pulse.objects.filter(name=Pulse.Name.REMINDERS).first()
    if last is None:
        return Vital("催办", GOOD, "还没有发出过")
    steps, people = last.facts.get("steps", 0), last.facts.get("people", 0)
    fact = f"最近一次 {_moment(last.at)}，{steps} 条，提醒 {people} 人"
    capped = last.facts.get("capped_at", "")
    if not capped or now - datetime.fromisoformat(capped) > CAPPED:
        return Vital("催办", GOOD, fact)
    return Vital(
        "催办",
        WARN,
        f"{fact}；超过每次上限，分批发出",
        "应催办的数量异常，请核对工作日历、批量导入的时限和催办规则；没有遗漏，其余分批发出。",
    )


def waiting_jobs(now: datetime) -> Vital:
    oldest = Job.objects.filter(state=Job.State.WAITING).order_by("asked_at").first()
    if oldest is None:
        return Vital("等待中的任务", GOOD, "没有")
    age = now - oldest.asked_at
    state = _by_age(age, JOB_LATE, JOB_DEAD)
    advice = "等待过久，请先查看“消息队列”和“后台任务进程”。" if state != GOOD else ""
    return Vital("等待中的任务", state, f"最久的已等待 {_span(age)}", advice)


def sweeper(now: datetime) -> Vital:
    """Whether the outbox is looked through at all, and whether its channels answer."""
    last = Pulse.objects.filter(name=Pulse.Name.SWEEP).first()
    advice = "每分钟应运行一次。请重新启动发送进程（docker compose restart sweeper）。"
    if last is None:
        return Vital("消息发送", BAD, "还没有运行过", advice)
    fact = f"最近一次 {_moment(last.at)}"
    if (state := _by_age(now - last.at, TICK_LATE, TICK_DEAD)) != GOOD:
        return Vital("消息发送", state, fact, advice)
    down = "；".join(f"{Channel(name).label}：{why}" for name, why in last.facts["down"].items())
    if down:
        advice = "消息排队等待，恢复后自动发出；收件箱不受影响。"
        return Vital("消息发送", WARN, f"{fact}，{down}", advice)
    return Vital("消息发送", GOOD, fact)


def outbox(now: datetime) -> Vital:
    """What no sweep has looked at yet waits as well: with the sweeper gone there are no messages.
    A notice for a digest may wait for its hour; nothing else does."""
    unsent, unsorted = Delivery.objects.unsent(), Notice.objects.unread().filter(sorted_at=None)
    is_day = is_open(Holiday.objects.calendar(), now)
    due = unsent if is_day else unsent.filter(timing=DIRECT)
    direct = unsorted.filter(to_go_now(is_day))
    oldest = _first(_oldest(unsent, "made_at"), _oldest(unsorted, "created_at"))
    late = _first(_oldest(due, "made_at"), _oldest(direct, "created_at"))
    dead = Delivery.objects.dead().count()
    fact = f"最早一条已等待 {_span(now - oldest)}" if oldest else "没有等待发送的"
    state = _by_age(now - late, UNSENT_LATE, UNSENT_DEAD) if late else GOOD
    if oldest and state == GOOD and now - oldest > UNSENT_LATE:
        fact += "，到工作时间汇总发出"
    advice = "等待过久，请先查看“消息发送”。" if state != GOOD else ""
    if dead:
        fact += f"；{dead} 条未送达"
        advice += "请查看“未送达的提醒”，按原因处理后重新发送。"
        state = max(state, WARN, key=(GOOD, WARN, BAD).index)
    return Vital("待发消息", state, fact, advice)


def _oldest(rows: QuerySet, moment: str) -> datetime | None:
    return rows.order_by().aggregate(at=Min(moment))["at"]


def _first(*moments: datetime | None) -> datetime | None:
    return min(filter(None, moments), default=None)


def disk(_now: datetime) -> Vital:
    try:
        usage = shutil.disk_usage(settings.MEDIA_ROOT)
    except FileNotFoundError:
        advice = "第一次上传时自动建立；以前上传过附件的，请检查附件目录（MEDIA_ROOT）是否已挂载。"
        return Vital("文件空间", WARN, "附件目录还没有建立", advice)
    fact = f"剩余 {usage.free / GB:.1f} GB，共 {usage.total / GB:.0f} GB"
    for state, (left, share) in ((BAD, DISK_FULL), (WARN, DISK_LOW)):
        if usage.free < min(left, usage.total * share):
            advice = "空间将满，满后无法上传附件和生成导出。请清理或扩充磁盘。"
            return Vital("文件空间", state, fact, advice)
    return Vital("文件空间", GOOD, fact)


def backup(now: datetime) -> Vital:
    last = Pulse.objects.filter(name=Pulse.Name.BACKUP).first()
    advice = "请查看每日备份的计划任务和备份目录，或现在执行 manage.py backup。"
    if last is None:
        return Vital("备份", BAD, "还没有做过备份", advice)
    fact = f"最近一次 {_moment(last.at)}，{_span(now - last.at)}前"
    trouble = last.facts.get("missing", 0) + last.facts.get("damaged", 0)
    state = _by_age(now - last.at, BACKUP_LATE, BACKUP_OLD)
    if trouble:
        advice = (
            f"备份时有 {trouble} 个文件缺失或内容改变，名单见备份的 manifest.json，请尽快找回。"
        )
        return Vital("备份", max(state, WARN, key=(GOOD, WARN, BAD).index), fact, advice)
    return Vital("备份", state, fact, advice if state != GOOD else "")


def release(_now: datetime) -> Vital:
    fact = settings.RELEASE or "未注明（环境变量 RELEASE）"
    parts = f"Django {django.get_version()}，Python {platform.python_version()}"
    return Vital("程序版本", GOOD, f"{fact}；{parts}")


VITALS: tuple[tuple[str, Callable[[datetime], Vital]], ...] = (
    ("数据库", database),
    ("数据库结构", migrations),
    ("消息队列", broker),
    ("后台任务进程", worker),
    ("定时任务", tick),
    ("催办", reminders),
    ("等待中的任务", waiting_jobs),
    ("消息发送", sweeper),
    ("待发消息", outbox),
    ("文件空间", disk),
    ("备份", backup),
    ("程序版本", release),
)


# What answers without another machine: the desk asks these at each visit.
NEAR = ("定时任务", "催办", "等待中的任务", "消息发送", "待发消息", "文件空间", "备份")


def look(now: datetime) -> list[Vital]:
    return [_asked(name, ask, now) for name, ask in VITALS]


def troubles(now: datetime) -> list[Vital]:
    """Return what is not well among the near ones."""
    near = [_asked(name, ask, now) for name, ask in VITALS if name in NEAR]
    return [vital for vital in near if vital.advice]


def _asked(name: str, ask: Callable[[datetime], Vital], now: datetime) -> Vital:
    try:
        return ask(now)
    except (DatabaseError, OSError) as error:
        return Vital(name, BAD, f"无法查看（{type(error).__name__}）", "请查看网页进程的日志。")


def _by_age(age: timedelta, late: timedelta, dead: timedelta) -> str:
    return BAD if age > dead else WARN if age > late else GOOD


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def _span(age: timedelta) -> str:
    minutes = max(int(age.total_seconds() // 60), 0)
    if minutes < 1:
        return "不到1分钟"
    if minutes < 120:
        return f"{minutes}分钟"
    return f"{minutes // 60}小时" if minutes < 72 * 60 else f"{minutes // 1440}天"
