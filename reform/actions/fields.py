"""What a leader answers for (分管) and looks after (联系点), from a day to a day."""

from datetime import date, datetime, timedelta

from django.db import transaction

from reform import policy
from reform.actions import people, trail
from reform.errors import Forbidden, Refused
from reform.models import Act, Actor, Duty, DutyField, Organization, Role

DAY = timedelta(days=1)


@transaction.atomic
def give(
    duty: Duty,
    *,
    organization: Organization,
    kind: str = DutyField.Kind.FIELD,
    since: date,
    by: Actor,
    at: datetime,
) -> DutyField:
    """Let a leader answer for (分管) or look after (联系点) an organization from a day on."""
    duty = Duty.objects.select_for_update().get(pk=duty.pk)
    _require_field(by, duty)
    word = DutyField.Kind(kind).label
    people.refuse_retired(organization, since)
    if kind == DutyField.Kind.FIELD and duty.principal:
        raise Refused("主要负责人对下级全部负责，不另设分管。")
    if kind == DutyField.Kind.FIELD and not duty.organization.covers(organization.path):
        raise Refused(f"“{organization}”不在“{duty.organization}”及其下级，不能分管。")
    if duty.fields.filter(organization=organization, kind=kind, until=None).exists():
        raise Refused(f"“{duty.user}”已{word}“{organization}”。")
    row = DutyField.objects.create(duty=duty, organization=organization, kind=kind, since=since)
    say = f"{duty.user}{word}{organization}（自{since:%Y-%m-%d}）"
    trail.record(Act.FIELD_GIVEN, duty.user, by=by, at=at, say=say)
    return row


@transaction.atomic
def end(row: DutyField, *, until: date, by: Actor, at: datetime) -> DutyField:
    row = DutyField.objects.select_for_update().get(pk=row.pk)
    _require_field(by, row.duty)
    if row.until:
        raise Refused("已经结束。")
    if until < max(row.since, by.on - DAY):
        raise Refused("结束日期不能早于开始日期，也不能追溯到昨天以前。")
    row.until = until
    row.save(update_fields=["until"])
    say = f"{row.duty.user}{row}，止于{until:%Y-%m-%d}"
    trail.record(Act.FIELD_ENDED, row.duty.user, by=by, at=at, say=say)
    return row


def _require_field(by: Actor, duty: Duty) -> None:
    policy.require(by, "role.grant")
    if duty.user.person_id == by.user.person_id:
        raise Forbidden("不能给自己确定分管，请由另一名管理员办理。")
    if duty.role != Role.LEADER:
        raise Refused("只有领导有分管和联系点。")
