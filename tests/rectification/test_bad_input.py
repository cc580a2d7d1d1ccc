"""What people and programs send that they should not, through the pages and through the acts.

Never an error page, nothing half kept, and each fault a Chinese sentence on the page, with what was
typed still in the form. The world is that of the access table; every test undoes what it did.
"""

import re
import uuid
from datetime import date
from html import unescape
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from openpyxl import Workbook

from campaigns.models import Source
from rectification.actions import bulk, evidences, problems
from rectification.models import Evidence, Problem, ProgressEntry, Upload
from reform.errors import Refused, Stale
from reform.models import Suggestion
from tests.factories import AT, CampaignFactory
from tests.rectification.test_import import GOOD, HEADINGS, workbook
from tests.test_access import VERDICT, Pen, a_world, address, browser, everything, problem_data

pytestmark = pytest.mark.dealt

LONG = "长" * 200_000
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z]+ [A-Za-z]+ [A-Za-z]+|\b(?:Token|Version|Page)：")


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    with a_world(django_db_blocker, tmp_path_factory) as world:
        other = CampaignFactory(organization=world.sibling, code="OTHER", title="另一活动")
        world.other_source = Source.objects.filter(campaign=other).first()
        world.other_item = other.items.first()
        world.rows = everything()
        yield world


@pytest.fixture
def pages(world):
    """Everybody's pages, by what stands in the access table."""
    return Pages(world)


class Pages:
    def __init__(self, world):
        self.world = world

    def get(self, path, who="secretary", **query):
        return browser(self.world, who).get(path, query or None)

    def send(self, page, record="-", who="secretary", /, **data):
        data = {"token": uuid.uuid4()} | data
        with Pen(self.world) as pen:
            response = browser(self.world, who).post(
                address(self.world, page, record),
                {name: value for name, value in data.items() if value is not ...},
            )
        response.wrote = pen.changed()
        return response

    def problem(self, record="draft", **changed):
        row = getattr(self.world, record, None)
        data = problem_data(self.world, row) | changed
        page = "problem-edit" if row else "problem-type"
        return self.send(page, record if row else "place", **data)


def text(response):
    return unescape(response.content.decode())


def sentences(response):
    """What the box above the form says, and what stands in the page's messages."""
    html = text(response)
    boxes = re.findall(r'<div class="note note--(?:stop|warn)".*?</div>\s*</div>', html, re.DOTALL)
    words = " ".join(re.sub(r"<[^>]+>", " ", box) for box in boxes)
    return re.sub(r"\s+", " ", words).replace(" ：", "：").strip()


def assert_refused(response, words=""):
    """A sentence in Chinese, and nothing kept."""
    said = sentences(response)

    assert response.status_code in {200, 409, 422}
    assert re.search(words, said), said
    assert CHINESE.search(said), said
    assert not ENGLISH.search(said), said
    assert not response.wrote


def assert_not_received(response):
    """More than a request may hold: 413, in Chinese."""
    assert response.status_code == 413
    assert "没有收到" in text(response) or CHINESE.search(text(response))
    assert not response.wrote


# ---------------------------------------------------------------- text that one cannot see

UNSEEN = {
    "NUL": "超\x00时",
    "bell": "超\x07时",
    "bidi override": "超\u202e时",
    "bidi isolate": "超\u2066时\u2069",
    "zero width space": "超\u200b时",
    "zero width joiner": "超\u200d时",
    "byte order mark": "\ufeff超时",
    "blanks around": "\u3000\u3000超时\u3000\t ",
    "no-break blanks": "\xa0超时\xa0",
    "two forms of a letter": "超时",
}


@pytest.mark.parametrize("typed", UNSEEN.values(), ids=UNSEEN)
@pytest.mark.parametrize("field", ["description", "superior_number", "persons"])
def test_what_cannot_be_seen_is_not_kept(pages, field, typed):
    response = pages.problem(record="new", **{field: typed})
    row = Problem.objects.order_by("pk").last()

    assert response.status_code == 302
    kept = {
        "description": row.description,
        "superior_number": row.superior_number,
        "persons": "、".join(row.people.filter(part="responsible").values_list("name", flat=True)),
    }
    assert kept[field] == "超时"


def test_a_letter_of_four_bytes_is_kept(pages):
    pages.problem(record="new", description="𠮷林路🚧积水", leaders="𠮷田")
    row = Problem.objects.order_by("pk").last()

    assert row.description == "𠮷林路🚧积水"
    assert row.people.get(part="leader").name == "𠮷田"


def test_half_a_letter_is_no_letter(pages):
    """What a broken program sends: bytes that are a lone surrogate, and bytes that are nothing."""
    row = pages.world.draft
    form = "description=%ED%A0%80%FF%E8%B6%85&owner_kind=unit&severity=ordinary"

    response = browser(pages.world, "secretary").post(
        address(pages.world, "problem-edit", "draft"),
        f"{form}&version={row.version}",
        content_type="application/x-www-form-urlencoded",
    )

    assert response.status_code == 302
    assert Problem.objects.get(pk=row.pk).description.endswith("超")


BLANK = {"nothing": "", "blanks": "\u3000 \u3000", "NUL": "\x00", "no width": "\u200b\u200b"}
# page, record, who, the rest of the form, and the field that must say something
MUST_SAY = {
    "description": ("problem-edit", "draft", "secretary", {}),
    "reason of a correction": ("problem-edit", "rectifying", "secretary", {}),
    "measure": ("measure-plan", "rectifying", "member", {}),
    "progress": ("progress-add", "rectifying", "member", {"on": "2026-06-01", "progress": "done"}),
    "reason of a return": ("problem-return", "assigned", "secretary", {}),
    "statement": ("closure-apply", "ready", "member", {"effect": "好转"}),
    "effect": ("closure-apply", "ready", "member", {"statement": "已经整改到位"}),
    "note": ("evidence-add", "rectifying", "member", {"kind": "note", "title": "说明"}),
    "title": ("evidence-add", "rectifying", "member", {"kind": "note", "text": "可查"}),
    "signer": ("review-paper", "endorse", "liaison", VERDICT | {"signed_on": "2026-06-03"}),
    "suggestion": ("suggest", "-", "member", {}),
}
FIELD = {
    "description": "description",
    "reason of a correction": "reason",
    "measure": "text",
    "progress": "text",
    "reason of a return": "reason",
    "statement": "statement",
    "effect": "effect",
    "note": "text",
    "title": "title",
    "signer": "signer_name",
    "suggestion": "text",
}


