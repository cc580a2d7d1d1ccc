"""The showcase (心得展示): an author agrees to show a copy, somebody chooses it, either ends it."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import CharField, F, QuerySet, Value

from campaigns import policy
from campaigns.actions import reflections
from campaigns.models import (
    Act,
    Consent,
    ConsentEnd,
    Reflection,
    Showing,
    ShowingEnd,
    identifying,
)
from campaigns.models.identifying import Trace
from campaigns.models.reflection import LONGEST
from reform.actions import notices, trail
from reform.errors import Forbidden, Refused
from reform.models import Actor, Event, Organization, User

LONGEST_SHOWN = 184  # days that a copy stands in the showcase at most


def traces(*texts: str) -> list[Trace]:
    """Return what in a copy may tell who is meant: names of people and organizations we know, and
    what looks like a name, a post, a number."""
    text = "\n".join(texts)
    people = _named(User.objects.active(), "name", text)
    units = [*_named(Organization.objects.order_by(), "name", text)]
    units += _named(Organization.objects.exclude(short_name="").order_by(), "short_name", text)
    return identifying.of(text, people=people, units=units)


def _named(rows: QuerySet[Any], column: str, text: str) -> list[str]:
    here = rows.annotate(told=Value(text, output_field=CharField())).filter(
        told__contains=F(column)
    )
    return list(here.values_list(column, flat=True).distinct()[: identifying.SHOWN])


@transaction.atomic
def consent(
    reflection: Reflection, *, title: str, text: str, is_signed: bool, by: Actor, at: datetime
) -> Consent:
    """Agree to show this copy; one agreed to before goes, and what showed it ends with that."""
    row = reflections.own(reflection, by=by)
    if row.is_draft:
        raise Refused("先提交心得体会，再决定是否同意展示。")
    if not row.campaign.is_open:
        raise Refused(f"“{row.campaign}”{row.campaign.get_status_display()}，不再展示心得。")
    if not title or not text:
        raise Refused("展示稿要有题目和正文。")
    if len(text) > LONGEST:
        raise Refused(f"展示稿最多{LONGEST}字，请精简。")
    for earlier in row.consents.filter(end=None):
        ConsentEnd.objects.create(consent=earlier, at=at)
    made = Consent.objects.create(
        reflection=row,
        number=row.consents.count() + 1,
        title=title,
        text=text,
        is_signed=is_signed,
        at=at,
    )
    say = f"{made}，{'署名' if is_signed else '不署名'}"
    trail.record(Act.CONSENT_GIVEN, made, by=by, at=at, say=say)
    return made


@transaction.atomic
def withdraw(reflection: Reflection, *, by: Actor, at: datetime) -> None:
    """Take one's consent back, at any time, also when the campaign is over."""
    row = reflections.own(reflection, by=by)
    standing = row.consents.filter(end=None).first()
    if standing is None:
        raise Refused("目前没有同意展示，不需要撤回。")
    ConsentEnd.objects.create(consent=standing, at=at)
    trail.record(Act.CONSENT_ENDED, standing, by=by, at=at)


# ---------------------------------------------------------------- choosing


def _require_choice(row: Reflection, *, by: Actor) -> None:
    """Nobody chooses his own (SOD-01), whichever account he wrote it under (SOD-16), nor that of
    somebody in whose place he stands (SOD-14)."""
    policy.require_here(by, "sc.choose", row.organization)
    if row.author.person_id in by.persons:
        raise Forbidden("不能选用自己的心得，也不能选用委托您的人的，请活动办或另一位书记选用。")


@transaction.atomic
def choose(consent: Consent, *, since: date, until: date, by: Actor, at: datetime) -> Showing:
    """Show a copy that its author agreed to, from one day to another.

    Raises Refused when he has taken it back meanwhile, it is shown already, or the days are no
    period.
    """
    row = consent.reflection.locked()
    _require_choice(row, by=by)
    if not row.campaign.is_open:
        raise Refused(f"“{row.campaign}”{row.campaign.get_status_display()}，不再展示心得。")
    if not Consent.objects.standing().filter(pk=consent.pk).exists():
        raise Refused("本人刚刚撤回了同意或换了展示稿，请回到列表重新选用。")
    if until < since:
        raise Refused("展示结束日期不能早于开始日期。")
    if until < by.on:
        raise Refused("展示结束日期已经过了，请改成今后的日子。")
    if (until - since).days > LONGEST_SHOWN:
        raise Refused(f"一次最多展示{LONGEST_SHOWN}天，到期后可以再选用。")
    if consent.showings.filter(pk__in=Showing.objects.not_over(by.on)).exists():
        raise Refused("这篇已经选用；要改展示时间的，先撤下再选用。")
    made = Showing.objects.create(
        consent=consent, since=since, until=until, chosen_by=by.user, chosen_at=at
    )
    trail.record(Act.SHOWN, consent, by=by, at=at, say=f"{since}至{until}", until=str(until))
    notices.post(
        [row.author],
        subject=f"您同意展示的心得将于{since}至{until}展示，不愿展示时可以随时撤回同意",
        key=f"showing:{made.pk}",
        event=Event.EXAMINATION,
        at=at,
        by=by,
        url=row.get_absolute_url(),
    )
    return made


@transaction.atomic
def take_down(showing: Showing, *, by: Actor, at: datetime) -> None:
    """End a showing before its day."""
    row = showing.consent.reflection.locked()
    policy.require_here(by, "sc.choose", row.organization)
    if not Showing.objects.not_over(by.on).filter(pk=showing.pk).exists():
        raise Refused("这篇已经不在展示，请刷新页面查看最新情况。")
    ShowingEnd.objects.create(showing=showing, by=by.user, at=at)
    trail.record(Act.SHOWING_ENDED, showing.consent, by=by, at=at)
