"""What is said beside a sheet: to the author before he submits, to the reviewer after."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.actions import advice, examinations
from campaigns.models import Examination, KeptText, answers
from tests.campaigns import sheets
from tests.factories import AT, ON

TOLD = (
    "今年4月下旬，东街道路坑槽报修后第九天才派人到场，期间两次电话催办都只答复“正在安排”，"
    "一名老人骑车摔伤，社区书记三次上门才把情况说清楚。"
)
GENERAL = "学习不够深入，担当精神不足。"


@pytest.fixture
def checklist(bureau):
    return bureau.campaign.checklists.get()


def sheet_of(row):
    return answers.frozen(row.checklist, row.content)


def sent(row, by):
    promise = sheets.promise(row, ON)
    examinations.submit(row, version=row.version, promise=promise, by=by, at=AT)
    return Examination.objects.get(pk=row.pk)


def written(bureau, who, **texts):
    return sheets.begun(bureau.campaign, getattr(bureau, who), "慢", at=AT, **texts)


def page(client, user, name, row):
    client.force_login(user)
    return client.get(reverse(name, args=[row.pk])).content.decode()


def test_who_copies_is_told_before_and_the_reviewer_after(bureau, checklist):
    first = sent(written(bureau, "colleague", case_what=TOLD), bureau.colleague)
    copy = written(bureau, "member", case_what=f"我也一样。{TOLD}")

    told = advice.to_author(copy, sheet_of(copy), on=ON)
    assert [TOLD[:-1] in one.passages[0][0] for one in told.alike] == [True]
    assert "林芳" not in str(told), "a colleague is not named to the author"

    before = page(Client(), bureau.users["member"], "examination-submit", copy)
    assert "与本次活动中另一份已提交的材料相同" in before
    assert "林芳" not in before

    copy = sent(copy, bureau.member)
    secretary = bureau.users["secretary"]
    assert "林芳提交的材料" in page(Client(), secretary, "examination-review", copy)
    assert KeptText.objects.filter(source=first.pk).exists()


def test_a_draft_is_compared_with_and_never_kept(bureau, checklist):
    row = written(bureau, "colleague", case_what=TOLD)
    advice.to_author(row, sheet_of(row), on=ON)
    assert not KeptText.objects.exists()

    row = sent(row, bureau.colleague)
    examinations.withdraw(row, by=bureau.colleague, at=AT)
    assert not KeptText.objects.exists()
    copy = written(bureau, "member", case_what=TOLD)
    assert advice.to_author(copy, sheet_of(copy), on=ON).alike == []


def test_who_is_too_general_is_told_and_may_submit_all_the_same(bureau, checklist):
    row = written(bureau, "member", case_what=GENERAL)  # the day and the result are there
    told = advice.to_author(row, sheet_of(row), on=ON)
    assert "偏笼统" in [said.hint.code.label for said in told.hints]

    row = written(bureau, "colleague", case_what=GENERAL)
    assert sent(row, bureau.colleague).status == "submitted"
