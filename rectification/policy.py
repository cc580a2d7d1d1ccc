"""Who may do what to a problem: the rows of PERMISSIONS.md, and the separation of duties.

State is the acts' business; this is about people. Default is deny.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from campaigns.models import ClosingStep
from rectification.models import Act, Appointment, ClosureApplication, Problem, ReviewStep
from rectification.models.problem_queryset import READ, read_scopes
from reform.errors import Forbidden
from reform.models import Actor, Duty, Organization, Role, TrailEntry, User
from reform.models.organization import OrganizationQuerySet, within
from reform.models.scope import RELATIONS, Reach, admits, relation
from reform.text import fold

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
    "pb.export": ("导出台账", {C: "U", B: "U", I: "VX", O: "D", L: "D"}),
    "pb.import": ("导入台账", {C: "U", B: "U", O: "D"}),
    "ev.upload": ("添加佐证材料", {M: "S", C: "U", B: "U", I: "VX", O: "D"}),
    "ev.download": ("下载佐证材料", dict(READ)),
    "ev.delete_before": ("删除佐证材料", {M: "S", C: "S", B: "S", I: "S", O: "S"}),
}
# What cooperating organizations may do beside reading: their members count as *own* for these.
COOPERATING = {"pb.read", "pb.progress", "ev.upload", "ev.download"}
# 个人 rows (PERMISSIONS.md): the person himself, his secretary, an inspector when assigned.
PERSONAL: dict[str, set[str]] = {M: {"self"}, C: {"self"}, B: {"self", "own", "asg"}, I: {"asg"}}
LOOK_BACK = timedelta(days=730)  # SOD-05: 24 months


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
    """Return whether the actor may do an act that makes a row for `organization`."""
    if organization.retired_on and organization.retired_on <= actor.on:
        return False
    said = {"self"} if _is_member(actor, organization) else set()
    members_only = {role: code for role, code in scopes(act).items() if role == M}
    others = {role: code for role, code in scopes(act).items() if role != M}
    return admits(others, actor, organization.path) or (
        bool(said) and admits(members_only, actor, organization.path, said)
    )


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
    """Raise Forbidden, in a sentence, when the actor may not."""
    if not may(actor, act, problem):
        raise Forbidden(f"您没有对“{problem}”{TABLE[act][0]}的权限。")


def require_here(actor: Actor, act: str, organization: Organization) -> None:
    if not may_here(actor, act, organization):
        raise Forbidden(f"您没有为“{organization}”{TABLE[act][0]}的权限。")


def _is_member(actor: Actor, organization: Organization) -> bool:
    return any(duty.organization_id == organization.pk for duty in actor.holding(M))


def _said(actor: Actor, act: str, problem: Problem) -> set[str]:
    said = {"self"} if problem.is_own_of(actor) else set()
    if any("asg" in RELATIONS[code] for code in TABLE[act][1].values()):
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


# ---------------------------------------------------------------- separation of duties


def barred(
    user: User,
    step: ReviewStep | None,
    application: ClosureApplication,
    *,
    kind: str,
    on: date,
    involved: "Involved | None" = None,
) -> str:
    """Return why `user` may not take a step of this application, or nothing.

    SOD-01 to 05, 15 and 16 of PERMISSIONS.md; persons are compared, not accounts.
    """
    person = user.person_id
    applicant = {application.applicant_name} if application.applicant is None else set()
    if person in _persons(application.applicant, application.entered_by) or _bears(
        user.name, applicant
    ):
        return f"{user}是本次销号申请的申请人或录入人，不能审核自己的申请。"
    if why := barred_by_row(user, application.problem, kind=kind, on=on, involved=involved):
        return why
    earlier = application.reviews.exclude(decision="waived").select_related("reviewer")
    if step is not None:
        earlier = earlier.exclude(step=step)
    if person in _persons(*(review.reviewer for review in earlier)):
        return f"{user}已在本次申请的前一步签过意见，不能再审下一步。"
    return ""


def barred_by_row(
    user: User, problem: Problem, *, kind: str, on: date, involved: "Involved | None" = None
) -> str:
    """Return why `user` keeps out of every review of this row, whoever applies for closure.

    审签 is the organization answering for itself and bars only the applicant (SOD-02).
    """
    if kind == ClosingStep.Kind.ENDORSE and not problem.is_personal:
        return ""
    involved = involved or Involved.of(problem)
    if user.person_id in _persons(*involved.answerable):
        return f"{user}是该问题的责任人、责任领导、措施拟定人或佐证提供人，须回避。"
    if _bears(user.name, involved.names):
        return f"该问题的责任人、责任领导、措施拟定人或佐证提供人中有“{user}”，须回避。"
    if user.person_id in _persons(*involved.entered):
        return f"{user}曾为该问题代填内容，不能再参与审核。"
    return _from_the_inside(user, problem, kind, on)


def _from_the_inside(user: User, problem: Problem, kind: str, on: date) -> str:
    """SOD-03, and for discipline SOD-05 with its 24 months, over all accounts of the person."""
    if problem.is_personal:
        return ""
    since = on - LOOK_BACK if kind == ClosingStep.Kind.RECHECK else on
    inside = Duty.objects.filter(within(problem.path, "organization__path"))
    inside = inside.in_force_between(since, on)
    person = user.person_id
    if (inside.filter(user=person) | inside.filter(user__same_as=person)).exists():
        months = "近24个月内" if kind == ClosingStep.Kind.RECHECK else ""
        return f"{user}{months}在责任单位任职，须回避。"
    return ""


def barred_by_name(name: str, application: ClosureApplication, *, kind: str) -> str:
    """Return why somebody without an account, known by name only, may not sign on paper."""
    problem = application.problem
    if _bears(name, {application.applicant_name, application.entered_by.name}):
        return f"{name}是本次销号申请的申请人或录入人，不能签批自己的申请。"
    if kind == ClosingStep.Kind.ENDORSE and not problem.is_personal:
        return ""
    involved = Involved.of(problem)
    if _bears(name, {*involved.names, *(user.name for user in involved.answerable if user)}):
        return f"{name}是该问题的责任人、责任领导、措施拟定人或佐证提供人，须回避。"
    if _bears(name, {user.name for user in involved.entered}):
        return f"{name}曾为该问题代填内容，不能再参与审核。"
    earlier = application.reviews.exclude(decision="waived")
    if _bears(name, earlier.values_list("reviewer_name", flat=True)):
        return f"{name}已在本次申请的前一步签过意见，不能再签下一步。"
    return ""


def _persons(*users: User | None) -> set[int]:
    return {user.person_id for user in users if user is not None}


@dataclass(frozen=True)
class Involved:
    """Who has to do with a row, looked up in one go for a judgement on somebody else."""

    # SOD-02: responsible persons and leaders, authors of measures, suppliers of evidence; and of
    # them those known by name only, for whoever bears the name may be the one.
    answerable: list[User | None]
    names: set[str]
    # Who typed for the organization (代填) and so may not review the row, in any round.
    entered: list[User]

    @classmethod
    def of(cls, problem: Problem) -> "Involved":
        people = list(problem.people.select_related("user"))
        measures = list(problem.measures.select_related("author", "entered_by"))
        evidence = list(problem.evidence.select_related("supplier", "entered_by"))
        named = [
            *((row.user, row.name) for row in people),
            *((row.author, row.author_name) for row in measures),
            *((row.supplier, row.supplier_name) for row in evidence),
        ]
        typed: tuple[Any, ...] = (
            *(*measures, *evidence),
            *problem.progress_entries.select_related("entered_by"),
            *problem.applications.select_related("entered_by"),
        )
        # Who changed a measure is in the trail alone: the row says who began it.
        changes = TrailEntry.objects.of(problem).filter(act=Act.MEASURE_CHANGED)
        return cls(
            answerable=[user for user, _ in named],
            names={name for user, name in named if user is None},
            entered=[
                *(row.entered_by for row in typed),
                *(entry.by for entry in changes.select_related("by") if entry.by),
            ],
        )


def _bears(name: str, names: Iterable[str]) -> bool:
    """Names are compared without blanks: 马　超 on paper is 马超."""
    return bool(fold(name)) and fold(name) in {fold(other) for other in names}
