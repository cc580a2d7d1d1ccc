"""Risk sweeps for tests: a list to sweep by, a sheet that is filled in, sent in, accepted."""

from datetime import date

from campaigns.actions import sweep_requests, sweep_reviews, sweep_submissions, sweeps
from campaigns.models import Checklist, Item, Sweep, SweepVerdict
from campaigns.models.sweep_roll import Sought
from tests.factories import AT
from tests.worlds import unguarded

LISTS = ["campaigns_checklist", "campaigns_item", "campaigns_question"]
NONE = {"found": False}
FOUND = {
    "found": True,
    "severity": "key",
    "what": "印章外借没有登记。",
    "cause": "制度没有规定谁来登记。",
    "measure": "建立外借登记簿。",
    "who": "马超",
    "due": "2026年9月底前",
}


def a_list(campaign, *names):
    """Return what the campaign's organizations sweep by: a list that its draft would have had."""
    with unguarded(LISTS):
        made = Checklist.objects.create(
            campaign=campaign, position=9, title="廉政风险隐患排查", purpose="sweep", mode="each"
        )
        for place, name in enumerate(names or ("印章管理", "公务用车"), start=1):
            Item.objects.create(campaign=campaign, checklist=made, position=90 + place, name=name)
    return Sought(campaign, checklist=made)


def keys(sought):
    return [f"i{item.pk}" for item in sought.checklist.items.all()]


def begun(sought, place, by, *, found=FOUND, name="综合科用印"):
    """Return a sheet with one object, of which the first question found something."""
    row = sweeps.begin(sought, organization=place, by=by, at=AT)
    first, *others = keys(sought) if sought.checklist else ["r"]
    lines = {first: found} | dict.fromkeys(others, NONE)
    sweeps.add_object(row, kind="business", name=name, lines=lines, by=by, at=AT)
    return Sweep.objects.get(pk=row.pk)


def sent(sought, place, by, *, typed=None, **facts):
    row = begun(sought, place, typed or by, **facts)
    sweep_submissions.submit(row, version=row.version, by=by, at=AT)
    return Sweep.objects.get(pk=row.pk)


def accepted(sought, place, by, *, reviewer, **facts):
    row = sent(sought, place, by, **facts)
    decide(row, reviewer)
    return Sweep.objects.get(pk=row.pk)


def decide(row, by, decision=SweepVerdict.Decision.ACCEPTED, comment="", number=1):
    return sweep_reviews.decide(
        row, number=number, decision=decision, comment=comment, by=by, at=AT
    )


def asked(campaign, by, *places, day=date(2026, 9, 30), question="加油卡是否专车专用"):
    return sweep_requests.ask(
        campaign,
        question=question,
        explanation="",
        due_on=day,
        organizations=places,
        by=by,
        at=AT,
    )


def furnish(world):
    """In the campaign that the office leads itself: a draft, one that waits, one that found
    something, and one that is not begun."""
    secretary, liaison, office = (world.by[name] for name in ("secretary", "liaison", "office"))
    request = asked(world.local, office, world.branch, world.sibling, question="公章是否外借")
    world.sweeping = begun(Sought(world.local, request=request), world.branch, liaison)
    world.swept_object = world.sweeping.swept.get()
    one = asked(world.local, office, world.branch, question="食堂采购是否比价")
    world.swept = sent(Sought(world.local, request=one), world.branch, secretary, typed=liaison)
    two = asked(world.local, office, world.branch, question="差旅报销是否真实")
    done = Sought(world.local, request=two)
    row = accepted(done, world.branch, secretary, typed=liaison, reviewer=office)
    world.sweep_finding = row.submissions.get().findings.get()
    world.unswept = asked(world.local, office, world.branch, question="资产出租是否公开")
