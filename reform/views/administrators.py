"""The desk of an administrator (管理员的工作台): what waits for him, and what he may do here.

Each sentence leads to the page where it is dealt with. None speaks of business rows.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.urls import reverse

from reform.actions import duties, sign_ins, users
from reform.exports import trail_jobs
from reform.models import Actor, DutyProposal, HolidayNotice, PeopleImport, Role, TrailSeal
from reform.templatetags.reform import day
from reform.views import vitals
from reform.views.security import asked_twice

LOOKED_AT = 200  # proposals of which the desk tells whose they are
SEAL_LATE = timedelta(hours=26)  # a night's seal, and a bit
CHECK_LATE = timedelta(days=31)
ANNOUNCED = 11  # the month in which the next year's days off are made known
NOTICE = timedelta(days=30)  # in which another administrator is found


class Waits(NamedTuple):
    """Something to be done: what, why it is so, the page and the words of the way there."""

    what: str
    why: str
    url: str
    act: str
    urgent: bool = False


class Door(NamedTuple):
    """Something he can do here, whenever he likes."""

    icon: str
    words: str
    what: str
    url: str


def _proposals(actor: Actor, _now: datetime) -> Iterator[Waits]:
    rows = DutyProposal.objects.waiting().select_related("user", "proposed_by").order_by("pk")
    mine = sum(1 for row in rows[:LOOKED_AT] if not duties.may_decide(actor, row))
    if mine:
        why = "确认后职责才生效；不同意的，写明理由退回。"
        yield Waits(f"{mine}项职责等您确认", why, reverse("proposals"), "去确认")


def _imports(actor: Actor, _now: datetime) -> Iterator[Waits]:
    rows = PeopleImport.objects.visible_to(actor)
    for row in rows.filter(state=PeopleImport.State.READ).order_by("-pk")[:3]:
        why = "核对无误后才会导入；不要的可以放弃。"
        yield Waits(f"人员表“{row}”还没有导入", why, row.get_absolute_url(), "继续核对")
    kept = rows.filter(state=PeopleImport.State.KEPT, codes_at=None)
    for row in kept.filter(newcomers__isnull=False).distinct().order_by("-pk")[:3]:
        why = "新开的账号凭一次性登录码首次登录。"
        yield Waits(f"“{row}”的登录码还没有下载", why, row.get_absolute_url(), "去下载")


def _vitals(_actor: Actor, now: datetime) -> Iterator[Waits]:
    for vital in vitals.troubles(now):
        what, urgent = f"{vital.name}：{vital.fact}", vital.state == vitals.BAD
        yield Waits(what, vital.advice, reverse("system"), "看系统状态", urgent)


def _lock_outs(_actor: Actor, now: datetime) -> Iterator[Waits]:
    if shut := len(list(sign_ins.standing(at=now))):
        why = "多次输错被暂停；到时自动恢复，核实是本人的可以提前解除。"
        yield Waits(f"{shut}处登录被暂停", why, reverse("lock-outs"), "去查看", urgent=True)


def _second_steps(actor: Actor, _now: datetime) -> Iterator[Waits]:
    if missing := asked_twice(actor).filter(has_step=False).count():
        why = "三类管理员、纪检、领导应使用动态口令。"
        yield Waits(f"{missing}人还没有开通动态口令", why, reverse("second-steps"), "看名单")


def _seals(_actor: Actor, now: datetime) -> Iterator[Waits]:
    last = TrailSeal.objects.order_by("-number").values_list("sealed_at", flat=True).first()
    why = "应每天零时十分自动封存；如果一直没有，请系统管理员检查定时任务。"
    if last is None:
        yield Waits("操作留痕还没有封存过", why, reverse("trail-seals"), "去查看")
    elif now - last > SEAL_LATE:
        days = max((now - last).days, 1)
        what = f"操作留痕已有{days}天没有封存"
        yield Waits(what, why, reverse("trail-seals"), "去查看", urgent=True)


def _check(_actor: Actor, now: datetime) -> Iterator[Waits]:
    check, url = trail_jobs.last_check(), reverse("trail-seals")
    if check is None:
        if TrailSeal.objects.exists():
            why = "校验能指出哪一条被改动、删除、插入或截去。"
            yield Waits("操作留痕还没有校验过", why, url, "去校验")
        return
    said = check.detail.get("result") or [""]
    if not said[0].startswith("校验通过"):
        why = "请保留现场，立即告知安全管理员和系统管理员。"
        yield Waits("最近一次校验不通过", why, url, "看结果", urgent=True)
    elif now - check.at > CHECK_LATE:
        why = "建议每月校验一次，并抄录最近一次封存的摘要。"
        yield Waits(f"已有{(now - check.at).days}天没有校验操作留痕", why, url, "去校验")


def _keepers(actor: Actor, _now: datetime) -> Iterator[Waits]:
    """Nobody could grant, look after accounts or audit when the last of a kind has gone."""
    soon = actor.on + NOTICE
    for role, last in users.last_days(actor.on).items():
        gone = last < actor.on
        fact = "现在没有人担任" if gone else f"到{day(last)}以后没有人担任"
        why = (
            f"请安全管理员在到期以前另授一名没有终止日期的{role.label}（安全管理员须由另一名管理员复核）"
            "；担任的人须有账号、在用。"
        )
        yield Waits(f"{role.label}{fact}", why, reverse("people"), "去人员页", last <= soon)


def _calendar(actor: Actor, _now: datetime) -> Iterator[Waits]:
    """The notice for the next year comes in November; without it days are counted by the week."""
    years = {actor.on.year} | ({actor.on.year + 1} if actor.on.month >= ANNOUNCED else set())
    known = set(HolidayNotice.objects.filter(year__in=years).values_list("year", flat=True))
    for year in sorted(years - known):
        why = "没有录入的年份暂按周一至周五计算工作日；通知一般在上年11月公布。"
        urgent = year == actor.on.year
        yield Waits(f"{year}年节假日安排还没有录入", why, reverse("calendar-new"), "去录入", urgent)


# Whose desk → what it asks, the most pressing first; and its doors.
ASKED: dict[Role, tuple[Callable[[Actor, datetime], Iterator[Waits]], ...]] = {
    Role.SYSTEM: (_keepers, _vitals, _calendar, _imports, _proposals),
    Role.SECURITY: (_keepers, _lock_outs, _proposals, _second_steps),
    Role.AUDIT: (_keepers, _seals, _check),
}
WITNESS = ("key", "见证码", "为另一名管理员恢复备份、更换密钥等重大操作作见证。", "witness")
DOORS: dict[Role, tuple[tuple[str, str, str, str], ...]] = {
    Role.SYSTEM: (
        (
            "diagram-3",
            "组织",
            "新建、更名、排序、调整隶属、合并、分设、撤销，登记派驻等关系。",
            "organizations",
        ),
        (
            "people",
            "人员",
            "登记、开通账号、发邀请码和重置码、调整隶属、移交事项、停用。",
            "people",
        ),
        (
            "file-earmark-person",
            "导入人员",
            "用花名册一次登记多人；其中的职责由安全管理员确认。",
            "people-imports",
        ),
        (
            "person-check",
            "待确认职责",
            "复核安全管理员授予的纪检、领导、审计和安全管理职责。",
            "proposals",
        ),
        (
            "heart-pulse",
            "系统状态",
            "数据库、后台任务、定时任务、磁盘和备份是否正常。",
            "system",
        ),
        WITNESS,
    ),
    Role.SECURITY: (
        (
            "people",
            "人员",
            "打开一个人，授予、结束职责，确定领导的分管单位，设单位管理员。",
            "people",
        ),
        ("person-check", "待确认职责", "确认或退回导入、组织调整带来的职责。", "proposals"),
        ("laptop", "在线登录", "谁在哪里登录；可以强制下线。", "signed-in"),
        ("lock", "暂停登录", "多次输错被暂停的账号和地址；可以提前解除。", "lock-outs"),
        ("phone", "动态口令", "谁应开未开；遗失手机的可以重置。", "second-steps"),
        ("shield-lock", "登录与安全", "现行的密码、登录、代码规则。", "security"),
        ("shield-check", "操作留痕", "查看审计管理员做过什么。", "trail"),
        WITNESS,
    ),
    Role.AUDIT: (
        (
            "shield-check",
            "操作留痕",
            "按时间、人员、事项查询谁做过什么，导出查到的。",
            "trail",
        ),
        (
            "link-45deg",
            "封存与校验",
            "看每天的封存，校验留痕有没有被改动，抄录摘要。",
            "trail-seals",
        ),
        ("file-earmark-arrow-down", "我的导出", "已导出的留痕文件。", "jobs"),
        WITNESS,
    ),
}


def role_of(actor: Actor) -> Role:
    """Return which of the three it is: nobody holds two (SOD-09)."""
    return next(role for role in ASKED if actor.holds(role))


def desk(actor: Actor, *, now: datetime) -> dict[str, Any]:
    role = role_of(actor)
    return {
        "administrator": role.label,
        "waits": [found for ask in ASKED[role] for found in ask(actor, now)],
        "doors": [Door(*facts, reverse(name)) for *facts, name in DOORS[role]],
    }
