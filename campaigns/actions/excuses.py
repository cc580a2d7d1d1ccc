"""Excusing somebody from a stage (免计): with a reason, dated, and taken back by another row."""

from datetime import datetime

from django.db import transaction

from campaigns import policy
from campaigns.models import Act, Excuse, ExcuseEnd, Stage
from reform.actions import trail
from reform.errors import Forbidden, Refused
from reform.models import Actor, Duty, Organization, User


@transaction.atomic
def excuse(
    stage: Stage,
    *,
    person: User | None = None,
    organization: Organization | None = None,
    reason: str,
    words: str,
    by: Actor,
    at: datetime,
) -> Excuse:
    """Let a person, or an organization with all below it, leave the denominator of a stage.

    Raises Forbidden where it lies outside the actor's part of the tree, or is the actor himself.
    """
    stage = stage.locked()
    if (person is None) == (organization is None):
        raise Refused("请选择一名人员或者一个单位，只选其中一项。")
    place = organization or _home(person, stage, by=by)
    policy.require_here(by, "st.close", place)
    _require_open(stage)
    if person is not None and person.person_id == by.user.person_id:
        raise Forbidden("不能为本人登记免计，请由他人登记。")
    if not stage.campaign.includes(place):
        raise Refused(f"“{organization or person}”不在“{stage.campaign}”的参加范围内。")
    if organization is not None and organization.path == stage.campaign.organization.path:
        raise Refused("不能把牵头单位连同全部下级一并免计。")
    if reason == Excuse.Reason.OTHER and not words:
        raise Refused("原因选“其他”的，请写明说明。")
    same = Excuse.objects.filter(stage=stage, person=person, organization=organization).in_force()
    if same.exists():
        raise Refused(f"“{organization or person}”在“{stage}”已登记免计。")
    row = Excuse.objects.create(
        stage=stage,
        person=person,
        organization=organization,
        reason=reason,
        words=words,
        by=by.user,
        by_name=by.user.name,
        at=at,
    )
    say = f"{stage}，{row}（{row.get_reason_display()}）"
    trail.record(Act.EXCUSED, row, by=by, at=at, say=say, quote=words)
    return row


def _home(person: User | None, stage: Stage, *, by: Actor) -> Organization:
    """Return where the person belongs in the campaign: home first."""
    held = Duty.objects.in_force(by.on).filter(user=person).select_related("organization")
    found = [duty.organization for duty in held.order_by("-home", "pk")]
    inside = (place for place in found if stage.campaign.includes(place))
    place = next(inside, None)
    if place is None:
        raise Refused(f"“{person}”不在“{stage.campaign}”的参加单位中，不需要免计。")
    return place


@transaction.atomic
def end(excuse: Excuse, *, words: str, by: Actor, at: datetime) -> ExcuseEnd:
    """Take an excuse back: from now on he counts again. What was said stays."""
    stage = excuse.stage.locked()
    place = excuse.organization or _home(excuse.person, stage, by=by)
    policy.require_here(by, "st.close", place)
    _require_open(stage)
    if ExcuseEnd.objects.filter(excuse=excuse).exists():
        raise Refused("这项免计已经取消。")
    row = ExcuseEnd.objects.create(
        excuse=excuse, words=words, by=by.user, by_name=by.user.name, at=at
    )
    trail.record(Act.EXCUSE_ENDED, excuse, by=by, at=at, say=f"{stage}，{excuse}", quote=words)
    return row


def _require_open(stage: Stage) -> None:
    if stage.status == Stage.Status.CLOSED:
        raise Refused(f"“{stage}”已经结束，不能再登记或取消免计。")