@pytest.mark.parametrize("blank", BLANK.values(), ids=BLANK)
@pytest.mark.parametrize("what", MUST_SAY)
def test_blanks_say_nothing(pages, what, blank):
    page, record, who, data = MUST_SAY[what]
    if page == "problem-edit":
        data = problem_data(pages.world, getattr(pages.world, record))

    assert_refused(
        pages.send(page, record, who, **data | {FIELD[what]: blank}), "必填|填写|写明|选择"
    )


# ---------------------------------------------------------------- too much

VERIFIED = {name: value for name, value in VERDICT.items() if name != "opinion"}
LONG_FIELDS = {
    ("problem-type", "place", "secretary"): (
        *("description", "cause", "standard", "effect_expected", "source_text", "remark"),
        *("superior_number", "due", "stage_goal", "leaders", "persons", "departments"),
        *("cooperating", "measures"),
    ),
    ("problem-edit", "rectifying", "secretary"): ("reason",),
    ("problem-return", "assigned", "secretary"): ("reason",),
    ("measure-plan", "rectifying", "member"): ("text", "person_name"),
    ("measure-finish", "measure", "member"): ("note",),
    ("progress-add", "rectifying", "member"): ("text", "effect"),
    ("evidence-add", "rectifying", "member"): ("title", "text", "number", "place", "keeper"),
    ("closure-apply", "ready", "member"): ("statement", "effect"),
    ("review", "verify", "office"): ("opinion",),
    ("review-paper", "endorse", "liaison"): ("signer_name", "signer_post", "opinion"),
    ("suggest", "-", "member"): ("text",),
}
TOO_LONG = [(*form, field) for form, fields in LONG_FIELDS.items() for field in fields]


@pytest.mark.parametrize(("page", "record", "who", "field"), TOO_LONG)
def test_two_hundred_thousand_characters_are_too_many(pages, page, record, who, field):
    response = pages.send(page, record, who, **whole(pages.world, page, record) | {field: LONG})

    assert_refused(response, "最多|不超过|至多|多")
    assert LONG in text(response)


def whole(world, page, record):
    """Everything the form asks for, so that only what a test adds is wrong."""
    row = getattr(world, record, None)
    forms = {
        "problem-type": lambda: problem_data(world, None),
        "problem-edit": lambda: problem_data(world, row),
        "problem-return": lambda: {"reason": "不属我支部"},
        "measure-plan": lambda: {"text": "建立台账"},
        "measure-edit": lambda: {"text": "改", "version": version_of(row)},
        "measure-finish": lambda: {"done_on": "2026-06-02"},
        "progress-add": lambda: {"on": "2026-06-02", "progress": "done", "text": "已办"},
        "evidence-add": lambda: {"kind": "note", "title": "说明", "text": "可查"},
        "closure-apply": lambda: {"statement": "已经整改到位", "effect": "好转"},
        "review": lambda: VERIFIED,
        "review-paper": lambda: (
            VERIFIED | {"signer_name": "郑洁", "signed_on": "2026-06-03", "scan": a_file()}
        ),
        "review-appoint": lambda: {"user": f"严冬 #{world.outside.pk}", "until": "2026-06-20"},
        "suggest": lambda: {"text": "导入很方便"},
    }
    return forms[page]()


def version_of(measure):
    return Problem.objects.get(pk=measure.problem_id).version


def test_twenty_thousand_names_are_too_many(pages):
    names = "、".join(f"张{place}" for place in range(20_000))

    assert_refused(pages.problem(record="new", persons=names), "责任人：.*多")


def test_more_than_a_form_can_hold_is_not_received(pages):
    response = pages.problem(record="new", description="长" * 2_000_000)

    assert_not_received(response)


def test_more_fields_than_a_form_has_are_not_received(pages):
    response = pages.send("problems-bulk", **{f"x{place}": "1" for place in range(6_000)})

    assert_not_received(response)


# ---------------------------------------------------------------- days

NO_DAYS = {
    "thirteenth month": "2026-13-01",
    "thirtieth of February": "2026-02-30",
    "a Chinese impossible day": "2026年13月1日",
    "year one": "0001-01-01",
    "year ten thousand": "10000-01-01",
    "last day of all": "9999-12-31",
    "words": "明天",
    "NUL": "2026-06-01\x00",
    "SQL": "2026-06-01'; --",
    "long": "2026" * 500,
}
DAYS = {
    "found_on": ("problem-edit", "draft", "secretary"),
    "review_on": ("problem-edit", "draft", "secretary"),
    "due_on": ("measure-plan", "rectifying", "member"),
    "done_on": ("measure-finish", "measure", "member"),
    "on": ("progress-add", "rectifying", "member"),
    "new_due_on": ("review", "endorse", "secretary"),
    "signed_on": ("review-paper", "endorse", "liaison"),
    "until": ("review-appoint", "verify", "office"),
}


