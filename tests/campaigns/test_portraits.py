"""Portraits (画像比对): four sources, merged by the secretary; who spoke is told to nobody."""

from campaigns.actions import opinions, portrait_filings, portrait_items, portraits
from campaigns.models import Opinion
from tests.factories import AT, ON


def begun(bureau):
    return portraits.begin(
        bureau.campaign, organization=bureau.branch, on=ON, by=bureau.secretary, at=AT
    )


def of(session, bureau, who):
    return session.portraits.get(person=bureau.users[who])


def test_road(bureau, signed_in):
    session = begun(bureau)
    row = of(session, bureau, "member")
    opinions.give(row, text="开会常常迟到。", by=bureau.colleague, at=AT)
    portraits.close(session, by=bureau.secretary, at=AT)
    row.refresh_from_db()
    keys = [one.pk for one in Opinion.objects.all()]
    portrait_items.merge(row, opinions=keys, text="到会不够准时。", by=bureau.secretary, at=AT)
    row.refresh_from_db()
    portraits.show(row, version=row.version, by=bureau.secretary, at=AT)
    row.refresh_from_db()
    portraits.read(row, own_words="改", version=row.version, by=bureau.member, at=AT)
    portrait_filings.file(
        session,
        chosen=[row.pk],
        on=ON,
        receiver_name="高远",
        receiver_post="纪检组",
        by=bureau.secretary,
        at=AT,
    )
    assert Opinion.objects.get().speaker is None
