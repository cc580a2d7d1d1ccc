"""Who may do what to a campaign (PERMISSIONS.md, 活动). Default is deny."""

from reform.errors import Forbidden
from reform.models import Actor, Organization, Role
from reform.models.scope import admits

TABLE: dict[str, tuple[str, dict[str, str]]] = {
    "ca.create": ("建立活动", {Role.OFFICE: "D"}),
    "ca.publish": ("批准发布活动", {Role.LEADER: "D"}),
    # Also who owes a weekly report and by when: a rule of the campaign like the others.
    "nt.rules": ("设置催办规则和周报安排", {Role.OFFICE: "D"}),
    # Also the word lists that hints go by.
    "ck.edit": ("编辑检查清单和词表", {Role.OFFICE: "D"}),
}


def may_here(actor: Actor, act: str, organization: Organization) -> bool:
    return admits(TABLE[act][1], actor, organization.path)


def require_here(actor: Actor, act: str, organization: Organization) -> None:
    if not may_here(actor, act, organization):
        raise Forbidden(f"您没有在“{organization}”{TABLE[act][0]}的权限。")
