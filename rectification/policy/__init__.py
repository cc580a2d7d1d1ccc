"""Who may do what to a problem: the rows of PERMISSIONS.md. Separation of duties is beside it.

State is the acts' business; this is about people. Default is deny.
"""

from django.db.models import Q

from rectification.models import Appointment, Problem
from rectification.models.earlier_deadline import APPROVERS
from rectification.models.instruction import READ as READ_INSTRUCTIONS
from rectification.models.problem_queryset import READ, read_scopes
from rectification.models.sweep_found import TAKE as TAKE_SWEPT
from rectification.models.weekly_report import READ as READ_REPORTS
from rectification.policy.involved import Involved
from rectification.policy.separation import (
    barred,
    barred_by_name,
    barred_by_row,
    barred_from,
    is_known_here,
    services_of_each,
)
from reform.errors import Forbidden
from reform.models import Actor, Organization, Role
from reform.models.organization import OrganizationQuerySet
from reform.models.scope import RELATIONS, Reach, admits, relation
from reform.policy import in_place_of

__all__ = [
    "TABLE",
    "Involved",
    "barred",
    "barred_by_name",
    "barred_by_row",
    "barred_from",
    "in_place_of",
    "is_known_here",
    "may",
    "may_file_personal",
    "may_here",
    "may_inside",
    "places",
    "require",
    "require_here",
    "scopes",
    "services_of_each",
]

M, C, B, I, O, L = (  # noqa: E741 -- the letters of PERMISSIONS.md
    Role.MEMBER,
    Role.LIAISON,
    Role.SECRETARY,
    Role.INSPECTOR,
    Role.OFFICE,
    Role.LEADER,
)

# act → its words, and who may within which scope. C and the 代填 of O are the bullets of
# PERMISSIONS.md, which win over a cell.
TABLE: dict[str, tuple[str, dict[str, str]]] = {
    "pb.read": ("查看问题", dict(READ)),
    "pb.create": ("登记问题", {M: "S", C: "U", B: "U", I: "VX", O: "D"}),
    "pb.edit_draft": ("修改草稿", {M: "S", C: "U", B: "U", I: "S", O: "D"}),
    "pb.delete_draft": ("删除草稿", {M: "S", C: "S", B: "S", I: "S", O: "S"}),
    "pb.publish": ("入账", {C: "U", B: "U", I: "VX", O: "D"}),
    "pb.set_deadline": ("确定整改时限", {C: "U", B: "U", I: "VX", O: "D"}),
    "pb.assign": ("交办", {C: "U", B: "U", O: "D", L: "V"}),
    "pb.accept": ("签收", {C: "U", B: "U", O: "U"}),
    "pb.return_assignment": ("退回交办", {B: "U", L: "U"}),
    "pb.amend": ("更正", {C: "U", B: "U", O: "D"}),
    "pb.amend_terms": ("更正标准、效果和时限", {O: "D"}),
    "esc.mute": ("暂停催办", {L: "V"}),
    "cal.approve": ("批准因工作日历调整提前时限", dict(APPROVERS)),
    "pb.progress": ("填报措施和进展", {M: "S", C: "U", B: "U", O: "D"}),
    # Measures are the lead's; cooperating organizations add progress to them.
    "pb.plan": ("制定和修改措施", {M: "S", C: "U", B: "U", O: "D"}),
    "pb.close_request": ("申请销号", {M: "S", C: "U", B: "U", O: "D"}),
    "pb.close_endorse": ("本单位审签", {B: "UX", L: "UX"}),
    "pb.close_review1": ("销号核查", {O: "VX"}),
    "pb.close_review2": ("纪检复核", {I: "VX"}),
    "pb.close_sign": ("领导审定", {L: "VX"}),
    "pb.appoint": ("指派审核人", {O: "V", L: "V", I: "V"}),
    "sign.record": ("录入线下签批", {C: "U", O: "D"}),
    # What somebody who leaves has in hand, to a successor; personal rows are not handed over.
    "pb.hand_over": ("移交在办事项", {B: "U", O: "D"}),
    # Asking those below who owe something (催办函), in the office's name: decision 0024.
    "pb.urge": ("出具催办函", {O: "V"}),
    "pb.export": ("导出台账", {C: "U", B: "U", I: "VX", O: "D", L: "D"}),
    "pb.import": ("导入台账", {C: "U", B: "U", O: "D"}),
    "wr.read": ("查看周报", dict(READ_REPORTS)),
    "wr.draft": ("起草周报", {C: "U", B: "U", O: "U"}),
    "wr.create": ("报送周报", {B: "U", O: "U"}),
    "wr.receive": ("收退周报", {O: "V"}),
    "wr.aggregate": ("汇总周报", {O: "D"}),
    "wr.sign": ("签发周报", {L: "D"}),
    "wr.forward": ("登记周报报送", {O: "D"}),
    # Instructions (批示) are not in PERMISSIONS.md: decision 0023. Who ends one: instructions.py.
    "is.read": ("查看批示", dict(READ_INSTRUCTIONS)),
    "is.write": ("批示", {L: "D"}),
    "is.record": ("录入批示", {O: "D"}),
    "is.draft": ("起草批示答复", {C: "U", B: "U", O: "U"}),
    "is.answer": ("答复批示", {B: "U", O: "U"}),
    "ev.upload": ("添加佐证材料", {M: "S", C: "U", B: "U", I: "VX", O: "D"}),
    "ev.download": ("下载佐证材料", dict(READ)),
    # What people found in themselves goes onto the ledger; a personal row becomes a unit's. Its
    # words are an examination's: the liaison has `se.*` for himself only (decision 0029).
    "fd.take": ("将查摆问题入账", {B: "U"}),
    "sw.take": ("将排查发现的问题入账", dict(TAKE_SWEPT)),
    "pb.turn": ("将个人问题转为单位问题", {B: "U"}),
    "pb.turn_agree": ("同意将个人问题转为单位问题", {M: "S", C: "S", B: "S"}),
    # Which rows a task force works on: those its office may assign; never personal ones (0031).
    "bd.link": ("列入专班整改", {O: "D"}),
    "ev.delete_before": ("删除佐证材料", {M: "S", C: "S", B: "S", I: "S", O: "S"}),
}
# What is done to the reports of an organization that was dissolved since.
LEFT_BEHIND = {"wr.read", "wr.receive"}
# What cooperating organizations may do beside reading: their members count as *own* for these.
COOPERATING = {"pb.read", "pb.progress", "ev.upload", "ev.download"}
# 个人 rows (PERMISSIONS.md): the person himself, his secretary, an inspector when assigned.
PERSONAL: dict[str, set[str]] = {M: {"self"}, C: {"self"}, B: {"self", "own", "asg"}, I: {"asg"}}


