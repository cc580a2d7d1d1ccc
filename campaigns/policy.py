"""Who may do what to a campaign (PERMISSIONS.md, 活动). Default is deny."""

from campaigns.models import Assignment, Examination, Reader
from campaigns.models.showcase import CHOOSE
from reform.errors import Forbidden
from reform.models import Actor, Organization, Role
from reform.models.organization import OrganizationQuerySet
from reform.models.scope import RELATIONS, Reach, admits
from reform.policy import in_place_of

M, C, B, I, O, L = (  # noqa: E741 -- the letters of PERMISSIONS.md
    Role.MEMBER,
    Role.LIAISON,
    Role.SECRETARY,
    Role.INSPECTOR,
    Role.OFFICE,
    Role.LEADER,
)
BUSINESS: tuple[str, ...] = (M, C, B, I, O, L)
OWN = dict.fromkeys(BUSINESS, "S")
STATUS = (B, I, O, L)  # who sees whether others have submitted

TABLE: dict[str, tuple[str, dict[str, str]]] = {
    "ca.create": ("建立活动", {Role.OFFICE: "D"}),
    "ca.publish": ("批准发布活动", {Role.LEADER: "D"}),
    "ca.change_request": ("申请变更活动", {Role.OFFICE: "D"}),
    "ca.change_approve": ("批准变更活动", {Role.LEADER: "D"}),
    "ca.close": ("结束活动", {Role.LEADER: "D"}),
    "kit.use": ("使用活动套件", {Role.OFFICE: "D"}),
    "ck.edit": ("编辑检查清单", {Role.OFFICE: "D"}),
    # As in rectification/policy: what was signed on paper is entered by liaison or office.
    "sign.record": ("录入线下签批", {Role.LIAISON: "U", Role.OFFICE: "D"}),
    # Also who owes a weekly report and by when: a rule of the campaign like the others.
    "nt.rules": ("设置催办规则和周报安排", {Role.OFFICE: "D"}),
    # Self-examinations; X is a row of `Reader`, which the rule makes for B and L at submission.
    "se.status": ("查看自查剖析提交情况", {**OWN, B: "U", I: "VX", O: "D", L: "D"}),
    "se.read": ("阅看自查剖析", {M: "S", C: "S", B: "UX", I: "X", L: "X"}),
    "se.create": ("填写自查剖析", OWN),
    "se.edit_draft": ("修改自查剖析", OWN),
    "se.submit": ("提交自查剖析", OWN),
    "se.withdraw": ("撤回自查剖析", OWN),
    "se.delete_draft": ("删除自查剖析草稿", OWN),
    "se.review": ("审阅自查剖析", {B: "U-X", L: "X"}),
    "se.history": ("查看自查剖析的历次版本", {M: "S", C: "S", B: "UX", I: "X", L: "X"}),
    # Somebody else's would need a second approval (SOD-20); as long as there is none, nobody's.
    "se.export_one": ("导出自查剖析", {M: "S", C: "S", B: "S", I: "S"}),
    "se.access_log": ("查看谁读过自查剖析", OWN),
    # 代录, and entering a review signed on paper.
    "se.record": ("代录自查剖析", {C: "U", B: "U", O: "D"}),
    "st.close": ("管理阶段", {Role.OFFICE: "D"}),
    "as.edit": ("编制任务分解", {Role.SECRETARY: "U", Role.OFFICE: "D"}),
    # As `pb.progress`: the person named, his organization's liaison and secretary, offices for it.
    "as.progress": (
        "填报任务进展",
        {Role.MEMBER: "S", Role.LIAISON: "U", Role.SECRETARY: "U", Role.OFFICE: "D"},
    ),
    "ac.enter": (
        "登记活动",
        {Role.LIAISON: "U", Role.SECRETARY: "U", Role.OFFICE: "D"},
    ),
    # Pledges, reflections and their showcase: docs/decisions/0033. `pl.read` is of public ones.
    "pl.read": ("查看公开承诺", {M: "C", C: "C", B: "C", I: "CD", O: "CD", L: "CD"}),
    "pl.write": ("作出承诺", OWN),
    "pl.sign": ("签署班子承诺", {B: "U", L: "U"}),
    "pl.export": ("导出公开承诺", {O: "D"}),
    "rf.write": ("写心得体会", OWN),
    "sc.choose": ("选用心得展示", dict(CHOOSE)),
}


