"""The pages of self-examinations: what each shows to whom, and that nothing typed is lost."""

import uuid
from io import BytesIO

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags
from docx import Document

from campaigns.actions import examination_reviews, examinations
from campaigns.actions.excuses import excuse
from campaigns.models import Checklist, Examination, Reading, Stage, Submission
from campaigns.views import examination_lists
from campaigns.views.examination_pages import note_reading
from reform.errors import Refused
from reform.models import Notice, TrailEntry
from tests.campaigns.sheets import TEXTS, begun, sent
from tests.factories import AT, ON, OrganizationFactory, actor, person
from tests.rectification.test_closures import a_scan
from tests.worlds import unguarded

pytestmark = pytest.mark.dealt

SAID = "对群众诉求的紧迫感不强"  # of TEXTS, and of nothing else


@pytest.fixture(autouse=True)
def _on_the_day():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def draft(bureau):
    return begun(bureau.campaign, bureau.member, "懒")


@pytest.fixture
def handed(bureau):
    return sent(bureau.campaign, bureau.member, "懒")


def page(name, row, **query):
    return reverse(f"examination-{name}" if name else "examination", args=[row.pk]) + (
        "?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else ""
    )


def typed(row, **changes):
    key = row.checklist.items.get(name="懒").pk
    return {"version": row.version, "token": uuid.uuid4(), "picked": [key], **TEXTS, **changes}


def text_of(response):
    return response.content.decode()


# ---------------------------------------------------------------- a draft is its author's alone

ROUTES = (
    "",
    "write",
    "save",
    "submit",
    "withdraw",
    "delete",
    "tell",
    "review",
    "word",
    "scan",
    "sign",
)
OTHERS = (
    *("colleague", "liaison", "secretary", "office", "top_office", "inspector", "leader"),
    *("neighbour", "stranger", "system"),
)


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_but_its_author_comes_to_a_draft_by_any_road(bureau, draft, signed_in, who):
    browser = signed_in(getattr(bureau, who))
    met = {
        (name, verb): getattr(browser, verb)(page(name, draft), typed(draft)).status_code
        for name in ROUTES
        for verb in ("get", "post")
    }
    places = (
        *("/", "/examinations/", "/inbox/", "/problems/?q=紧迫感", "/jobs/", "/people/", "/trail/"),
        reverse("examination-status", args=[bureau.campaign.pk]),
        reverse("person", args=[bureau.users["member"].pk]),
        reverse("campaign", args=[bureau.campaign.pk]),
    )
    shown = "".join(text_of(browser.get(url)) for url in places)

    assert set(met.values()) <= {404, 405}
    assert SAID not in shown
    assert "起草中" not in text_of(browser.get(places[-3]))
    assert Examination.objects.get().content["texts"] == TEXTS
    assert SAID not in "".join(
        f"{entry.sentence}{entry.quote}{entry.detail}" for entry in TrailEntry.objects.all()
    )


def test_the_author_himself_finds_it_wherever_he_looks(bureau, draft, signed_in):
    browser = signed_in(bureau.member)

    assert SAID in text_of(browser.get(page("write", draft)))
    assert SAID in text_of(browser.get(page("submit", draft)))
    assert page("write", draft) in text_of(browser.get("/"))
    assert page("write", draft) in text_of(browser.get("/examinations/"))


def test_only_the_author_exports_his_sheet(bureau, handed, signed_in):
    asked = {name: signed_in(getattr(bureau, name)).get(page("word", handed)).status_code
             for name in ("secretary", "liaison", "inspector", "leader")}  # fmt: skip
    own = signed_in(bureau.member).get(page("word", handed))
    words = "\n".join(one.text for one in Document(BytesIO(own.getvalue())).paragraphs)

    assert asked == {"secretary": 403, "liaison": 404, "inspector": 404, "leader": 404}
    assert SAID in words
    assert "马超于2026-06-03 09:00导出" in words


# ---------------------------------------------------------------- writing, without any script


def test_the_page_says_who_will_read_it_before_anything_is_submitted(bureau, draft, signed_in):
    for name in ("write", "submit"):
        shown = text_of(signed_in(bureau.member).get(page(name, draft)))
        assert "谁会阅看" in shown
        assert "郑洁</strong>（第一党支部书记" in shown


