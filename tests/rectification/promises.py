"""Pledges and reflections for tests: what somebody signs and writes, and rows for the tables of
pages."""

from campaigns.actions import reflections, reviewers, showcases
from campaigns.models import Audience
from rectification.actions import pledge_links
from tests.factories import AT, ON

TWO = (
    {"text": "逐件回访3月以来的投诉", "due_text": "2026年6月底前"},
    {"text": "每周五核对转办跟踪表", "due_text": "长期坚持"},
)
TITLE = "转出去不等于办完了"
TEXT = "4月下旬一家企业打来电话，我转给科室以后没有再问，两周后企业又打来一次。"
COPY = "有一次我把来电转给科室以后没有再问，两周后又有人打来。"


def key_of(author, place, on=ON):
    """What a page keeps of who reads it."""
    return reviewers.key_of(reviewers.of(author, place, on=on))


def signed(campaign, by, *, team=None, is_public=True, promises=TWO, at=AT):
    promise = "" if team or is_public else key_of(by.user, by.home, by.on)
    return pledge_links.sign(
        campaign,
        team=team,
        is_public=is_public,
        promises=promises,
        promise=promise,
        by=by,
        at=at,
    )


def begun(campaign, by, *, title=TITLE, text=TEXT, at=AT):
    """Return a draft of the actor's, whole enough to be submitted."""
    row = reflections.begin(campaign, by=by, at=at)
    return reflections.save(row, title=title, text=text, version=row.version, by=by, at=at)


def handed(campaign, by, *, audience=Audience.SECRETARY, at=AT, **texts):
    """Return a reflection that the actor has submitted."""
    row = begun(campaign, by, at=at, **texts)
    promise = key_of(row.author, row.organization, by.on)
    facts = {"version": row.version, "audience": audience, "promise": promise}
    return reflections.submit(row, **facts, by=by, at=at)


def agreed(row, by, *, text=COPY, is_signed=False, at=AT):
    return showcases.consent(row, title=TITLE, text=text, is_signed=is_signed, by=by, at=at)


def furnish(world):
    """A member's pledge and his unit's, a draft and two that were submitted, of which one waits to
    be chosen and one is on show."""
    campaign, by = world.campaign, world.by
    world.pledge = signed(campaign, by["member"])
    world.promise = world.pledge.items.get(position=1)
    world.team_pledge = signed(campaign, by["secretary"], team=world.branch, is_public=False)
    world.reflecting = begun(campaign, by["member"])
    world.reflection = handed(campaign, by["liaison"])
    world.copy = agreed(world.reflection, by["liaison"])
    shown = agreed(handed(campaign, by["colleague"]), by["colleague"])
    world.showing = showcases.choose(shown, since=ON, until=ON, by=by["office"], at=AT)
