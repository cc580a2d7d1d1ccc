"""Who may do what on the ground floor (PERMISSIONS.md, 组织与用户, 安全与审计). Default is deny."""

from collections.abc import Iterable

from reform.errors import Forbidden
from reform.models import Actor, Duty, Job, Role, User
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
    "bk.run": ("备份", {SA: "A"}),
    "bk.restore": ("恢复", {SA: "A"}),
    "key.rotate": ("更换密钥", {SO: "A"}),
}
CONTACT = TABLE["user.contact"][1]


def may(actor: Actor, act: str, path: str = "", also: Iterable[str] = ()) -> bool:
    """Return whether one of the actor's duties allows the act on a record at `path`.

    `also` holds what the record says of the actor (self). Without a path only duties whose code
    is A count, and what `also` opens.
    """
    return admits(TABLE[act][1], actor, path, also)


def require(actor: Actor, act: str, path: str = "", also: Iterable[str] = ()) -> None:
    """Raise Forbidden, in a sentence, when the actor may not."""
    if not may(actor, act, path, also):
        raise Forbidden(f"您没有{TABLE[act][0]}的权限。")


def may_see_contact(actor: Actor, user: User, duties: list[Duty]) -> bool:
    """Return whether the telephone of `user`, who holds `duties`, is shown to the actor."""
    if user.pk == actor.user.pk:
        return True
    return any(may(actor, "user.contact", duty.organization.path) for duty in duties)


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