def test_saved_looked_over_and_submitted_by_plain_forms(bureau, draft, signed_in):
    browser = signed_in(bureau.member)
    saved = browser.post(page("write", draft), typed(draft, cause="改\x00过的\x0b原因。", next="1"))
    draft.refresh_from_db()
    shown = browser.get(saved.url)
    sent_in = browser.post(saved.url, initial(shown))

    assert saved.url == page("submit", draft)
    assert draft.content["texts"]["cause"] == "改过的\n原因。"
    assert sent_in.url == page("", draft)
    assert "还没有人看过" in text_of(browser.get(sent_in.url))


def initial(response):
    form = response.context["form"]
    return {name: form[name].value() for name in form.fields}


def test_nothing_of_the_kind_is_one_press_and_counts(bureau, signed_in):
    browser = signed_in(bureau.colleague)
    begin = reverse("examination-begin", args=[bureau.campaign.checklists.get().pk])
    assert begin in text_of(browser.get(reverse("desk")))  # from the desk, without a list between
    opened = browser.get(browser.post(begin).url)
    data = {name: value for name, value in initial(opened).items() if value}
    answer = browser.post(opened.request["PATH_INFO"], data | {"nothing": "1"})

    row = Examination.objects.get()
    assert (row.status, answer.url) == ("submitted", page("", row))
    assert "不存在此类问题" in text_of(browser.get(answer.url))


def test_two_pages_of_one_sheet_show_both_texts_and_lose_neither(bureau, draft, signed_in):
    browser = signed_in(bureau.member)
    browser.post(page("write", draft), typed(draft, cause="先保存的一份。"))
    answer = browser.post(page("write", draft), typed(draft, cause="后保存的一份。"))

    assert answer.status_code == 409
    assert "先保存的一份。" in text_of(answer)
    assert "后保存的一份。" in text_of(answer)
    assert Examination.objects.get().content["texts"]["cause"] == "先保存的一份。"


def test_what_comes_too_late_is_refused_with_the_text_on_the_page(bureau, handed, signed_in):
    browser = signed_in(bureau.member)
    answer = browser.post(page("write", handed), typed(handed, cause="提交以后写的。"))

    assert answer.status_code == 200
    assert "已提交，不能再改" in text_of(answer)
    assert "提交以后写的。" in text_of(answer)
    assert browser.get(page("write", handed)).url == page("", handed)
    assert browser.get(page("submit", handed)).url == page("", handed)


