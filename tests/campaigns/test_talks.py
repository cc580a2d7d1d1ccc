"""Admonition talks (提醒谈话): between two people, and read by these two."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.actions import talks
from campaigns.models import AdmonitionTalk
from reform.errors import Forbidden, Refused, Stale
from reform.models import Notice, TrailEntry
from tests.campaigns.portrait_rows import begun, of
from tests.factories import AT, ON

REASON, CONTENT = "例会多次不到", "答应六月起按时到会"


def called(bureau, *, day=ON, reason=REASON, by=None):
    session = bureau.campaign.portrait_sessions.first()
    session = session or begun(bureau.campaign, bureau.branch, bureau.secretary)
    row = of(session, bureau.users["member"])
    return talks.call(row, day=day, reason=reason, by=by or bureau.secretary, at=AT)


def written(talk, by, **facts):
    facts = {"held_on": ON, "content": CONTENT, "version": talk.version} | facts
    return talks.write(talk, **facts, by=by, at=AT)


def test_the_two_read_it_and_nobody_else(bureau):
    talk = called(bureau)
    written(talk, bureau.secretary)
    readers = {
        who
        for who in bureau.users
        if AdmonitionTalk.objects.visible_to(getattr(bureau, who)).exists()
    }
    assert readers == {"member", "secretary"}
    entries = TrailEntry.objects.of(talk)
    assert [one.act for one in entries] == ["talk.called", "talk.written"]
    told = "".join(f"{one.sentence}{one.quote}{one.subject}{one.detail}" for one in entries)
    told += "".join(
        Notice.objects.filter(key__startswith="talk:").values_list("subject", flat=True)
    )
    assert [word for word in (REASON, CONTENT, "马超") if word in told] == []


def test_only_who_merges_calls_and_only_who_leads_writes(bureau):
    for who in ("colleague", "leader", "inspector", "member"):
        with pytest.raises(Forbidden):
            called(bureau, by=getattr(bureau, who))
    talk = called(bureau)
    with pytest.raises(Forbidden):
        written(talk, bureau.member)
    with pytest.raises(Refused, match="已经约了"):
        called(bureau)
    with pytest.raises(Refused, match="前后60天"):
        called(bureau, day=ON + timedelta(days=61))
    with pytest.raises(Refused, match="不能晚于今天"):
        written(talk, bureau.secretary, held_on=ON + timedelta(days=1))
    written(talk, bureau.secretary)
    with pytest.raises(Stale) as stale:
        written(talk, bureau.secretary, content="另一份")
    assert stale.value.now["content"] == CONTENT


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_says_neither_why_nor_what_and_costs_the_same(bureau, signed_in, many):
    for place in range(many):
        written(called(bureau, day=ON - timedelta(days=place)), bureau.secretary)
    with time_machine.travel(AT, tick=False):
        client = signed_in(bureau.users["member"])
        client.get(reverse("talks"))
        with CaptureQueriesContext(connection) as asked:
            page = client.get(reverse("talks")).content.decode()
        cost = len(asked)
        shown = client.get(AdmonitionTalk.objects.first().get_absolute_url()).content.decode()
    assert [word for word in (REASON, CONTENT) if word in page] == []
    assert [word for word in (REASON, CONTENT) if word in shown] == [REASON, CONTENT]
    assert cost == 6
