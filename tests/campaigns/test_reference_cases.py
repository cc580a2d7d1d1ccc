"""Reference cases: without persons, published by somebody else, versions kept, carried on."""

from datetime import date
from io import BytesIO

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from docx import Document

from campaigns import policy
from campaigns.actions import drafts, reference_cases
from campaigns.imports import kits
from campaigns.models import Campaign, CaseVersion, ReferenceCase
from campaigns.models.deidentified import numbers_in
from campaigns.models.reference_case import MOST, PREPARE
from reform.errors import Forbidden, Refused, Stale
from reform.models import Role, TrailEntry
from tests.factories import AT, ON, actor, person
from tests.rectification.cases import facts, shown, typed, written


@pytest.fixture(autouse=True)
def travel():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def chief(bureau):
    return actor(person("宋岩", bureau.top, Role.LEADER, principal=True))


@pytest.fixture
def case(bureau, chief):
    return shown(bureau.campaign, writer=bureau.top_office, publisher=chief)


def seen_by(*who):
    return [ReferenceCase.objects.visible_to(one).count() for one in who]


def amended(case, by, **changes):
    version = changes.pop("version", None) or ReferenceCase.objects.get(pk=case.pk).version
    return reference_cases.amend(case, version=version, facts=changes, by=by, at=AT)


# ---------------------------------------------------------------- who


def test_only_the_leading_office_writes_and_nobody_reads_it_before_it_is_published(bureau, chief):
    for who in ("member", "liaison", "secretary", "office", "inspector", "leader", "stranger"):
        with pytest.raises(Forbidden):
            written(bureau.campaign, by=getattr(bureau, who))

    case = written(bureau.campaign, by=bureau.top_office)

    readers = (bureau.member, bureau.secretary, bureau.office, bureau.leader, bureau.stranger)
    assert seen_by(*readers) == [0, 0, 0, 0, 0]
    assert seen_by(bureau.top_office, chief) == [1, 1]
    reference_cases.publish(case, version=1, by=chief, at=AT)
    assert seen_by(*readers, bureau.system) == [1, 1, 1, 1, 1, 0]
    assert [entry.act for entry in TrailEntry.objects.of(case)] == [
        "reference_case.written",
        "reference_case.published",
    ]


@pytest.mark.no_database
def test_who_sees_what_is_not_published_is_who_does_something_to_it():
    rows = [scopes for act, (_, scopes) in policy.TABLE.items() if act.startswith("cs.")]
    assert {role: code for scopes in rows for role, code in scopes.items()} == PREPARE


def test_nobody_publishes_what_he_wrote_nor_what_he_changed_since(bureau, chief):
    case = written(bureau.campaign, by=bureau.top_office)
    with pytest.raises(Forbidden, match="请由其他人发布"):
        reference_cases.publish(case, version=1, by=bureau.top_office, at=AT)
    second = actor(person("文印员", bureau.top, Role.OFFICE))
    case = amended(case, second, lessons="引以为戒")
    for author in (bureau.top_office, second):
        with pytest.raises(Forbidden, match="请由其他人发布"):
            reference_cases.publish(case, version=2, by=author, at=AT)
    case = reference_cases.publish(case, version=2, by=chief, at=AT)

    # Of what comes later only its author is kept out.
    case = amended(case, second, lessons="举一反三")
    case = reference_cases.publish(case, version=3, by=bureau.top_office, at=AT)
    assert (case.lessons, case.published_version) == ("举一反三", 3)


def test_the_discipline_side_above_sums_up_and_touches_nothing_else(bureau, chief):
    local = drafts.start(
        kits.shipped()[0], title="中心专项", code="C", organization=bureau.center,
        starts_on=ON, participants=[bureau.center], by=bureau.office, at=AT,
    )  # fmt: skip
    case = written(local, by=bureau.office)
    above = actor(person("秦岭", bureau.top, Role.INSPECTOR))

    case = amended(case, above, loopholes="派车单事后补签", common="三本账对不上")
    with pytest.raises(Forbidden, match="不能修改案情摘要"):
        amended(case, above, summary="改写")
    with pytest.raises(Forbidden):  # V: never one's own unit
        amended(case, bureau.inspector, loopholes="另写")
    with pytest.raises(Refused, match="活动不在进行中"):
        reference_cases.publish(case, version=2, by=chief, at=AT)

    case.refresh_from_db()
    assert (case.loopholes, case.version) == ("派车单事后补签", 2)
    drafts.drop(local, by=bureau.office, at=AT)  # its cases go with it
    assert not CaseVersion.objects.exists()


# ---------------------------------------------------------------- no persons


