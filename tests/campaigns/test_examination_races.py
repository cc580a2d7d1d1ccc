"""Self-examinations by two at once: one row, one effect, nothing lost."""

import pytest

from campaigns.actions import examination_reviews, examinations
from campaigns.models import Examination, Finding, Reading, Submission, Verdict, Withdrawal
from tests.campaigns.sheets import begun, promise, sent, written
from tests.factories import AT
from tests.rectification.test_races import at_once, refused

pytestmark = pytest.mark.django_db(transaction=True)


def test_begun_twice_at_once_it_is_one(bureau):
    checklist = bureau.campaign.checklists.get()
    found = at_once(*[lambda: examinations.begin(checklist, by=bureau.member, at=AT)] * 2)

    assert refused(found) == []
    assert {row.pk for row in found} == {Examination.objects.get().pk}


def test_submitted_twice_at_once_it_goes_once(bureau):
    row = begun(bureau.campaign, bureau.member)
    key = promise(row)
    found = at_once(
        *[
            lambda: examinations.submit(
                row, version=row.version, promise=key, by=bureau.member, at=AT
            )
        ]
        * 2
    )

    assert len(refused(found)) == 1
    assert Submission.objects.count() == 1


def test_two_pages_that_save_at_once_keep_one_text_and_hand_back_the_other(bureau):
    row = begun(bureau.campaign, bureau.member)
    texts = ("甲页面写的。", "乙页面写的。")

    def saved(text):
        content = written(row.checklist, "懒", cause=text)
        return lambda: examinations.save(
            row, content=content, version=row.version, by=bureau.member, at=AT
        )

    (stale,) = refused(at_once(*map(saved, texts)))
    assert stale.now["texts"]["cause"] in texts
    assert Examination.objects.get().content == stale.now


def test_taken_back_and_read_at_once_is_one_of_the_two(bureau):
    row = sent(bureau.campaign, bureau.member)
    last = row.submissions.get()
    found = at_once(
        lambda: examinations.withdraw(row, by=bureau.member, at=AT),
        lambda: examination_reviews.read(last, by=bureau.secretary, at=AT),
    )

    assert len(refused(found)) == 1
    assert (Withdrawal.objects.count(), Reading.objects.count()) in ((1, 0), (0, 1))


def test_accepted_and_returned_at_once_is_one_of_the_two(bureau):
    row = sent(bureau.campaign, bureau.member)

    def decided(decision):
        return lambda: examination_reviews.decide(
            row, number=1, decision=decision, comment="意见。", by=bureau.secretary, at=AT
        )

    found = at_once(*map(decided, Verdict.Decision))
    assert len(refused(found)) == 1
    assert Finding.objects.count() == (Examination.objects.get().status == "accepted")