def test_a_double_press_submits_once(bureau, draft, signed_in):
    browser = signed_in(bureau.member)
    data = initial(browser.get(page("submit", draft)))
    answers = [browser.post(page("submit", draft), data, follow=True) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert Submission.objects.count() == 1
    assert Notice.objects.count() == 1


def test_what_is_missing_stands_on_the_page_and_by_the_button(bureau, draft, signed_in):
    browser = signed_in(bureau.member)
    browser.post(page("write", draft), typed(draft, cause="", lesson=""))
    shown = browser.get(page("submit", draft))
    pressed = browser.post(page("submit", draft), initial(shown))

    assert "“原因分析体会”还没有写" in text_of(shown)
    assert "还缺2项" in text_of(shown)
    assert "您写的内容都还保留着" in text_of(pressed)
    assert not Submission.objects.exists()


@pytest.mark.parametrize("mode", ["each", "questions"])
def test_the_other_modes_are_written_by_the_same_page(bureau, signed_in, mode):
    checklist = Checklist.objects.get(campaign=bureau.campaign)
    with unguarded(["campaigns_checklist", "campaigns_question"]):
        Checklist.objects.filter(pk=checklist.pk).update(mode=mode)
        checklist.questions.create(position=1, text="遵规守纪方面我存在哪些问题", finds=True)
    checklist.refresh_from_db()
    row = examinations.begin(checklist, by=bureau.member, at=AT)
    browser = signed_in(bureau.member)
    shown = text_of(browser.get(page("write", row)))
    first = checklist.items.first().pk
    name = f"part_{first}_0" if mode == "each" else f"answer_{checklist.questions.get().pk}"
    browser.post(page("write", row), {"version": 1, name: "具体表现一段。"})

    assert f'name="{name}"' in shown
    assert Examination.objects.get().content["texts"] == {name: "具体表现一段。"}
    assert "具体表现一段。" in text_of(browser.get(page("submit", row)))


# ---------------------------------------------------------------- saved by the page itself


def test_the_page_saves_by_itself_and_is_told_what_came_of_it(bureau, draft, signed_in):
    browser = signed_in(bureau.member)
    saved = browser.post(page("save", draft), typed(draft, cause="自动保存。"))
    stale = browser.post(page("save", draft), typed(draft, cause="旧页面。"))
    strange = browser.post(page("save", draft), typed(draft, picked=["999999"]))
    long = browser.post(page("save", draft), typed(draft, cause="长" * 250_001))

    assert (saved.status_code, saved.json()["version"]) == (200, draft.version + 1)
    assert (stale.status_code, stale.json()["there"]["cause"]) == (409, "自动保存。")
    assert "999999" in strange.json()["words"]
    assert (long.status_code, "最多250000字" in long.json()["words"]) == (422, True)
    assert Examination.objects.get().content["texts"]["cause"] == "自动保存。"


def test_a_session_that_ended_keeps_nothing_and_shows_nothing(draft):
    answer = Client().post(page("save", draft), typed(draft, cause="没有登录。"))

    assert answer.status_code == 302
    assert answer.url.startswith("/login/?next=")
    assert Examination.objects.get().content["texts"] == TEXTS


# ---------------------------------------------------------------- read and reviewed


def test_a_reader_leaves_his_name_and_the_author_sees_it(bureau, handed, signed_in):
    shown = text_of(signed_in(bureau.secretary).get(page("", handed)))
    seen = text_of(signed_in(bureau.member).get(page("", handed)))

    assert SAID in shown
    assert Reading.objects.get().person == bureau.users["secretary"]
    assert "郑洁，第1版" in seen
    assert "撤回" not in seen


@pytest.mark.parametrize("by", ["a refused decision", "the handwriting"])
def test_no_other_road_to_the_text_leaves_no_name(bureau, handed, signed_in, by):
    """Whoever posts to the review, or opens the scan by its address, has read it all the same."""
    browser = signed_in(bureau.secretary)
    if by == "the handwriting":
        Examination.objects.filter(pk=handed.pk).update(
            scan=a_scan(bureau, AT), recorded_by=bureau.users["liaison"]
        )
        assert browser.get(page("scan", handed)).status_code == 200
    else:
        assert SAID in text_of(browser.post(page("review", handed), {}))

    assert Reading.objects.get().person == bureau.users["secretary"]
    with pytest.raises(Refused, match="已经阅看，不能撤回"):
        examinations.withdraw(handed, by=bureau.member, at=AT)


def test_what_is_taken_back_while_its_page_opens_is_not_there(bureau, handed):
    """The page asked which versions stand; before it noted the reader, the author took it back."""
    opening = handed.submissions.get()
    examinations.withdraw(handed, by=bureau.member, at=AT)

    with pytest.raises(Http404, match="已由本人撤回"):
        note_reading(opening, by=bureau.secretary, at=AT)
    assert not Reading.objects.exists()


def test_typed_for_somebody_elsewhere_it_is_refused_with_the_text_on_the_page(bureau, signed_in):
    checklist = bureau.campaign.checklists.get()
    scan = SimpleUploadedFile("手写.pdf", b"%PDF-1.4 scan", "application/pdf")
    elsewhere = bureau.users["neighbour"]
    data = {"author": f"{elsewhere.name} #{elsewhere.pk}", "scan": scan, "cause": "照手写录入。"}
    url = reverse("examination-record", args=[checklist.pk])
    answer = signed_in(bureau.liaison).post(url, data)

    assert answer.status_code == 403
    assert "照手写录入。" in text_of(answer)
    assert "代录自查剖析的权限" in text_of(answer)
    assert not Examination.objects.exists()


def test_before_the_author_knows_there_is_a_page_and_no_text(bureau, handed, signed_in):
    handed.readers.all().delete()
    browser = signed_in(bureau.secretary)
    before = [text_of(browser.get(page("", handed)))]
    before.append(text_of(browser.get(page("review", handed), follow=True)))
    before.append(
        text_of(browser.post(page("review", handed), {"number": 1, "decision": "accepted"}))
    )
    assert not Reading.objects.exists()
    browser.post(page("tell", handed), {})

    assert [SAID in text for text in before] == [False, False, False]
    assert SAID in text_of(browser.get(page("", handed)))
    assert Notice.objects.filter(recipient=bureau.users["member"]).count() == 1


def test_returned_and_sent_again_both_versions_stand_side_by_side(bureau, handed, signed_in):
    browser = signed_in(bureau.secretary)
    lacking = browser.post(page("review", handed), {"number": 1, "decision": "returned"})
    assert "退回时请写明需要修改什么" in text_of(lacking)
    browser.post(
        page("review", handed), {"number": 1, "decision": "returned", "comment": "写具体。"}
    )
    browser = signed_in(bureau.member)
    assert "写具体。" in text_of(browser.get(page("write", handed)))
    handed.refresh_from_db()
    saved = browser.post(page("write", handed), typed(handed, cause="新写的原因。", next="1"))
    browser.post(saved.url, initial(browser.get(saved.url)))
    for who in (bureau.member, bureau.secretary):
        shown = text_of(signed_in(who).get(page("", handed, version=2, against=1)))
        assert f"<del>{SAID}。</del>" in shown
        assert "<ins>新写的原因。</ins>" in shown


def test_the_desk_says_what_waits(bureau, handed, signed_in):
    for who, words in (
        (bureau.secretary, "等您审阅"),
        (bureau.colleague, "未开始"),
        (bureau.office, "未开始"),
    ):
        assert words in text_of(signed_in(who).get("/"))
    assert "等您审阅" not in text_of(signed_in(bureau.neighbour).get("/"))


def test_handwriting_is_typed_in_and_its_author_opens_the_scan(bureau, signed_in):
    checklist = bureau.campaign.checklists.get()
    scan = SimpleUploadedFile("手写.pdf", b"%PDF-1.4 scan", "application/pdf")
    data = {"author": "马超", "scan": scan, "cause": "照手写录入。"}
    url = reverse("examination-record", args=[checklist.pk])
    answer = signed_in(bureau.liaison).post(url, data)
    row = Examination.objects.get()

    assert answer.url == "/examinations/"
    assert signed_in(bureau.liaison).get(page("scan", row)).status_code == 404
    assert "由周敏照您的手写材料代录" in text_of(signed_in(bureau.member).get(page("write", row)))
    assert signed_in(bureau.member).get(page("scan", row)).getvalue() == b"%PDF-1.4 scan"


# ---------------------------------------------------------------- who has submitted


def test_the_state_of_each_is_shown_without_a_word_of_the_text(bureau, handed, signed_in):
    begun(bureau.campaign, bureau.colleague)
    examination_reviews.decide(
        handed, number=1, decision="accepted", comment="", by=bureau.secretary, at=AT
    )
    url = reverse("examination-status", args=[bureau.campaign.pk])
    for who in (bureau.office, bureau.leader, bureau.inspector, bureau.secretary):
        shown = strip_tags(text_of(signed_in(who).get(url)))
        assert "1人：马超" in shown
        assert "3人：" in shown  # among them the one who has but a draft
        assert "草稿算未交" in shown
        assert SAID not in shown
        assert ("第二党支部" in shown) is (who is not bureau.secretary)
    assert signed_in(bureau.member).get(url).status_code == 403


def test_who_is_excused_is_named_as_such_and_not_asked(bureau, handed, signed_in):
    """Of the stage that goes on; who has submitted all the same counts as before."""
    browser, url = (
        signed_in(bureau.office),
        reverse("examination-status", args=[bureau.campaign.pk]),
    )
    before = dict(browser.get(url).context["figures"])
    stage = Stage.objects.create(
        campaign=bureau.campaign,
        position=1,
        title="查摆剖析",
        starts_on=ON,
        ends_on=ON,
        status="open",
    )
    for name in ("member", "liaison"):
        excuse(
            stage, person=bureau.users[name], reason="seconded", words="", by=bureau.office, at=AT
        )

    answer = browser.get(url)

    assert dict(answer.context["figures"]) == before | {
        "应交": before["应交"] - 1,
        "未交": before["未交"] - 1,
        "免计": 1,
    }
    line = next(one for one in answer.context["lines"] if one.organization == bureau.branch)
    assert [name for name, _ in line.people["excused"]] == [bureau.users["liaison"].name]
    assert line.asked == sum(map(len, line.people.values())) - 1


def test_the_status_costs_the_same_for_two_places_and_for_twenty(bureau, handed, signed_in):
    browser = signed_in(bureau.top_office)
    url = reverse("examination-status", args=[bureau.campaign.pk])
    counts = []
    for more in (0, 18):
        for number in range(more):
            place = OrganizationFactory(name=f"新支部{number}", parent=bureau.center)
            sent(bureau.campaign, actor(person(f"党员{number}", place), on=ON))
        browser.get(url)
        with CaptureQueriesContext(connection) as queries:
            shown = text_of(browser.get(url))
        counts.append(len(queries))
    assert "新支部17" in shown
    assert counts[0] == counts[1]


def test_what_somebody_waits_for_stands_first_on_the_desk(bureau, handed):
    """The secretary has not begun his own, and somebody handed his in."""
    states = [one["state"] for one in examination_lists.waiting(bureau.secretary)]

    assert states == ["等您审阅", "未开始"]