@pytest.mark.parametrize("typed", NO_DAYS.values(), ids=NO_DAYS)
@pytest.mark.parametrize("field", DAYS)
def test_a_day_that_never_was_is_named(pages, field, typed):
    page, record, who = DAYS[field]
    response = pages.send(page, record, who, **whole(pages.world, page, record) | {field: typed})

    assert_refused(response, "日期|年份")
    assert typed[:10].replace("\x00", "") in text(response)


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "2026年13月1日",
            "2026年2月30日",
            "0年0月0日",
            "9999年99月",
            "六个明确",
            "？？？",
            "某年某月",
        ),
        *(
            "99999999999日内",
            "40000日内",
            "999999999999999999个月内",
            "第99季度",
        ),
        *("32日前", "2026-02-30", "0"),
    ],
)
def test_a_deadline_that_makes_no_sense_is_named(pages, typed):
    response = pages.problem(due=typed)

    assert_refused(response, "整改时限：")
    assert typed in text(response)


@pytest.mark.parametrize(
    ("page", "record", "who", "changed", "words"),
    [
        ("measure-finish", "measure", "member", {"done_on": "2026-06-04"}, "晚于今天"),
        ("progress-add", "rectifying", "member", {"on": "2026-06-04"}, "晚于今天"),
        ("review-paper", "endorse", "liaison", {"signed_on": "2026-06-04"}, "不能晚于今天"),
        ("review-paper", "endorse", "liaison", {"signed_on": "2026-06-02"}, "不能早于"),
        ("review-appoint", "verify", "office", {"until": "2026-06-02"}, "不能早于今天"),
        (
            *("review", "endorse", "secretary"),
            {
                "decision": "returned",
                "opinion": "补",
                "reason": "effect",
                "new_due_on": "2026-06-03",
            },
            "晚于今天",
        ),
    ],
)
def test_a_day_out_of_order_is_named(pages, page, record, who, changed, words):
    response = pages.send(page, record, who, **whole(pages.world, page, record) | changed)

    assert_refused(response, words)


# ---------------------------------------------------------------- addresses

LISTS = {
    "problems": "secretary",
    "imports": "liaison",
    "inbox": "secretary",
    "organizations": "secretary",
    "people": "secretary",
    "suggestions": "office",
    "campaigns": "secretary",
}


@pytest.mark.parametrize(
    "number", ["99999999", "abc", "-1", "0", "", "1e3", "٣", "9" * 5000, "1\x00", "last"]
)
@pytest.mark.parametrize("page", LISTS)
def test_a_page_that_is_not_there_is_the_nearest_that_is(pages, page, number):
    response = pages.get(reverse(page), LISTS[page], page=number)

    assert response.status_code == 200


def test_a_far_page_shows_the_last_rows(pages):
    assert "个人学习不够。" in text(pages.get("/problems/", page="99999999"))


STRANGE = ["", "\x00", "abc", "-1", "0", "²", "9" * 40, "1' OR '1'='1", "\u202e", "%", "长" * 5000]
FILTERS = [
    *("q", "campaign", "organization", "status", "item", "source", "level", "severity", "owner"),
    *("progress", "upload", "due_from", "due_until", "view", "sort", "nonsense"),
]


@pytest.mark.parametrize("name", FILTERS)
def test_a_strange_address_still_shows_the_ledger(pages, name):
    for value in STRANGE:
        response = pages.get("/problems/", **{name: value})
        assert (value, response.status_code) == (value, 200)


@pytest.mark.parametrize("name", FILTERS)
def test_a_strange_address_still_exports(pages, name):
    for value in ("\x00", "²", "9" * 40):
        response = browser(pages.world, "secretary").post(
            reverse("problems-export"), {"variant": "data"}, query_params={name: value}
        )
        assert (value, response.status_code) == (value, 200)
        response.getvalue()


@pytest.mark.parametrize("sort", ["password", "drafted_by__password", "-password", "?", "pk; DROP"])
def test_a_list_is_sorted_by_its_own_orders_only(pages, sort):
    assert rows_shown(pages.get("/problems/", sort=sort)) == rows_shown(pages.get("/problems/"))


@pytest.mark.parametrize("view", ["everything", "DRAFT", "", "closed'--", "__class__"])
def test_an_unknown_view_is_the_whole_ledger(pages, view):
    assert rows_shown(pages.get("/problems/", view=view)) == rows_shown(pages.get("/problems/"))


@pytest.mark.parametrize("words", ["%", "_", "%%", "__", "\\", "' OR 1=1 --"])
def test_a_search_takes_every_mark_for_itself(pages, words):
    assert rows_shown(pages.get("/problems/", q=words)) == []


def rows_shown(response):
    return re.findall(r'<a href="/problems/(\d+)/" class="clamp"', text(response))


@pytest.mark.parametrize("page", ["organization-search", "person-search"])
def test_a_picker_answers_whatever_is_typed(pages, page):
    for value in STRANGE:
        for name in ("q", "organization"):
            response = pages.get(reverse(page), **{name: value})
            assert (value, response.status_code) == (value, 200)
            assert len(response.json()) <= 20


@pytest.mark.parametrize(
    ("page", "record", "query"),
    [
        ("problem-new", "-", {"campaign": "²", "organization": "²"}),
        ("problem-new", "-", {"campaign": "1", "organization": "abc"}),
        ("problem-new", "-", {"campaign": "9" * 5000, "organization": "1"}),
        ("evidence-add", "rectifying", {"measure": "abc"}),
        ("evidence-add", "rectifying", {"measure": "9" * 40}),
        ("suggest", "-", {"from": "//evil.example"}),
        ("suggest", "-", {"from": "javascript:alert(1)"}),
        ("people", "-", {"organization": "#" + "9" * 18, "q": "\x00"}),
        ("organizations", "-", {"kind": "nonsense", "q": "\x00"}),
        ("inbox", "-", {"show": "nonsense"}),
    ],
)
def test_a_strange_question_is_answered(pages, page, record, query):
    response = pages.get(address(pages.world, page, record), "office", **query)

    assert response.status_code in {200, 302}
    assert "evil.example" not in re.findall(r'(?:href|action|value)="([^"]*)"', text(response))


