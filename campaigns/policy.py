"""Who may do what to a campaign (PERMISSIONS.md, 活动). Default is deny."""

from campaigns.models import Assignment
from reform.errors import Forbidden
from reform.models import Actor, Organization, Role
from reform.models.organization import OrganizationQuerySet
from reform.models.scope import RELATIONS, Reach, admits
from reform.policy import in_place_of

TABLE: dict[str, tuple[str, dict[str, str]]] = {
    "ca.create": ("建立活动", {Role.OFFICE: "D"}),
    "ca.publish": ("批准发布活动", {Role.LEADER: "D"}),
    # Also who owes a weekly report and by when: a rule of the campaign like the others.
    "nt.rules": ("设置催办规则和周报安排", {Role.OFFICE: "D"}),
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
}


def may_here(actor: Actor, act: str, organization: Organization) -> bool:
    return admits(TABLE[act][1], actor, organization.path)


def require_here(actor: Actor, act: str, organization: Organization) -> None:
    if not may_here(actor, act, organization):
        raise Forbidden(f"您没有在“{organization}”{TABLE[act][0]}的权限。")


def require_in_place(actor: Actor, act: str, organization: Organization) -> None:
    """The same as `require_here`, noting in whose place it is done (请假委托)."""
    require_here(actor, act, organization)
    actor.acts_for(in_place_of(actor, lambda alone: may_here(alone, act, organization)))


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
