"""Who may do what to a campaign (PERMISSIONS.md, 活动). Default is deny."""

from campaigns.models import Assignment, Examination, Portrait, PortraitSession, Reader, Sweep
from campaigns.models.copy_request import APPROVES
from campaigns.models.showcase import CHOOSE
from campaigns.models.sweep import FILL
from campaigns.models.sweep import READ as READ_SWEEPS
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
EXPORTERS = (I,)  # who may ask for a copy of others' texts (`se.export_one` X)
REVIEWERS = (B, L)  # by whose duties one reviews what others submitted (`se.review`)

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
    # One's own at once; what an assignment opened, once somebody else has approved (SOD-20).
    "se.export_one": ("导出自查剖析", {M: "S", C: "S", B: "S", I: "SX"}),
    "se.export_bulk": ("批量导出自查剖析", {I: "X"}),
    "ex.approve": ("批准导出自查剖析", APPROVES),
    "se.access_log": ("查看谁读过自查剖析", OWN),
    # 代录, and entering a review signed on paper.
    "se.record": ("代录自查剖析", {C: "U", B: "U", O: "D"}),
    # What self-examinations are compared with: the team's and the superior's; one's own is `se.*`.
    "rt.give": ("提供比对材料", {C: "U", B: "U", O: "D"}),
    # Who lets an inspector or a leader read one: as `in.assign`, and at the leader's own place.
    "se.assign": ("指派阅看自查剖析", {L: "D"}),
    "st.close": ("管理阶段", {Role.OFFICE: "D"}),
    "as.edit": ("编制任务分解", {Role.SECRETARY: "U", Role.OFFICE: "D"}),
    # As `pb.progress`: the person named, his organization's liaison and secretary, offices for it.
    "as.progress": (
        "填报任务进展",
        {Role.MEMBER: "S", Role.LIAISON: "U", Role.SECRETARY: "U", Role.OFFICE: "D"},
    ),
    # Not in PERMISSIONS.md: decision 0031. Being a member of a body opens nothing.
    "bd.edit": ("设置领导小组、办公室和专班", {Role.OFFICE: "D"}),
    "bd.responsible": ("指定第一责任人", {Role.OFFICE: "D"}),
    "ac.enter": (
        "登记活动",
        {Role.LIAISON: "U", Role.SECRETARY: "U", Role.OFFICE: "D"},
    ),
    # Portraits (docs/decisions/0032); X is the seat from which a secretary's own is merged.
    "po.merge": ("合并画像意见", {B: "U-X", L: "X"}),
    "po.speak": ("提出意见", {M: "U"}),
    "po.status": ("查看画像比对开展情况", {B: "U", I: "V", O: "D", L: "D"}),
    "po.receipts": ("查看画像归档回执", {B: "U", I: "V"}),
    # Risk sweeps, of a unit and not of a person (decision 0034).
    "sw.read": ("查看风险排查表", dict(READ_SWEEPS)),
    "sw.prepare": ("填写风险排查表", dict(FILL)),
    "sw.submit": ("报送风险排查表", {B: "U", L: "U"}),
    "sw.review": ("审阅风险排查表", {B: "V", O: "V"}),
    "sw.ask": ("发起对照排查", {O: "D"}),
    # Reference cases, read as `ca.read` once they are published; numbers that goals are given.
    "cs.write": ("写入通报案例", {O: "D"}),
    "cs.summarize": ("填写一案一总结", {I: "VX"}),
    "cs.publish": ("发布通报案例", {O: "D", L: "D"}),
    "cs.withdraw": ("撤下通报案例", {O: "D", L: "D"}),
    "gl.give": ("提供目标数据", {I: "D"}),
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
    homes = [place for place in (examination.organization, examination.team) if place]
    places = [*homes, *(place.succeeded_by for place in homes if place.succeeded_by)]
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


# ---------------------------------------------------------------- portraits


def may_speak(actor: Actor, session: PortraitSession) -> bool:
    """`po.speak`: those who belong to the branch; a second membership elsewhere is none."""
    home = actor.home
    return home == session.organization and may_here(actor.own, "po.speak", session.organization)


def require_speak(actor: Actor, session: PortraitSession) -> None:
    if not may_speak(actor, session):
        raise Forbidden(f"只有“{session.organization}”的党员干部能在这里提意见。")
    actor.acts_for(None)


def may_merge(actor: Actor, portrait: Portrait) -> bool:
    """`po.merge` of one portrait: whoever holds its seat, never his own."""
    return Portrait.objects.merged_by(actor).filter(pk=portrait.pk).exists()


def require_merge(actor: Actor, portrait: Portrait) -> None:
    if not may_merge(actor, portrait):
        raise Forbidden("您不能合并这份画像：本人的由上一级合并，他人的由所在党组织书记合并。")
    actor.acts_for(in_place_of(actor, lambda alone: may_merge(alone, portrait)))


# ---------------------------------------------------------------- risk sweeps


def may_review_sweep(actor: Actor, sweep: Sweep) -> bool:
    """`sw.review`: from above, and by nobody who holds a duty there himself. What the leading
    organization sweeps of its own, one of its leaders looks at: above it there may be nobody."""
    place = sweep.organization
    if sweep.campaign.organization_id == place.pk and _leads(actor, place):
        return True
    if any(duty.organization_id == place.pk for duty in actor.duties):
        return False
    return may_here(actor, "sw.review", place)


def _leads(actor: Actor, place: Organization) -> bool:
    return any(duty.organization_id == place.pk for duty in actor.holding(L))


def require_review_sweep(actor: Actor, sweep: Sweep) -> None:
    if not may_review_sweep(actor, sweep):
        place = sweep.organization
        raise Forbidden(f"您没有审阅“{place}”风险排查表的权限，由上级办公室或书记审阅。")
    actor.acts_for(in_place_of(actor, lambda alone: may_review_sweep(alone, sweep)))
