"""Who may do what on the ground floor (PERMISSIONS.md, 组织与用户, 安全与审计). Default is deny."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from django.db.models import QuerySet

from reform.errors import Forbidden
from reform.models import (
    ADMINISTRATORS,
    AccessCode,
    Actor,
    Delegation,
    Delivery,
    Duty,
    DutyProposal,
    Job,
    Preference,
    Role,
    SignIn,
    User,
)
from reform.models.duty_proposal import TWO_SIGN
from reform.models.job import grounds_of
from reform.models.scope import admits

M, C, B, I, O, L = (  # noqa: E741 -- the letters of PERMISSIONS.md
    Role.MEMBER,
    Role.LIAISON,
    Role.SECRETARY,
    Role.INSPECTOR,
    Role.OFFICE,
    Role.LEADER,
)
SA, SO, AU = Role.SYSTEM, Role.SECURITY, Role.AUDIT

# act → its words, and who may within which scope. An administrator's A is not counted from an
# organization: it gives no business scope.
TABLE: dict[str, tuple[str, dict[str, str]]] = {
    "org.edit": ("管理组织", {SA: "A"}),
    "user.create": ("建立账号", {SA: "A"}),
    "user.import": ("导入人员", {SA: "A"}),
    "user.disable": ("停用账号", {SA: "A", SO: "A"}),
    "user.reset": ("发放一次性重置码", {SA: "A"}),
    # Telephone numbers. Names, posts and organizations are open to all who signed in.
    "user.contact": ("查看联系方式", {M: "S", C: "U", B: "U", I: "S", O: "D", L: "S", SA: "A"}),
    "role.grant": ("授予职责", {SO: "A"}),
    # The second confirmation of SOD-10: another administrator than who granted.
    "role.confirm": ("复核授予的职责", {SA: "A", SO: "A"}),
    "session.kill": (
        "强制下线",
        {M: "S", C: "S", B: "S", I: "S", O: "S", L: "S", SO: "A", AU: "S"},
    ),
    "dlg.create": ("请假委托", {B: "S", I: "S", O: "S", L: "S"}),
    "au.read": ("查看操作留痕", {AU: "A"}),
    "au.read_admin": ("查看系统和安全管理员的操作留痕", {AU: "A"}),
    "au.read_auditor": ("查看审计管理员的操作留痕", {SO: "A"}),
    "au.export": ("导出操作留痕", {AU: "A"}),
    "au.verify": ("校验操作留痕", {AU: "A"}),
    "cfg.security": ("设置安全策略", {SO: "A"}),
    "cfg.system": ("设置系统参数", {SA: "A"}),
    "cal.edit": ("录入工作日历", {SA: "A"}),
    "nt.dead": ("重发未送达的提醒", {SA: "A"}),
    "bk.run": ("备份", {SA: "A"}),
    "bk.restore": ("恢复", {SA: "A"}),
    "key.rotate": ("更换密钥", {SO: "A"}),
}
CONTACT = TABLE["user.contact"][1]
# 单位管理员, a flag on an office duty and no tenth role: what it adds, in its organization and
# below (PERMISSIONS.md). Never to himself, and never to whoever holds more than it may grant.
UNIT_ADMIN = {"user.create", "user.disable", "role.grant"}
UNIT_ADMIN_GRANTS = (M, C, B)


def may(actor: Actor, act: str, path: str = "", also: Iterable[str] = ()) -> bool:
    """Return whether one of the actor's duties allows the act on a record at `path`.

    `also` holds what the record says of the actor (self). Without a path only duties whose code
    is A count, and what `also` opens.
    """
    if admits(TABLE[act][1], actor, path, also):
        return True
    return bool(path) and act in UNIT_ADMIN and _keeps_people_of(actor, path)


def require(actor: Actor, act: str, path: str = "", also: Iterable[str] = ()) -> None:
    """Raise Forbidden, in a sentence, when the actor may not."""
    if not may(actor, act, path, also):
        raise forbidden(act)
    actor.acts_for(in_place_of(actor, lambda alone: may(alone, act, path, also)))


def in_place_of(actor: Actor, allowed: Callable[[Actor], bool]) -> User | None:
    """Return whose duty allows what the actor may do: nobody's but his own, if that suffices.

    Duties held for somebody on leave (请假委托) count only behind one's own.
    """
    if not actor.delegated or allowed(actor.own):
        return None
    return next((duty.behalf for duty in actor.delegated if allowed(actor.only(duty))), None)


def forbidden(act: str) -> Forbidden:
    return Forbidden(f"您没有{TABLE[act][0]}的权限。")


# ---------------------------------------------------------------- people


def keeps_people(actor: Actor) -> bool:
    """Whether the actor is 单位管理员 of some organization."""
    return any(duty.unit_admin and duty.behalf is None for duty in actor.holding(O))


def _keeps_people_of(actor: Actor, path: str) -> bool:
    """The flag is not delegated with the duty: who stands in for an office makes no accounts."""
    return any(
        duty.unit_admin and duty.behalf is None and duty.organization.covers(path)
        for duty in actor.holding(O)
    )


def may_person(actor: Actor, act: str, user: User) -> bool:
    """Return whether the actor may do the act to `user`; nobody may to himself.

    A 单位管理员 may to people all of whose duties, those to come as well, lie in his organization
    or below, and are such as he may grant; what they hold for somebody on leave, or are proposed
    for, counts alike: who gives out their code could act with it.
    """
    if user.person_id == actor.user.person_id:
        return False
    if may(actor, act):
        return True
    if act not in UNIT_ADMIN or not keeps_people(actor):
        return False
    accounts = User.objects.of_person(user)
    duties = Duty.objects.filter(user__in=accounts)
    held = list(duties.in_force_between(actor.on, None).select_related("organization"))
    asked: list[Duty | DutyProposal] = [*held, *_lent(accounts, actor.on), *_proposed(accounts)]
    return bool(held) and all(
        duty.role in UNIT_ADMIN_GRANTS and _keeps_people_of(actor, duty.organization.path)
        for duty in asked
    )


def _lent(accounts: QuerySet[User], on: date) -> Iterator[Duty]:
    """Return the duties they hold for others today, or will."""
    given = Delegation.objects.not_over(on).filter(delegate__in=accounts)
    return (one.duty for one in given.select_related("duty__organization"))


def _proposed(accounts: QuerySet[User]) -> QuerySet[DutyProposal]:
    waiting = DutyProposal.objects.waiting().filter(user__in=accounts)
    return waiting.select_related("organization")


def require_person(actor: Actor, act: str, user: User) -> None:
    if user.person_id == actor.user.person_id:
        raise Forbidden(f"不能对自己{TABLE[act][0]}，请由其他管理员办理。")
    if not may_person(actor, act, user):
        raise forbidden(act)


def may_identify(actor: Actor, user: User) -> bool:
    """Whether the actor says which accounts are one person's: that decides who keeps out of what
    (SOD-16), so a 单位管理员 does not."""
    return may(actor, "user.create") and may_person(actor, "user.create", user)


def require_identify(actor: Actor, user: User) -> None:
    require_person(actor, "user.create", user)
    if not may_identify(actor, user):
        raise Forbidden("同一人账号由系统管理员认定和取消。")


def grantable(actor: Actor, path: str) -> tuple[Role, ...]:
    """Return the roles the actor may grant at an organization (role.grant).

    Memberships follow the register of people, so the system administrator gives them as well.
    """
    if may(actor, "role.grant"):
        return tuple(Role)
    if path and _keeps_people_of(actor, path):
        return UNIT_ADMIN_GRANTS
    return (M,) if may(actor, "user.create") else ()


def may_give_duties(actor: Actor, user: User) -> bool:
    """Whether the actor gives duties to `user`, or ends them, whichever are his to give.

    A 单位管理员 to his own people only: nobody from outside his part is drawn in, and nobody of
    more weight loses a membership through him. Memberships follow the register.
    """
    if user.person_id == actor.user.person_id:
        return False
    return may_person(actor, "role.grant", user) or may(actor, "user.create")


def needs_second(role: str) -> bool:
    """Whether the grant waits for another administrator to confirm it (SOD-10)."""
    return role in TWO_SIGN


def may_issue_code(actor: Actor, user: User, purpose: str) -> bool:
    """Whoever stands as a witness says so himself. An invitation goes with making the account; to
    reset one that is in use is the system administrator's: who has the code could act with it.

    Nobody resets himself: he who forgot cannot sign in, and who signed in changes his password.
    """
    purposes = AccessCode.Purpose
    if purpose == purposes.WITNESS:
        return actor.user.pk == user.pk and actor.is_administrator
    return may_person(actor, "user.create" if purpose == purposes.INVITE else "user.reset", user)


def require_code(actor: Actor, user: User, purpose: str) -> None:
    """Raise Forbidden, in a sentence, when the actor may not issue such a code for `user`."""
    if not may_issue_code(actor, user, purpose):
        raise Forbidden(f"您不能为“{user}”发放{AccessCode.Purpose(purpose).label}。")


def may_end(actor: Actor, sign_in: SignIn) -> bool:
    """Whoever may sign out may do so from another desk; others' sessions are session.kill."""
    return sign_in.user_id == actor.user.pk or may(actor, "session.kill")


