"""Portraits for the tables of pages: a session that asks for opinions, and one that is merged."""

from datetime import timedelta

from campaigns.actions import opinions, portrait_filings, portrait_items, portraits, talks
from campaigns.models import Opinion, Portrait, PortraitSession
from tests.factories import AT, ON, actor


def begun(campaign, branch, secretary, on=ON, at=AT):
    return portraits.begin(campaign, organization=branch, on=on, by=secretary, at=at)


def of(session, user):
    return session.portraits.get(person=user)


def said(row, by, text="例会迟到。", at=AT):
    return opinions.give(row, text=text, by=by, at=at)


def merged(row, by, text="到会不够准时。", at=AT):
    """Merge whatever waits into one sentence."""
    keys = [one.pk for one in row.opinions.waiting()]
    return portrait_items.merge(row, opinions=keys, text=text, by=by, at=at)


def shown(row, by, at=AT):
    row = Portrait.objects.get(pk=row.pk)
    return portraits.show(row, version=row.version, by=by, at=at)


def read(row, by, words="接受。", at=AT):
    row = Portrait.objects.get(pk=row.pk)
    mark = portrait_items.mark_of(row)
    return portraits.read(row, own_words=words, mark=mark, by=by, at=at)


def filed(session, *rows, by, on=ON, at=AT):
    return portrait_filings.file(
        session,
        chosen=[row.pk for row in rows],
        on=on,
        receiver_name="高远",
        receiver_post="机关纪委副书记",
        by=by,
        at=at,
    )


def asked_back(row, by, question="是哪几次？", at=AT):
    key = row.opinions.waiting().values_list("pk", flat=True)[:1]
    opinions.ask(row, opinions=list(key), question=question, by=by, at=at)


def furnish(world, *, by, users, branch, writer, nameless, on=ON, at=AT):
    """In a branch: everybody who writes something, and each state that a page asks for."""
    secretary = by["secretary"]
    when = {"at": at}
    session = begun(world.campaign, branch, secretary, on=on - timedelta(days=1), **when)
    world.to_merge = of(session, users["colleague"])
    world.to_show = of(session, users["liaison"])
    world.given = of(session, users["member"])
    world.told_one = of(session, nameless)
    done = of(session, writer)
    for row, who in (
        (world.to_merge, "member"),
        (world.to_show, "member"),
        (world.given, "colleague"),
        (world.told_one, "member"),
        (done, "member"),
    ):
        said(row, by[who], **when)
        merged(row, secretary, **when)
    world.sentence = world.to_merge.items.get()
    said(world.to_merge, by["liaison"], "材料报得晚。", **when)
    portraits.close(session, by=secretary, at=at)
    world.gathered = PortraitSession.objects.get(pk=session.pk)
    for row in (world.given, world.told_one, done):
        shown(row, secretary, **when)
    world.said_of_him = world.given.items.get()
    read(done, actor(writer, on=on), **when)
    world.asked = begun(world.campaign, branch, secretary, on=on, **when)
    world.about = of(world.asked, writer)
    said(world.about, by["colleague"], **when)
    asked_back(world.about, secretary, **when)
    for who in ("member", "liaison", "secretary"):
        said(world.about, by[who], f"{users[who]}看到登记簿有空白。", **when)
    given = Portrait.objects.get(pk=world.given.pk)
    world.talk = talks.call(given, day=on, reason="例会准时", by=secretary, at=at)


def own_key(session, user):
    """The key of an opinion that the user may still do something with, in words of a form."""
    rows = Opinion.objects.filter(portrait__session=session, speaker=user)
    return str(rows.waiting().values_list("pk", flat=True).first() or "")
