"""The demo's pledges and reflection (承诺、心得): two pledges about problems, one copy shown."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from campaigns.actions import pledges, reflections, reviewers, showcases
from campaigns.models import Audience, Pledge
from rectification.actions import pledge_links
from rectification.models import Problem

PLACE = "ZB1"
TEAM = (
    ("支部领办的问题逐件核对，没有办结的每周调度一次", "两个月内"),
    ("支部委员每人联系两家服务对象，每月上门听一次意见", "长期坚持"),
)
OWN = (
    ("本人负责的问题按时整改到位，不延期", "一个月内"),
    ("企业咨询当天登记、两个工作日内答复", "长期坚持"),
)
SAID = "已经建立咨询登记本，本月登记的31件都在两个工作日内答复，答复情况请综合科抽查过。"
TITLE = "把“转出去”变成“办到底”"
TEXT = "\n\n".join(
    (
        "看完警示教育片，我想起今年4月的一件事。一家企业来电问设施移交手续，我转给了业务科室，"
        "觉得自己的事情就做完了。两周以后企业又打来电话，说一直没有人联系他们。",
        "我那时的第一个念头是“我已经转过去了”。现在回头看，这正是慢和虚：手续上没有差错，"
        "事情却没有办成。对企业来说，找的不是我这个岗位，找的是这个单位。",
        "以后经我手转出去的事，我要做到三条：转的时候说清楚什么时候要有回音；到了那一天主动问一次；"
        "办完了再给来人回一个电话。事情不大，贵在每一件都这样做。",
    )
)
SHOWN = TEXT.replace("今年4月的一件事", "一件事")


def tell(stage: Any) -> None:
    """Tell who promised what, and who wrote what he had learnt."""
    team = _sign(stage, "方圆", TEAM, team=stage.places[PLACE])
    own = _sign(stage, "韩松", OWN, team=None)
    rows = Problem.objects.filter(campaign=stage.campaign, organization=stage.places[PLACE])
    rows = rows.exclude(owner_kind=Problem.OwnerKind.PERSONAL)
    closed = rows.filter(status=Problem.Status.CLOSED).order_by("pk").first()
    under_way = rows.filter(status=Problem.Status.RECTIFYING).order_by("pk")
    about = [row for row in (closed, under_way.first()) if row]
    for pledge, name in ((team, "方圆"), (own, "韩松")):
        item = pledge.items.get(position=1)
        when = {"by": stage.actor(name, 12), "at": stage.moment(12, 30)}
        pledge_links.link(item, problems=about[: pledge.items.count()], **when)
    pledge_links.fulfil(
        own.items.get(position=2),
        text=SAID,
        done_on=stage.day(5),
        by=stage.actor("韩松", 4),
        at=stage.moment(4, 50),
    )
    _reflect(stage)


def _sign(stage: Any, name: str, promises: Sequence[tuple[str, str]], *, team: Any) -> Pledge:
    return pledges.sign(
        stage.campaign,
        team=team,
        is_public=True,
        promises=[{"text": text, "due_text": due} for text, due in promises],
        by=stage.actor(name, 20),
        at=stage.moment(20, 15),
    )


def _reflect(stage: Any) -> None:
    """何静 writes, her secretary reads it, and she lets a copy be shown without her name."""
    by, at = stage.actor("何静", 15), stage.moment(15, 60)
    row = reflections.begin(stage.campaign, by=by, at=at)
    row = reflections.save(row, title=TITLE, text=TEXT, version=row.version, by=by, at=at)
    seats = reviewers.of(row.author, row.organization, on=by.on)
    row = reflections.submit(
        row,
        version=row.version,
        audience=Audience.BRANCH,
        promise=reviewers.key_of(seats),
        by=by,
        at=at,
    )
    agreed = showcases.consent(row, title=TITLE, text=SHOWN, is_signed=False, by=by, at=at)
    office = {"by": stage.actor("许晴", 10), "at": stage.moment(10, 20)}
    until = stage.today + timedelta(days=30)
    showcases.choose(agreed, since=stage.day(10), until=until, **office)