# Whose word weighs most signs in with a one-time password beside the password.
ASKED_TWICE = (*ADMINISTRATORS, Role.INSPECTOR, Role.LEADER)


def is_asked_twice(actor: Actor) -> bool:
    return actor.holds(*ASKED_TWICE)


def may_reset_second_step(actor: Actor, user: User) -> bool:
    """Nobody takes his own away so: he has the number, or a recovery code, or asks another."""
    return may(actor, "cfg.security") and actor.user.person_id != user.person_id


def may_see_contact(actor: Actor, user: User, duties: list[Duty]) -> bool:
    """Return whether the telephone of `user`, who holds `duties`, is shown to the actor."""
    if user.pk == actor.user.pk:
        return True
    return any(may(actor, "user.contact", duty.organization.path) for duty in duties)


def contact(actor: Actor, user: User, duties: list[Duty]) -> str:
    """Return the telephone as far as it is shown: an administrator sees it masked."""
    if not user.phone or user.pk == actor.user.pk:
        return user.phone
    if actor.holds(*ADMINISTRATORS):
        return masked(user.phone) if may(actor, "user.contact") else ""
    return user.phone if may_see_contact(actor, user, duties) else ""


def masked(phone: str) -> str:
    """138****1234; what is too short to say anything by its ends says nothing."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) > 8 else "****"


def masked_address(delivery: Delivery) -> str:
    """Return where a message was to go, as the system administrator sees it: z***@example.cn."""
    user = delivery.recipient
    if delivery.channel != Delivery.Channel.MAIL:
        return masked(user.phone) if user.phone else ""
    return masked_mail(Preference.of(user).email)


def masked_mail(address: str) -> str:
    """Return z***@example.cn."""
    name, at, host = address.partition("@")
    return f"{name[:1]}***{at}{host}" if at else ""


def may_read_suggestions(actor: Actor) -> bool:
    return actor.holds(Role.OFFICE)


def withheld(actor: Actor, job: Job) -> str:
    """Return why the file of one's own job is no longer handed out, or nothing (`job.read` S).

    It holds what the duties of the day it was asked for opened: all of them must still be held.
    """
    held = grounds_of(actor, {duty.role for duty in actor.duties})
    if set(job.grounds) <= set(held):
        return ""
    return "申请导出之后您的职责已有变化，这份文件不再提供下载；请按现在的职责重新导出。"
