"""Who may do what to a campaign (PERMISSIONS.md, 活动). Default is deny."""

from reform.errors import Forbidden
from reform.models import Actor, Organization, Role
from reform.models.scope import admits
from reform.policy import in_place_of

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
}


def may_here(actor: Actor, act: str, organization: Organization) -> bool:
    return admits(TABLE[act][1], actor, organization.path)


def require_here(actor: Actor, act: str, organization: Organization) -> None:
    """Raise Forbidden, in a sentence, when the actor may not; note in whose place he does it."""
    if not may_here(actor, act, organization):
        raise Forbidden(f"您没有在“{organization}”{TABLE[act][0]}的权限。")
    actor.acts_for(in_place_of(actor, lambda alone: may_here(alone, act, organization)))
