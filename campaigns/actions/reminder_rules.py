"""Setting the reminder rules of a campaign (催办规则): nt.rules in PERMISSIONS.md."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from campaigns import policy
from campaigns.models import Act, Campaign, Cause, Recipient, ReminderRule
from campaigns.models.kit import KitRule
from campaigns.models.reminder_rule import FITTING, RANK, step_words
from reform.actions import trail
from reform.errors import Refused
from reform.models import Actor

MOST = 12  # rules a cause: who is told more often than that reads none of it


def lay(campaign: Campaign, rules: Iterable[KitRule], *, at: datetime) -> None:
    """Give a new campaign the ladder of its kit."""
    ReminderRule.objects.bulk_create(
        ReminderRule(
            campaign=campaign,
            cause=rule.cause,
            workdays=rule.workdays,
            recipients=list(rule.recipients),
            proposal=rule.proposal,
            since=at,
        )
        for rule in rules
    )


def check(rules: Iterable[ReminderRule]) -> None:
    """Raise Refused, in a sentence, where the rules of a whole ladder make no sense together."""
    by_cause: dict[str, list[ReminderRule]] = {}
    for rule in rules:
        _check_days(rule.cause, rule.workdays)
        _check_people(rule.cause, rule.recipients)
        others = by_cause.setdefault(rule.cause, [])
        if any(one.workdays == rule.workdays for one in others):
            raise Refused(f"“{step_words(rule.cause, rule.workdays)}”有两条规则。")
        others.append(rule)
    for cause, found in by_cause.items():
        if len(found) > MOST:
            raise Refused(f"“{Cause(cause).label}”的规则最多{MOST}条。")
        _check_ladder(found)


@transaction.atomic
def add(
    campaign: Campaign,
    *,
    cause: str,
    workdays: int,
    recipients: Sequence[str],
    proposal: str = "",
    active: bool = True,
    by: Actor,
    at: datetime,
) -> ReminderRule:
    """Add a step. Raises Refused, in a sentence, where the ladder would make no sense."""
    campaign = _to_set(campaign, by=by)
    rule = ReminderRule(campaign=campaign, cause=cause, since=at)
    _set(rule, workdays=workdays, recipients=recipients, proposal=proposal, active=active)
    rule.save()
    trail.record(Act.RULE_ADDED, campaign, by=by, at=at, say=_said(rule), quote=rule.proposal)
    return rule


@transaction.atomic
def change(
    rule: ReminderRule,
    *,
    workdays: int,
    recipients: Sequence[str],
    proposal: str = "",
    active: bool = True,
    by: Actor,
    at: datetime,
) -> ReminderRule:
    """Change a step, or switch it off or on; its cause stays. Raises Refused as `add` does."""
    campaign = _to_set(rule.campaign, by=by)
    rule = ReminderRule.objects.get(pk=rule.pk)
    rule.campaign = campaign
    was = _said(rule)
    if rule.workdays != workdays or (active and not rule.active):
        rule.since = at
    _set(rule, workdays=workdays, recipients=recipients, proposal=proposal, active=active)
    rule.save()
    say = f"{was} 改为 {_said(rule)}"
    trail.record(Act.RULE_CHANGED, campaign, by=by, at=at, say=say, quote=rule.proposal)
    return rule


def _to_set(campaign: Campaign, *, by: Actor) -> Campaign:
    """Lock the campaign: of two who change its ladder at once, the second sees the first's."""
    campaign = campaign.locked()
    policy.require_here(by, "nt.rules", campaign.organization)
    if campaign.status == Campaign.Status.CLOSED:
        raise Refused("活动已结束，不再催办，规则不能修改。")
    return campaign


def _said(rule: ReminderRule) -> str:
    state = "" if rule.active else "（停用）"
    return f"{rule.words}提醒{rule.people_in_words}{state}"


def _set(
    rule: ReminderRule,
    *,
    workdays: int,
    recipients: Sequence[str],
    proposal: str,
    active: bool,
) -> None:
    _check_days(rule.cause, workdays)
    _check_people(rule.cause, recipients)
    others = [
        one
        for one in ReminderRule.objects.filter(campaign=rule.campaign, cause=rule.cause)
        if one.pk != rule.pk
    ]
    if any(one.workdays == workdays for one in others):
        raise Refused(f"“{step_words(rule.cause, workdays)}”已有一条规则，请修改那一条。")
    if len(others) >= MOST:
        raise Refused(f"“{Cause(rule.cause).label}”的规则最多{MOST}条，请停用或修改已有的规则。")
    rule.workdays, rule.recipients = workdays, [code for code in RANK if code in recipients]
    rule.proposal, rule.active = proposal, active
    _check_ladder([one for one in (*others, rule) if one.active])


def _check_days(cause: str, workdays: int) -> None:
    if cause not in Cause.values:
        raise Refused("没有这种催办事由，请重新选择。")
    if cause == Cause.DUE_TODAY and workdays != 0:
        raise Refused("“当日到期”在到期当日提醒，工作日数应填0。")
    if cause != Cause.DUE_TODAY and workdays < 1:
        raise Refused("工作日数应从1填起；不能是0或负数。")
    if workdays > ReminderRule.DAYS:
        raise Refused(f"工作日数最多填{ReminderRule.DAYS}。")


def _check_people(cause: str, recipients: Sequence[str]) -> None:
    if not recipients:
        raise Refused("请至少选择一类提醒对象。")
    if unknown := [code for code in recipients if code not in Recipient.values]:
        raise Refused(f"没有“{unknown[0][:20]}”这类提醒对象，请重新选择。")
    if wrong := [Recipient(code).label for code in recipients if code not in FITTING[cause]]:
        fitting = "、".join(str(Recipient(code).label) for code in FITTING[cause])
        raise Refused(f"“{Cause(cause).label}”不提醒{wrong[0]}，可选：{fitting}。")


def _check_ladder(rules: Iterable[ReminderRule]) -> None:
    """Nobody above is told earlier than those below him who are told at all: a ladder is climbed.

    A ladder that goes round in a circle is one of these, too.
    """
    first: dict[str, ReminderRule] = {}
    for rule in sorted(rules, key=ReminderRule.place):
        for code in rule.recipients:
            first.setdefault(code, rule)
    for above, early in first.items():
        for below, late in first.items():
            if RANK[above] > RANK[below] and early.place() < late.place():
                raise Refused(
                    f"次序颠倒：{early.words}就提醒{Recipient(above).label}，"
                    f"而{late.words}才提醒{Recipient(below).label}。请先提醒本级，再提醒上级。"
                )