def may_here(actor: Actor, act: str, organization: Organization) -> bool:
    return admits(TABLE[act][1], actor, organization.path)


def require_here(actor: Actor, act: str, organization: Organization) -> None:
    """Raise Forbidden, in a sentence, when the actor may not; note in whose place he does it."""
    if not may_here(actor, act, organization):
        raise Forbidden(f"您没有在“{organization}”{TABLE[act][0]}的权限。")
    actor.acts_for(in_place_of(actor, lambda alone: may_here(alone, act, organization)))


# ---------------------------------------------------------------- self-examinations


def may(actor: Actor, act: str, examination: Examination) -> bool:
    """Return whether the actor may do this to an examination; state is the acts' business."""
    author, said = examination.author, set()
    if author.person_id == actor.user.person_id:
        said.add("self")
    elif Reader.objects.for_actor(actor).filter(examination=examination).exists():
        said.add("asg")
    if "self" in said and act == "se.review":
        return False  # U-: a secretary is of his own organization, too
    # In a secretary's place nobody comes to that secretary's own text (SOD-14).
    lent = [
        duty for duty in actor.duties if duty.behalf and duty.behalf.person_id == author.person_id
    ]
    actor = actor.only(*(duty for duty in actor.duties if duty not in lent))
    place = examination.organization
    places = [place, place.succeeded_by] if place.succeeded_by else [place]
    return any(admits(TABLE[act][1], actor, one.path, said) for one in places)


def require(actor: Actor, act: str, examination: Examination) -> None:
    """Raise Forbidden, in a sentence, when the actor may not."""
    if not may(actor, act, examination):
        raise Forbidden(f"您没有{TABLE[act][0]}的权限。")
    actor.acts_for(in_place_of(actor, lambda alone: may(alone, act, examination)))


def require_self(actor: Actor, act: str) -> None:
    """Raise Forbidden when the actor has no business duty: the three administrators, and who has
    none, examine themselves nowhere here."""
    if not admits(TABLE[act][1], actor, "", {"self"}):
        raise Forbidden(f"您没有{TABLE[act][0]}的权限。")


# ---------------------------------------------------------------- assignments, activities


def places(actor: Actor, act: str) -> OrganizationQuerySet:
    """Return the organizations for which `may_here` says yes, in official order."""
    rows = Organization.objects.in_force(actor.on).official_order()
    reach = Reach.of(actor, TABLE[act][1], key="pk")
    return rows if reach.whole else rows.filter(reach.condition())


def may_progress(actor: Actor, assignment: Assignment) -> bool:
    """`as.progress`: also for organizations that cooperate, by duties held there, as `pb.progress`.

    Asks for `cooperating` and `person` of the row: lists prefetch them.
    """
    scopes = TABLE["as.progress"][1]
    said = {"self"} if assignment.is_persons(actor.user) else set()
    if admits(scopes, actor, assignment.organization.path, said):
        return True
    here = {
        duty.organization_id
        for duty in actor.duties
        if "own" in RELATIONS[scopes.get(duty.role, "N")]
    }
    return any(place.pk in here for place in assignment.cooperating.all())


def require_progress(actor: Actor, assignment: Assignment) -> None:
    if not may_progress(actor, assignment):
        raise Forbidden(f"您没有填报“{assignment}”进展的权限。")
    actor.acts_for(in_place_of(actor, lambda alone: may_progress(alone, assignment)))