NUMBERS = {
    "11010519491231002X": "身份证号",
    "１１０１０５１９４９１２３１００２４": "身份证号",
    "110105491231002": "身份证号",
    "110105 19491231 0024": "身份证号",
    "13800138000": "手机号",
    "138-0013-8000": "手机号",
    "010-62345678": "电话号码",
    "（0371）65901234": "电话号码",
}
HARMLESS = "市纪通〔2026〕6号，涉案金额128000元，2026年3月至2026年11月，共110次，编号20260612。"


@pytest.mark.no_database
@pytest.mark.parametrize(("text", "kind"), NUMBERS.items())
def test_a_number_of_a_person_is_found_with_its_place(text, kind):
    (found,) = numbers_in({"案情摘要": f"其电话或证件{text}。"})

    assert (found.kind, found.field, found.place) == (kind, "案情摘要", 7)
    assert text not in str(found)


@pytest.mark.no_database
def test_sums_days_and_document_numbers_are_no_persons():
    assert numbers_in({"案情摘要": HARMLESS}) == []


def test_numbers_are_refused_and_names_are_asked_about(bureau, chief):
    def write(**more):
        return written(bureau.campaign, by=bureau.top_office, **more)

    with pytest.raises(Refused, match=r"“教训警示”第3字起的“138…”像是手机号"):
        write(lessons="电话13800138000", deidentified=True)
    with pytest.raises(Refused, match=r"“暴露的漏洞”中的“马超”与在册人员同名.*已去标识"):
        write(loopholes="马超一人经办")
    assert not ReferenceCase.objects.exists()

    person("没有账号", bureau.branch, username=None)
    write(loopholes="没有账号的人不问", name="甲案")
    case = write(loopholes="万马超前", deidentified=True, name="乙案")
    assert case.versions.get().deidentified
    # A change is asked again; what nobody looked at is not published.
    with pytest.raises(Refused, match="马超"):
        amended(case, bureau.top_office, lessons="引以为戒")
    other = write(name="丙案")
    person("退件", bureau.branch)  # who came later bears a word of the text
    with pytest.raises(Refused, match="退件"):
        reference_cases.publish(other, version=1, by=chief, at=AT)