def scopes(act: str, problem: Problem | None = None) -> dict[str, str]:
    table = TABLE[act][1]
    if problem is None or not problem.is_personal:
        return table
    return {role: code for role, code in table.items() if role in PERSONAL}


def may(actor: Actor, act: str, problem: Problem) -> bool:
    """Return whether one of the actor's duties allows the act on this row (PERMISSIONS.md)."""
    said = _said(actor, act, problem)
    if problem.is_personal:
        return any(
            RELATIONS[code] & PERSONAL[duty.role] & (said | {relation(duty, problem.path)})
            for duty in actor.duties
            if (code := scopes(act, problem).get(duty.role))
        )
    if admits(scopes(act), actor, problem.path, said):
        return True
    if act == "pb.read" and _secretary_reads_below(actor, problem):
        return True
    return act in COOPERATING and _cooperates(actor, problem, act)


def may_inside(actor: Actor, act: str, problem: Problem) -> bool:
    """Return whether the act is the actor's by a duty at the responsible organization itself.

    Somebody above who is also a plain member there acts from above.
    """
    return any(
        duty.organization_id == problem.organization_id
        and "own" in RELATIONS[scopes(act, problem).get(duty.role, "N")]
        for duty in actor.duties
    )


def may_here(actor: Actor, act: str, organization: Organization) -> bool:
    """Return whether the actor may do an act that makes a row for `organization`.

    One that was dissolved does nothing more; what it left is still read and received above it.
    """
    if act not in LEFT_BEHIND and organization.is_retired(actor.on):
        return False
    said = {"self"} if _is_member(actor, organization) else set()
    members_only = {role: code for role, code in scopes(act).items() if role == M}
    others = {role: code for role, code in scopes(act).items() if role != M}
    return admits(others, actor, organization.path) or (
        bool(said) and admits(members_only, actor, organization.path, said)
    )


def may_file_personal(actor: Actor, organization: Organization) -> bool:
    """Return whether the actor may file somebody's own problem there: he will have to see it."""
    row = Problem(organization=organization, path=organization.path, drafted_by=actor.user)
    row.owner_kind = Problem.OwnerKind.PERSONAL
    return may(actor, "pb.edit_draft", row)


def places(actor: Actor, act: str) -> OrganizationQuerySet:
    """Return the organizations for which `may_here` says yes, in official order."""
    table = {role: code for role, code in scopes(act).items() if role != M}
    rows = Organization.objects.in_force(actor.on).official_order()
    reach = Reach.of(actor, table, key="pk")
    if reach.whole:
        return rows
    home = [duty.organization_id for duty in actor.holding(M)] if M in scopes(act) else []
    return rows.filter(reach.condition() | Q(pk__in=home))


def require(actor: Actor, act: str, problem: Problem) -> None:
    """Raise Forbidden, in a sentence, when the actor may not; note in whose place he does it."""
    if not may(actor, act, problem):
        raise Forbidden(f"您没有对“{problem}”{TABLE[act][0]}的权限。")
    actor.acts_for(in_place_of(actor, lambda alone: may(alone, act, problem)))


def require_here(actor: Actor, act: str, organization: Organization) -> None:
    if not may_here(actor, act, organization):
        raise Forbidden(f"您没有为“{organization}”{TABLE[act][0]}的权限。")
    actor.acts_for(in_place_of(actor, lambda alone: may_here(alone, act, organization)))


def _is_member(actor: Actor, organization: Organization) -> bool:
    return any(duty.organization_id == organization.pk for duty in actor.holding(M))


def _said(actor: Actor, act: str, problem: Problem) -> set[str]:
    said = {"self"} if problem.is_own_of(actor) else set()
    table = TABLE[act][1]
    if any("asg" in RELATIONS[table.get(duty.role, "N")] for duty in actor.duties):
        mine = Appointment.objects.filter(user=actor.user, until__gte=actor.on)
        if mine.filter(step__application__problem=problem).exists():
            said.add("asg")
    return said


def _secretary_reads_below(actor: Actor, problem: Problem) -> bool:
    reach = read_scopes(actor)
    return reach.whole or any(
        duty.organization.reads_below and duty.organization.covers(problem.path)
        for duty in actor.holding(B)
    )


def _cooperates(actor: Actor, problem: Problem, act: str) -> bool:
    table = TABLE[act][1]
    places = {
        duty.organization_id
        for duty in actor.duties
        if "own" in RELATIONS[table.get(duty.role, "N")]
    }
    return any(
        department.part == "cooperating" and department.organization_id in places
        for department in problem.departments.all()
    )