def test_nobody_is_led_to_another_host(pages):
    pages.send("suggest", text="好", page="//evil.example/")
    response = pages.send("suggest", text="好", page="https://evil.example/")

    assert response.url == "/"
    assert not Suggestion.objects.filter(page__contains="evil").exists()


# ---------------------------------------------------------------- one where many are sent


def test_of_two_values_the_last_counts(pages):
    pages.problem(record="new", description=["先写的", "后写的"], severity=["key", "ordinary"])
    row = Problem.objects.order_by("pk").last()

    assert (row.description, row.severity) == ("后写的", "ordinary")


@pytest.mark.parametrize("field", ["description[]", "description[0]", "{'description'}"])
def test_a_list_under_another_name_is_no_text(pages, field):
    assert_refused(pages.problem(description=..., **{field: ["一", "二"]}), "必填")


# ---------------------------------------------------------------- keys that belong to others

NO_KEYS = ["abc", "-1", "0", "1.5", "²", "9" * 40, str(2**63), "\x00", "1' OR '1'='1", "None"]
CHOICES = {
    "source": ("problem-edit", "draft", "secretary"),
    "items": ("problem-edit", "draft", "secretary"),
    "measure": ("evidence-add", "rectifying", "member"),
    "signer": ("review-paper", "endorse", "liaison"),
    "user": ("review-appoint", "verify", "office"),
}


@pytest.mark.parametrize("key", NO_KEYS)
@pytest.mark.parametrize("field", CHOICES)
def test_a_key_that_is_none_is_no_choice(pages, field, key):
    page, record, who = CHOICES[field]
    response = pages.send(page, record, who, **whole(pages.world, page, record) | {field: [key]})

    assert_refused(response)