@pytest.mark.parametrize(
    ("typed_", "said"),
    [
        ({"summary": ""}, "请填写案例简称和案情摘要"),
        ({"document_on": date(2026, 6, 4)}, "通报日期不能晚于今天"),
        ({"document": ""}, "请填写通报文件的标题"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(bureau, typed_, said):
    with pytest.raises(Refused, match=said):
        written(bureau.campaign, by=bureau.top_office, **typed_)


def test_a_name_twice_and_too_many_are_refused(bureau):
    case = written(bureau.campaign, by=bureau.top_office)
    with pytest.raises(Refused, match="已有名为"):
        written(bureau.campaign, by=bureau.top_office)
    ReferenceCase.objects.bulk_create(
        ReferenceCase(
            campaign=bureau.campaign, position=n, name=f"第{n}案", level="city", summary="略"
        )
        for n in range(2, MOST + 1)
    )
    with pytest.raises(Refused, match=f"最多{MOST}个"):
        written(bureau.campaign, by=bureau.top_office, name="又一案")
    assert case.position == 1


# ---------------------------------------------------------------- versions


def test_readers_read_what_was_published_until_the_change_is(bureau, case, chief, signed_in):
    amended(case, bureau.top_office, name="某窗口岗位违纪案", lessons="引以为戒")
    case.refresh_from_db()
    url = case.get_absolute_url()

    page = signed_in(bureau.member).get(url).content.decode()
    assert "某窗口岗位收礼案" in page
    assert "引以为戒" not in page
    page = signed_in(chief).get(url).content.decode()
    assert "待发布的修改" in page
    assert "引以为戒" in page
    publish = reverse("reference-case-publish", args=[case.pk])
    browser = signed_in(chief)
    assert "已返回" not in browser.post(publish, {"version": 1}).content.decode()
    assert "核对新的内容后再发布" in browser.post(publish, {"version": 1}).content.decode()
    assert browser.post(publish, {"version": 2}).status_code == 302
    page = signed_in(bureau.member).get(url).content.decode()
    assert "某窗口岗位违纪案" in page
    assert "历次版本" not in page
    assert [one.number for one in case.versions.all()] == [2, 1]
    assert case.versions.last().facts()["name"] == "某窗口岗位收礼案"


def test_a_stale_change_meets_both_texts(bureau, case, signed_in):
    amended(case, bureau.top_office, lessons="先写的教训")
    with pytest.raises(Stale):
        amended(case, bureau.top_office, version=1, lessons="后写的教训")
    with pytest.raises(Refused, match="没有任何改动"):
        amended(case, bureau.top_office, lessons="先写的教训")

    data = typed(case, lessons="后写的教训") | {"version": 1}
    page = signed_in(bureau.top_office).post(reverse("reference-case-edit", args=[case.pk]), data)
    assert page.status_code == 409
    assert "先写的教训" in page.content.decode()
    assert "后写的教训" in page.content.decode()


def test_what_was_published_stays_in_the_database(bureau, case):
    version = case.versions.get()
    for change in (
        lambda: CaseVersion.objects.filter(pk=version.pk).update(number=9),
        version.delete,
        lambda: ReferenceCase.objects.filter(pk=case.pk).update(published_by=None),
        lambda: ReferenceCase.objects.filter(pk=case.pk).update(status="withdrawn"),
        lambda: ReferenceCase.objects.filter(pk=case.pk).update(published_version=2),
        lambda: ReferenceCase.objects.filter(pk=case.pk).update(summary=""),
    ):
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            change()


def test_a_case_is_taken_down_with_a_reason_and_stays_with_those_who_prepare(bureau, case, chief):
    with pytest.raises(Refused, match="原因"):
        reference_cases.withdraw(case, reason="", by=chief, at=AT)
    with pytest.raises(Forbidden):
        reference_cases.withdraw(case, reason="误发", by=bureau.office, at=AT)
    case = reference_cases.withdraw(case, reason="通报已更正", by=bureau.top_office, at=AT)

    assert seen_by(bureau.member, bureau.top_office) == [0, 1]
    for act in (
        lambda: amended(case, bureau.top_office, lessons="再写"),
        lambda: reference_cases.publish(case, version=1, by=chief, at=AT),
        lambda: reference_cases.withdraw(case, reason="再撤", by=chief, at=AT),
    ):
        with pytest.raises(Refused):
            act()


# ---------------------------------------------------------------- pages, papers, carrying on


def test_the_form_is_sent_twice_and_one_case_is_there(bureau, signed_in):
    browser, url = (
        signed_in(bureau.top_office),
        reverse("reference-case-new", args=[bureau.campaign.pk]),
    )
    assert "案件线索一律不得填入" in browser.get(url).content.decode()
    token = {"token": "00000000-0000-4000-8000-000000000001"}
    for _ in range(2):
        assert browser.post(url, typed() | token).status_code == 302

    assert ReferenceCase.objects.count() == 1
    page = browser.post(url, typed(name="又一案", lessons="电话13800138000")).content.decode()
    assert "像是手机号" in page
    assert "电话13800138000" in page  # nothing typed is lost


def test_the_sheet_as_word_says_what_readers_read(bureau, case, signed_in):
    amended(case, bureau.top_office, lessons="还没有发布的教训")

    answer = signed_in(bureau.member).get(reverse("reference-case-word", args=[case.pk]))

    text = "\n".join(p.text for p in Document(BytesIO(b"".join(answer))).paragraphs)
    assert "一案一总结" in text
    assert "一、案情摘要" in text
    assert "三、共性问题" in text
    assert "还没有发布的教训" not in text
    assert TrailEntry.objects.filter(act="reference_case.exported").count() == 1


def test_another_campaign_begins_from_a_case_and_has_it(bureau, case, signed_in):
    browser, url = signed_in(bureau.office), reverse("campaign-new")
    assert (
        f"?kit=ji-lv-zuo-feng&amp;case={case.pk}"
        in browser.get(f"{url}?case={case.pk}").content.decode()
    )
    data = {
        "kit": "yi-an-cu-gai",
        "case": case.pk,
        "organization": f"服务中心党委 #{bureau.center.pk}",
        "title": "中心以案促改",
        "code": "ZX",
        "starts_on": "2026-07-01",
    }

    assert browser.post(url, data).status_code == 302

    begun = Campaign.objects.get(code="ZX")
    (copy,) = begun.reference_cases.all()
    assert (copy.name, copy.status, copy.copied_from) == (case.name, "draft", case)
    assert not copy.versions.get().deidentified
    assert seen_by(bureau.office, bureau.member) == [2, 1]
    # Who does not see a case begins nothing from it.
    hidden = written(bureau.campaign, by=bureau.top_office, name="未发布的案例")
    assert browser.get(f"{url}?case={hidden.pk}").status_code == 404
    with pytest.raises(Forbidden):
        reference_cases.begin_campaign(
            hidden, kits.shipped()[0], code="ZY", title="又一项", organization=bureau.center,
            starts_on=ON, participants=[], by=bureau.office, at=AT,
        )  # fmt: skip
    assert not Campaign.objects.filter(code="ZY").exists()


def test_facts_of_a_case_are_all_its_columns():
    assert {*facts()} == {*reference_cases.COLUMNS}
