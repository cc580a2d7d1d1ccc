"""Marks on a duty in force (主要负责人、单位管理员): set and taken away without ending the duty.

What is delegated, and what a leader looks after, goes on with it.
"""

from datetime import datetime

from django.db import transaction

from reform import policy
from reform.actions import duties, trail, users
from reform.errors import Forbidden, Refused
from reform.models import Act, Actor, Duty, DutyProposal, Role

# Role → the mark its duties may bear.
MARKS = {Role.LEADER: "principal", Role.OFFICE: "unit_admin"}
WORDS = {"principal": "主要负责人", "unit_admin": "单位管理员"}


@transaction.atomic
def change(
    duty: Duty, *, marked: bool, reason: str, by: Actor, at: datetime
) -> Duty | DutyProposal:
    """Set the mark of a duty, or take it away, from today on.

    主要负责人 opens to a leader all below him: that waits for a second administrator like the
    grant itself (SOD-10), and is a proposal until then.
    """
    duty = Duty.objects.select_for_update().select_related("user", "organization").get(pk=duty.pk)
    if why := may_change(by, duty):
        raise Forbidden(why)
    mark = MARKS[Role(duty.role)]
    if getattr(duty, mark) == marked:
        raise Refused(f"“{duty}”本来就{'是' if marked else '不是'}{WORDS[mark]}，没有变化。")
    if mark == "principal" and marked:
        return duties.propose(
            duty.user,
            role=Role.LEADER,
            organization=duty.organization,
            since=by.on,
            until=duty.until,
            principal=True,
            origin=DutyProposal.Origin.GRANT,
            by=by,
            at=at,
        )
    users.mark(duty, **{mark: marked}, on=by.on)
    say = f"{duty}{'设为' if marked else '不再是'}{WORDS[mark]}（{reason}）"
    trail.record(Act.DUTY_MARKED, duty.user, by=by, at=at, say=say, duty=duty.pk)
    return duty


def may_change(by: Actor, duty: Duty) -> str:
    """Return why the actor may not change the mark of this duty, or nothing."""
    if not policy.may(by, "role.grant"):
        return policy.forbidden("role.grant").args[0]
    if duty.user.person_id == by.user.person_id:
        return "不能更改自己的职责，请由另一名管理员办理。"
    if duty.role not in MARKS:
        return "只有领导、活动办的职责有标记可改。"
    if duty.until and duty.until < by.on:
        return "这项职责已经结束。"
    return ""