OTHERS = {
    "source of another campaign": ("source", lambda world: world.other_source.pk),
    "item of another campaign": ("items", lambda world: world.other_item.pk),
    "measure of another problem": ("measure", lambda world: world.early.pk),
    "signer of another tree": ("signer", lambda world: world.users["stranger"].pk),
    "signer beside": ("signer", lambda world: world.users["neighbour"].pk),
    "signer who answers for it": ("signer", lambda world: world.users["member"].pk),
    "reviewer whose account is closed": ("user", lambda world: f"#{world.users['disabled'].pk}"),
    "reviewer who answers for it": ("user", lambda world: f"#{world.users['member'].pk}"),
    "reviewer without the duty": ("user", lambda world: f"#{world.users['neighbour'].pk}"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_a_key_of_somebody_elses_is_no_choice(pages, what):
    field, key = OTHERS[what]
    page, record, who = CHOICES[field]
    data = whole(pages.world, page, record) | {field: [key(pages.world)]}

    assert_refused(pages.send(page, record, who, **data))


UNKNOWN = {
    "owner_kind": ("problem-edit", "draft", "secretary"),
    "severity": ("problem-edit", "draft", "secretary"),
    "kind": ("evidence-add", "rectifying", "member"),
    "progress": ("progress-add", "rectifying", "member"),
    "decision": ("review", "verify", "office"),
    "methods": ("review", "verify", "office"),
    "standards": ("review", "verify", "office"),
    "reason": ("review", "verify", "office"),
    "behalf": ("progress-add", "rectifying", "liaison"),
}


@pytest.mark.parametrize("value", ["waived", "\x00", "__class__", "长" * 300])
@pytest.mark.parametrize("field", UNKNOWN)
def test_a_word_that_is_no_choice_is_refused(pages, field, value):
    page, record, who = UNKNOWN[field]
    response = pages.send(page, record, who, **whole(pages.world, page, record) | {field: [value]})

    assert_refused(response)


def test_nobody_imports_for_an_organization_outside(pages):
    for place in (pages.world.sibling, pages.world.elsewhere, pages.world.center):
        response = upload(pages, workbook(GOOD), organization=place.pk)
        assert_refused(response, "填报单位：")


@pytest.mark.parametrize("key", NO_KEYS)
def test_nobody_imports_for_what_is_none(pages, key):
    assert_refused(upload(pages, workbook(GOOD), organization=key))
    assert_refused(upload(pages, workbook(GOOD), campaign=key))


def test_nobody_imports_into_a_campaign_he_cannot_see(pages):
    assert_refused(upload(pages, workbook(GOOD), campaign=pages.world.plan.pk), "活动：")


def test_chosen_rows_of_others_are_left_alone(pages):
    keys = [pages.world.foreign.pk, *NO_KEYS, ""]
    for act in ("register", "issue", "accept", "fill", "close", "\x00"):
        response = pages.send("problems-bulk", act=act, pk=keys)
        assert (response.status_code, response.wrote) == (302, set())


def test_a_source_is_of_the_problems_own_campaign(world):
    by = world.by["secretary"]
    facts = {"description": "新的", "source": world.other_source}

    with pytest.raises(Refused, match="不属于"):
        problems.draft(world.campaign, organization=world.branch, facts=facts, by=by, at=AT)
    with pytest.raises(Refused, match="不属于"), transaction.atomic():
        problems.fill(world.draft, version=1, facts={"items": [world.other_item]}, by=by, at=AT)


def test_many_rows_are_not_filled_with_the_source_of_another_campaign(world):
    bare = Problem.objects.get(pk=world.draft.pk)
    Problem.objects.filter(pk=bare.pk).update(source=None)
    bare.refresh_from_db()

    (result,) = bulk.fill(
        [bare], facts={"source": world.other_source}, by=world.by["secretary"], at=AT
    )

    assert "不属于" in result.refused
    assert Problem.objects.get(pk=bare.pk).source is None


def test_evidence_hangs_on_a_measure_of_its_own_problem(world):
    facts = {"kind": "note", "title": "说明", "text": "可查", "measure": world.early}

    with pytest.raises(Refused, match="不属于这条问题"):
        evidences.prove(world.rectifying, facts=facts, by=world.by["member"], at=AT)


# ---------------------------------------------------------------- what is no form

FORM = "application/x-www-form-urlencoded"
HALF_A_PART = b'--x\r\nContent-Disposition: form-data; name="description"\r\n\r\nabc'
BODIES = {
    "JSON": ("application/json", b'{"description": "x", "owner_kind": ["unit"]}'),
    "plain text": ("text/plain", b"description=x"),
    "bytes": ("application/octet-stream", bytes(range(256))),
    "multipart without boundary": ("multipart/form-data", b"--x\r\n"),
    "broken multipart": ("multipart/form-data; boundary=x", HALF_A_PART),
    "empty multipart": ("multipart/form-data; boundary=x", b""),
    "another charset": (f"{FORM}; charset=utf-16", "description=超".encode("utf-16")),
    "no such charset": (f"{FORM}; charset=klingon", b"description=x"),
    "bad percent signs": (FORM, b"description=%ZZ%&&==&%"),
    "no type": ("", b"description=x"),
    "a wrong type": ("nonsense", b"description=x"),
}


@pytest.mark.parametrize("what", BODIES)
@pytest.mark.parametrize(
    ("page", "record"),
    [("problem-edit", "draft"), ("closure-apply", "ready"), ("import-keep", "upload")],
)
def test_what_is_no_form_changes_nothing(pages, page, record, what):
    kind, body = BODIES[what]
    with Pen(pages.world) as pen:
        response = browser(pages.world, "liaison").generic(
            "POST", address(pages.world, page, record), body, content_type=kind
        )

    assert response.status_code in {200, 400, 409, 422}
    assert CHINESE.search(text(response))
    assert not pen.changed()


# ---------------------------------------------------------------- versions

OLD = ["0", "-1", "1", "99999999999999999999", ...]


@pytest.mark.parametrize("version", OLD)
@pytest.mark.parametrize(
    ("page", "record", "field"),
    [("problem-edit", "rectifying", "cause"), ("measure-edit", "measure", "text")],
)
def test_a_stale_form_meets_both_texts(pages, page, record, field, version):
    data = whole(pages.world, page, record) | {"version": version, field: "我写的一份"}

    response = pages.send(page, record, **data)

    assert response.status_code == 409
    assert_refused(response, "别人已修改")
    assert "我写的一份" in text(response)


@pytest.mark.parametrize("version", ["abc", "1.5", "\x00", "²", "１２"])
def test_a_version_that_is_no_number_changes_nothing(pages, version):
    data = whole(pages.world, "problem-edit", "draft") | {"version": version}
    response = pages.send("problem-edit", "draft", **data)

    assert response.status_code in {200, 409}
    assert not response.wrote


def test_a_newer_version_is_as_stale_as_an_older_one(world):
    for version in (0, 99, -1):
        with pytest.raises(Stale):
            problems.fill(
                world.draft, version=version, facts={"cause": "改"}, by=world.by["secretary"], at=AT
            )


# ---------------------------------------------------------------- tokens


@pytest.mark.parametrize("token", ["abc", "\x00", "0", "1" * 400])
def test_a_token_that_is_none_changes_nothing(pages, token):
    response = pages.send("problem-register", "draft", token=token)

    assert (response.status_code, response.wrote) == (200, set())


def test_without_a_token_a_form_still_has_its_effect(pages):
    response = pages.send("problem-register", "draft", token=...)

    assert response.status_code == 302
    assert Problem.objects.get(pk=pages.world.draft.pk).status == "registered"


def test_a_token_spent_once_buys_nothing_more(pages):
    token, data = uuid.uuid4(), whole(pages.world, "progress-add", "rectifying")

    for _ in range(3):
        response = pages.send("progress-add", "rectifying", "member", **data, token=token)
        assert response.status_code == 302

    assert ProgressEntry.objects.filter(problem=pages.world.rectifying, text="已办").count() == 1


def test_a_token_is_not_spent_by_a_refusal(pages):
    token, data = uuid.uuid4(), whole(pages.world, "progress-add", "rectifying")

    first = pages.send(
        "progress-add", "rectifying", "member", **data | {"on": "2026-06-04"}, token=token
    )
    second = pages.send("progress-add", "rectifying", "member", **data, token=token)

    assert (first.status_code, second.status_code) == (200, 302)
    assert ProgressEntry.objects.filter(problem=pages.world.rectifying, text="已办").count() == 1


# ---------------------------------------------------------------- files as evidence


def a_file(name="扫描件.pdf", data=b"%PDF-1.4 scan", kind="application/pdf"):
    return SimpleUploadedFile(name, data, kind)


def a_zip(*names, data=b"x", version=20):
    """A package of parts with those names."""
    with ZipFile(buffer := BytesIO(), "w", ZIP_DEFLATED) as package:
        for name in names:
            part = ZipInfo(name)
            part.extract_version = version
            package.writestr(part, data)
    return buffer.getvalue()


def with_a_name_that_is_no_text():
    """Its one part says its name is UTF-8, and it is not."""
    data = a_zip("部件.xml")
    return data.replace("部件".encode(), b"\xff\xfe\xff\xfe\xff\xfe")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1024
BAD_FILES = {
    "empty": (lambda: ("空.pdf", b""), "空"),
    "a program called pdf": (lambda: ("通知.pdf", b"MZ\x90\0" + b"\0" * 100), "内容与扩展名不符"),
    "a program": (lambda: ("setup.exe", b"MZ\x90\0"), "类型不允许"),
    "two endings": (lambda: ("通知.pdf.exe", b"MZ\x90\0"), "类型不允许"),
    "two endings the other way": (lambda: ("通知.exe.pdf", b"MZ\x90\0"), "内容与扩展名不符"),
    "a picture with script": (lambda: ("图.svg", SVG), "类型不允许"),
    "a picture with script called png": (lambda: ("图.png", SVG), "内容与扩展名不符"),
    "a page": (lambda: ("页.html", b"<html><script>1</script>"), "类型不允许"),
    "a page called pdf": (lambda: ("页.pdf", b"<html>"), "内容与扩展名不符"),
    "a picture called pdf": (lambda: ("图.pdf", b"\x89PNG\r\n\x1a\n"), "内容与扩展名不符"),
    "no ending": (lambda: ("通知", b"%PDF-1.4"), "类型不允许"),
    "a dot": (lambda: (".pdf", b"%PDF-1.4"), ""),
    "21 MB": (lambda: ("大.pdf", b"%PDF-1.4" + b"\0" * 21 * 1024 * 1024), "超过20MB"),
    "a document with macros": (lambda: ("a.docx", a_zip("word/vbaProject.bin")), "含有宏"),
    "macros in other letters": (lambda: ("a.docx", a_zip("word/VBAPROJECT.BIN")), "含有宏"),
    "an old document with macros": (
        lambda: ("a.doc", OLE + "_VBA_PROJECT".encode("utf-16-le") + b"\0" * 512),
        "含有宏",
    ),
    "a broken package": (lambda: ("a.docx", b"PK\x03\x04" + b"\0" * 200), "损坏"),
    "a package from the future": (lambda: ("a.docx", a_zip("word/a.xml", version=99)), "损坏"),
    "a part whose name is no text": (lambda: ("a.docx", with_a_name_that_is_no_text()), "损坏"),
    "half a package": (lambda: ("a.docx", a_zip("word/document.xml")[:-10]), "损坏"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD_FILES)
def test_a_file_that_is_not_what_it_says_is_refused(pages, what, settings):
    make, words = BAD_FILES[what]
    name, data = make()
    before = kept_files()

    response = pages.send(
        *("evidence-add", "rectifying", "member"),
        kind="file",
        title="我写的名称",
        files=[a_file("好的.pdf"), a_file(name, data)],
    )

    assert_refused(response, words)
    assert "我写的名称" in text(response)
    assert kept_files() == before  # the good one beside it has gone again


@pytest.mark.parametrize("what", ["a picture with script", "a page called pdf", "21 MB", "empty"])
def test_a_scan_that_is_not_what_it_says_is_refused(pages, what):
    name, data = BAD_FILES[what][0]()
    form = whole(pages.world, "review-paper", "endorse") | {"scan": a_file(name, data)}

    response = pages.send("review-paper", "endorse", "liaison", **form)

    assert_refused(response, BAD_FILES[what][1])
    assert "郑洁" in text(response)


def test_a_scan_is_a_picture_or_a_pdf(pages):
    form = whole(pages.world, "review-paper", "endorse") | {"scan": a_file("a.zip", a_zip("a"))}

    assert_refused(pages.send("review-paper", "endorse", "liaison", **form), "可上传：pdf、jpg")


def kept_files():
    root = Path(default_storage.location)
    return sorted(str(path) for path in root.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("第" * 120 + ".pdf", "第" * 120 + ".pdf"),
        ("第" * 300 + ".pdf", "第" * 196 + ".pdf"),
        ("../../etc/通知.pdf", "通知.pdf"),
        ("C:\\我的文件\\通知.pdf", "通知.pdf"),
        ("通\u202e知\u200b.pdf", "通知.pdf"),
        ("<script>.pdf", "<script>.pdf"),
        ("𠮷.pdf", "𠮷.pdf"),
    ],
)
def test_a_file_keeps_the_name_people_read(pages, name, shown):
    pages.send("evidence-add", "rectifying", "member", kind="file", files=[a_file(name)])
    piece = Evidence.objects.order_by("pk").last()

    response = pages.get(reverse("evidence-file", args=[piece.pk]), "member")

    assert piece.attachment.name == piece.title == shown
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert b"".join(response.streaming_content) == b"%PDF-1.4 scan"
    assert "<script>.pdf" not in pages.get(f"/problems/{piece.problem_id}/").content.decode()


def test_sixty_files_at_once_are_not_received(pages):
    files = [a_file(f"{place}.pdf") for place in range(60)]

    assert_not_received(
        pages.send("evidence-add", "rectifying", "member", kind="file", files=files)
    )


def test_a_file_is_asked_for_where_none_came(pages):
    assert_refused(
        pages.send("evidence-add", "rectifying", "member", kind="file", files="通知.pdf"),
        "请选择要上传的文件",
    )


# ---------------------------------------------------------------- workbooks that are none


def upload(pages, data, name="台账.xlsx", who="liaison", **changed):
    form = {
        "campaign": pages.world.campaign.pk,
        "organization": pages.world.branch.pk,
        "file": SimpleUploadedFile(name, data, "application/octet-stream"),
    }
    return pages.send("import-new", "-", who, **form | changed)


def encrypted():
    """What Excel makes of a workbook with a password: an OLE container with one stream."""
    return OLE + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512


def bomb():
    part = "xl/worksheets/sheet1.xml"
    return repacked(workbook(GOOD), {part: b"<worksheet>" + b" " * 60_000_000 + b"</worksheet>"})


def repacked(data, parts):
    with ZipFile(BytesIO(data)) as old, ZipFile(buffer := BytesIO(), "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.get(name, old.read(name)))
        for name in parts.keys() - set(old.namelist()):
            new.writestr(name, parts[name])
    return buffer.getvalue()


def blank_book():
    Workbook().save(buffer := BytesIO())
    return buffer.getvalue()


NO_LEDGERS = {
    "empty file": (lambda: b"", "空"),
    "blanks": (lambda: b" \r\n \r\n", "空"),
    "blank workbook": (blank_book, "空|表头|没有"),
    "heading only": (workbook, "没有问题"),
    "no heading": (lambda: workbook(headings=("一二三四",)), "表头"),
    "prose": ("关于开展专项整治的通知，请各支部认真落实。".encode, "表头|不是"),
    "a page called xlsx": (lambda: b"<html><table><tr><td>1</td></tr></table></html>", "网页"),
    "pdf": (lambda: b"%PDF-1.4 paper", "PDF"),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "图片"),
    "Word": (lambda: a_zip("[Content_Types].xml", "word/document.xml"), "Word"),
    "package": (lambda: a_zip("readme.txt"), "压缩包"),
    "broken package": (lambda: workbook(GOOD)[:-200], "损坏"),
    "rubbish": (lambda: bytes(range(256)) * 20, "损坏|不是|空"),
    "password": (encrypted, "密码"),
    "old container": (lambda: OLE, "损坏|不是|识别"),
    "bomb": (bomb, "解压后过大"),
    "macros": (lambda: repacked(workbook(GOOD), {"xl/vbaProject.bin": b"x"}), "宏"),
    "one heading twice": (lambda: workbook(GOOD, headings=(*HEADINGS[:4], HEADINGS[1])), "两列"),
    "too long": (("存在问题,责任人\n" + "一,二\n" * 20_001).encode, "20000行"),
    "too wide": (",".join(["存在问题", *map(str, range(201))]).encode, "200列"),
    "21 MB": (lambda: b"PK\x03\x04" + b"\0" * 21 * 1024 * 1024, "超过20MB"),
    "NUL in a table": ("存在问题,责任人\n超\0时,马超\n".encode, "损坏"),
}  # fmt: skip


@pytest.mark.parametrize("what", NO_LEDGERS)
def test_what_is_no_ledger_is_said_to_be_none(pages, what):
    make, words = NO_LEDGERS[what]
    before = kept_files()

    response = upload(pages, make())

    assert_refused(response, words)
    assert kept_files() == before
    assert f'value="{pages.world.branch.pk}" selected' in text(response)


def test_a_file_is_read_by_what_it_is_whatever_it_is_called(pages):
    for name in ("台账.exe", "台账", "台账.xls", "第" * 200 + ".xlsx", "../../台账.xlsx"):
        assert upload(pages, workbook(GOOD), name=name).status_code == 302
        assert Upload.objects.order_by("pk").last().attachment.name.startswith(name[:2].strip("."))


# ---------------------------------------------------------------- rows that say nonsense


def read(pages, *rows, headings=HEADINGS, book=None, name="台账.xlsx"):
    """Upload rows and return the page that shows what was understood, and its upload."""
    answer = upload(pages, book if book is not None else workbook(*rows, headings=headings), name)
    assert answer.status_code == 302, sentences(answer)
    return pages.get(answer.url, "liaison"), Upload.objects.order_by("pk").last()


def faults(response):
    """The faults as the preview shows them: level, line, column, value."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", text(response), re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]
    plain = [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells]
    return [tuple(row) for row in plain if row and row[0] in {"错误", "提醒"}]


def keep(pages, upload, **changed):
    source = pages.world.campaign.sources.get(name="自己找").pk
    data = {"token": uuid.uuid4(), "source": source, "found_on": "2026-05-20"} | changed
    client = browser(pages.world, "liaison")
    return client.post(reverse("import-keep", args=[upload.pk]), data, follow=True)


def row_of(**said):
    columns = {
        "序号": 1,
        "存在问题": "值班无人。",
        "整改措施": "补",
        "责任人": "马超",
        "整改时限": "2026年6月30日",
    }
    return tuple((columns | said).values())


FAULTY = {
    "no problem": (row_of(存在问题=""), "存在问题", ""),
    "blank problem": (row_of(存在问题="\u3000\u200b"), "存在问题", ""),
    "thirteenth month": (row_of(整改时限="2026年13月1日"), "整改时限", "2026年13月1日"),
    "thirtieth of February": (row_of(整改时限="2026-02-30"), "整改时限", "2026-02-30"),
    "in full width": (row_of(整改时限="２０２６年１３月１日"), "整改时限", "２０２６年１３月１日"),
    "a very long name": (row_of(责任人="欧阳" * 60), "责任人", "欧阳" * 30),
    "very many days": (row_of(整改时限="40000日内"), "整改时限", "40000日内"),
}  # fmt: skip


@pytest.mark.parametrize("what", FAULTY)
def test_a_faulty_row_is_named_by_line_column_and_value(pages, what):
    row, column, value = FAULTY[what]
    count = Problem.objects.count()

    page, upload = read(pages, GOOD, row)
    refused = keep(pages, upload)

    assert ("错误", "第3行", column, value or "（空）") in [fault[:4] for fault in faults(page)]
    assert "没有保存任何一行" in text(refused)
    assert Problem.objects.count() == count


LONG_CELL = "长" * 40_000


@pytest.mark.parametrize("column", ["存在问题", "整改措施", "责任人", "整改时限"])
def test_a_cell_of_forty_thousand_characters_is_named(pages, column):
    said = dict(zip(HEADINGS, row_of(), strict=True)) | {column: LONG_CELL}
    table = "\n".join([",".join(HEADINGS), ",".join(map(str, said.values()))]).encode()
    count = Problem.objects.count()

    page, upload = read(pages, book=table, name="台账.csv")
    keep(pages, upload)

    assert ("错误", "第2行", column) in [fault[:3] for fault in faults(page)]
    assert Problem.objects.count() == count


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("=1+1的口径不一致", "=1+1的口径不一致"),
        ("=HYPERLINK(\"http://evil.example\")", "=HYPERLINK(\"http://evil.example\")"),
        ("+86电话无人接", "+86电话无人接"),
        ("-@SUM(A1)写错", "-@SUM(A1)写错"),
        ("值\u202e班\u200b无人", "值班无人"),
        ("值班_x000D_\n无人", "值班\n无人"),
        ("值班_x0000_无人", "值班无人"),
        ("\u3000\u3000值班无人\u3000", "值班无人"),
        ("𠮷林路🚧积水", "𠮷林路🚧积水"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)  # fmt: skip
def test_a_text_comes_in_as_text(pages, written, kept):
    book = Workbook()
    book.active.append(HEADINGS)
    book.active.append(row_of())
    cell = book.active["B2"]
    cell.value, cell.data_type = written, "s"
    book.save(buffer := BytesIO())

    page, upload = read(pages, book=buffer.getvalue())
    keep(pages, upload)

    assert upload.problems.get().description == kept
    assert "<script>alert(1)</script>" not in page.content.decode()


def test_full_width_digits_are_digits(pages):
    _, upload = read(pages, row_of(序号="１", 整改时限="２０２６年６月３０日"))
    keep(pages, upload)

    assert upload.problems.get().due_on == date(2026, 6, 30)


def test_merged_cells_mean_all_their_rows(pages):
    book = Workbook()
    book.active.append(HEADINGS)
    book.active.append((1, "值班无人。", "排班", "马超", "2026年6月30日"))
    book.active.append((None, None, "抽查", None, None))
    for column in "ABDE":
        book.active.merge_cells(f"{column}2:{column}3")
    book.save(buffer := BytesIO())

    _, upload = read(pages, book=buffer.getvalue())
    keep(pages, upload)

    assert [row.text for row in upload.problems.get().measures.all()] == ["排班", "抽查"]


def test_the_same_file_twice_adds_nothing(pages):
    data = workbook(row_of())
    _, first = read(pages, book=data)
    keep(pages, first)
    page, second = read(pages, book=data)
    count = Problem.objects.count()

    answer = keep(pages, second)

    assert "同一份文件已于" in text(page)
    assert "没有可以新增的行" in text(answer)
    assert Problem.objects.count() == count


def test_keeping_twice_keeps_once(pages):
    _, upload = read(pages, row_of())

    keep(pages, upload)
    again = keep(pages, upload)

    assert upload.problems.count() == 1
    assert "没有可以新增的行" in text(again) or "不能重复保存" in text(again)


def test_another_branch_named_in_a_row_is_an_error(pages):
    headings = (*HEADINGS, "单位")
    page, upload = read(pages, (*row_of(), "第二党支部"), headings=headings)
    answer = keep(pages, upload)

    (fault,) = [fault for fault in faults(page) if fault[0] == "错误"]
    assert fault[:4] == ("错误", "第2行", "单位", "第二党支部")
    assert "不在您的填报范围内" in fault[4]
    assert "没有保存任何一行" in text(answer)
    assert upload.problems.count() == 0


def test_an_unknown_person_is_said_and_kept_by_name(pages):
    page, upload = read(pages, row_of(责任人="张无名"))
    keep(pages, upload)

    assert ("提醒", "第2行", "责任人", "张无名") in [fault[:4] for fault in faults(page)]
    assert upload.problems.get().people.get().user is None


def test_what_a_file_lacks_is_asked_and_the_answer_stays(pages):
    _, upload = read(pages, row_of())

    answer = keep(pages, upload, source="", found_on="2026-13-01")

    assert answer.status_code == 422
    assert 'value="2026-13-01"' in text(answer)
    assert "请填写真实存在的日期" in text(answer)
    assert upload.problems.count() == 0


@pytest.mark.parametrize("key", [*NO_KEYS, "other"])
def test_a_source_of_another_campaign_is_not_kept(pages, key):
    _, upload = read(pages, row_of())

    answer = keep(pages, upload, source=pages.world.other_source.pk if key == "other" else key)

    assert answer.status_code == 422
    assert upload.problems.count() == 0


def correct(pages, upload, **data):
    client = browser(pages.world, "liaison")
    return client.post(reverse("import-correct", args=[upload.pk]), data, follow=True)


@pytest.mark.parametrize(
    "data",
    [
        {"column_1": "password"},
        {"column_1": "\x00"},
        {"person_0": "abc"},
        {"person_0": "9" * 40},
        {"sheet": "没有这张表"},
    ],
)
def test_a_correction_that_is_none_of_the_choices_changes_nothing(pages, data):
    book = Workbook()
    book.active.append(HEADINGS)
    book.active.append(row_of(责任人="马朝"))
    book.create_sheet("第二张").append(HEADINGS)
    book.save(buffer := BytesIO())
    _, upload = read(pages, book=buffer.getvalue())
    before = Upload.objects.values().get(pk=upload.pk)

    answer = correct(pages, upload, **data)

    assert answer.status_code == 422
    assert Upload.objects.values().get(pk=upload.pk) == before


def test_two_columns_are_not_both_the_problem(pages):
    """The one that came first would be lost unseen."""
    _, upload = read(pages, row_of())
    before = Upload.objects.values().get(pk=upload.pk)

    answer = correct(pages, upload, column_1="problem", column_2="problem")

    assert answer.status_code == 422
    assert "都当作“存在问题”，请把其中一栏改为别的或不导入。" in text(answer)
    assert Upload.objects.values().get(pk=upload.pk) == before


def test_nobody_outside_is_chosen_for_a_name(pages):
    _, upload = read(pages, row_of(责任人="马朝"))

    answer = correct(pages, upload, person_0=str(pages.world.users["stranger"].pk))

    assert answer.status_code == 422
    assert Upload.objects.get(pk=upload.pk).corrections == {}


def test_a_correction_after_keeping_is_refused(pages):
    _, upload = read(pages, row_of())
    keep(pages, upload)

    answer = correct(pages, upload, column_1="problem")

    assert "不能重复保存" in text(answer)


def test_a_preview_survives_every_column_left_out(pages):
    _, upload = read(pages, row_of())

    answer = correct(pages, upload)

    assert answer.status_code == 200
    assert "没有认出哪一列是“存在问题”" in text(answer)
    assert upload.problems.count() == 0
