"""What every page has in common: the frame, the words of tags and days, the pages that say no."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import get_resolver, path, reverse
from django.utils.datastructures import MultiValueDict

from reform import urls
from reform.errors import Stale
from reform.models import Job, Role
from reform.templatetags import menus
from reform.templatetags import reform as tags
from reform.views import errors
from tests.factories import ON, OrganizationFactory, person

PAGES = [*Path(settings.BASE_DIR, "templates").rglob("*.html")]


def drawn(source, **context):
    return Template("{% load reform texts %}" + source).render(Context(context))


@pytest.fixture
def signed_in(client):
    user = person("张三", OrganizationFactory(name="住建局党委"), Role.SECRETARY, Role.MEMBER)
    client.force_login(user)
    return user


# ---- the frame ----------------------------------------------------------------------------------


def test_the_frame_says_who_where_and_that_nothing_secret_belongs_here(client, signed_in):
    page = client.get(reverse("people")).content.decode()

    assert "张三" in page
    assert "住建局党委" in page
    assert "本系统为非涉密系统，严禁存储、处理、传输国家秘密" in page
    assert '<html lang="zh-CN"' in page
    assert 'href="#main"' in page


def walked(resolver):
    for one in resolver.url_patterns:
        if hasattr(one, "url_patterns"):
            yield from walked(one)
        else:
            yield str(one.pattern)


def test_every_entry_of_the_menu_leads_somewhere():
    for name, *_ in menus.MENU:
        assert reverse(name)


def test_the_menu_marks_where_one_is(client, signed_in):
    page = client.get(reverse("person", args=[signed_in.pk])).content.decode()

    assert re.findall(r'href="([^"]+)" aria-current="page"', page) == [reverse("people")]


@pytest.mark.parametrize("address", menus.OF_CAMPAIGNS)
def test_what_stands_in_a_campaign_is_marked_as_of_the_campaigns(address):
    who = person("王芳", OrganizationFactory(), Role.MEMBER)
    request = RequestFactory().get(f"{address}7/")
    request.actor = SimpleNamespace(duties=who.duties.all())

    marked = re.findall(r'href="([^"]+)" aria-current="page"', menus.menu({"request": request}))

    assert marked == [reverse("campaigns")]


def test_every_address_that_is_of_the_campaigns_is_there():
    rough = str(list(walked(get_resolver())))
    assert [one for one in menus.OF_CAMPAIGNS if f"'{one.lstrip('/')}" not in rough] == []


@pytest.mark.no_database
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_template_asks_for_what_the_content_security_policy_forbids(page):
    text = page.read_text()

    assert not re.search(r"""\sstyle=["']""", text)
    assert not re.search(r"\son[a-z]+=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "<style" not in text


def test_the_policy_is_sent_with_every_page(client, signed_in):
    sent = client.get(reverse("people"))["Content-Security-Policy"]

    assert "script-src 'self'" in sent
    assert "unsafe" not in sent


# ---- the pages that say no ----------------------------------------------------------------------


def refuse(request):
    raise PermissionDenied("您没有办理此事项的权限。")


def break_down(request):
    raise RuntimeError


def misread(request):
    raise BadRequest


urlpatterns = [
    *urls.urlpatterns,
    path("refused/", refuse),
    path("broken/", break_down),
    path("misread/", misread),
]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler405, handler500 = urls.handler404, urls.handler405, urls.handler500


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/nowhere/", 404, "没有找到这个页面"),
        ("/refused/", 403, "您没有办理此事项的权限。"),
        ("/misread/", 400, "这个请求无法处理"),
        ("/broken/", 500, "系统出错，没有办成"),
    ],
)
def test_a_page_that_says_no_says_why_and_leads_home(client, signed_in, address, status, words):
    client.raise_request_exception = False

    answer = client.get(address)

    assert answer.status_code == status
    assert words in answer.content.decode()
    assert 'href="/"' in answer.content.decode()


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("before", "leads"),
    [
        ("http://testserver/problems/7/", True),
        ("/problems/7/", True),
        ("http://elsewhere.example/problems/7/", False),
        ("javascript:alert(1)", False),
        ("//elsewhere.example/", False),
        ("http://testserver/nowhere/", False),  # itself
    ],
)
def test_a_refusal_leads_back_to_our_own_page_only(client, signed_in, before, leads):
    answer = client.get("/nowhere/", headers={"referer": before}).content.decode()

    assert (f'href="{before}"' in answer) == leads
    assert ("返回上一页" in answer) == leads


def test_the_page_of_a_fault_asks_the_database_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = errors.server_error(RequestFactory().get("/"))

    assert "系统出错" in answer.content.decode()


def test_a_form_from_a_page_that_expired_says_what_to_do(client, signed_in):
    strict = type(client)(enforce_csrf_checks=True)
    strict.force_login(signed_in)

    refused = strict.post(reverse("suggest"), {"text": "x"})

    assert refused.status_code == 403
    assert "页面已失效，没有提交" in refused.content.decode()


# ---- words --------------------------------------------------------------------------------------


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("due_on", "words", "tone"),
    [
        (date(2026, 5, 31), "逾期3天", "red"),
        (date(2026, 6, 2), "逾期1天", "red"),
        (date(2026, 6, 3), "今天到期", "orange"),
        (date(2026, 6, 10), "还有7天", "orange"),
        (date(2026, 6, 11), "还有8天", ""),
        (None, "", ""),
    ],
)
def test_a_due_day_says_how_far_off_it_is(due_on, words, tone):
    assert tags.due_words(due_on, ON) == words
    assert tags.due_tone(due_on, ON) == tone


@pytest.mark.no_database
def test_a_due_day_says_nothing_more_while_its_clock_stands_still():
    request = SimpleNamespace(actor=SimpleNamespace(on=ON))
    late = date(2026, 6, 1)

    running = drawn("{% due day %}", day=late, request=request)
    stopped = drawn("{% due day False %}", day=late, request=request)

    assert "逾期2天" in running
    assert stopped == '<time datetime="2026-06-01">2026-06-01</time>'
    assert "未定" in drawn("{% due day %}", day=None, request=request)


@pytest.mark.no_database
def test_days_and_moments_are_written_as_papers_write_them():
    evening = datetime(2026, 6, 4, 18, 5, tzinfo=UTC)  # already the fifth in Beijing

    assert tags.day(date(2026, 6, 5)) == "2026年6月5日"
    assert tags.day(evening) == "2026年6月5日"
    assert tags.moment(evening) == "2026年6月5日 02:05"
    assert (tags.day(None), tags.moment(None)) == ("", "")


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("size", "words"),
    [(None, "0 B"), (812, "812 B"), (35_840, "35 KB"), (1_258_291, "1.2 MB"), (10**9, "954 MB")],
)
def test_a_size_is_said_in_the_nearest_unit(size, words):
    assert tags.filesize(size) == words


@pytest.mark.no_database
def test_a_status_is_a_word_with_a_tone_and_never_markup():
    waiting = drawn('{% status job "state" %}', job=Job(state=Job.State.WAITING))

    assert waiting == '<span class="tag tag--grey">等待中</span>'
    assert "&lt;b&gt;" in drawn("{% tag words %}", words="<b>")


@pytest.mark.no_database
def test_an_address_keeps_the_filters_and_a_change_goes_back_to_the_first_page():
    request = RequestFactory().get("/", {"status": "closed", "page": "3", "q": "甲 乙"})

    assert drawn("{% query page=4 %}", request=request) == (
        "?status=closed&amp;page=4&amp;q=%E7%94%B2+%E4%B9%99"
    )
    assert drawn('{% query status="draft" q=None %}', request=request) == "?status=draft"


@pytest.mark.no_database
def test_a_heading_sorts_up_and_then_down():
    def heading(**sent):
        return drawn('{% sorted_by "due_on" "时限" %}', request=RequestFactory().get("/", sent))

    assert 'aria-sort="none"' in heading()
    assert 'href="?sort=due_on"' in heading()
    assert 'aria-sort="ascending"' in heading(sort="due_on")
    assert 'href="?sort=-due_on"' in heading(sort="due_on")


@pytest.mark.no_database
def test_two_texts_mark_the_sentences_that_differ_and_escape_them():
    shown = drawn("{% diff old new %}", old="一样。<b>旧。", new="一样。新&。")

    assert "一样。<del>&lt;b&gt;旧。</del>" in shown
    assert "一样。<ins>新&amp;。</ins>" in shown


# ---- the page that shows both texts -------------------------------------------------------------


class WordsForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    cause = forms.CharField(label="原因分析", widget=forms.Textarea)
    level = forms.ChoiceField(label="程度", choices=[("a", "一般"), ("b", "重点")])
    due_on = forms.DateField(label="时限")
    remark = forms.CharField(label="备注", required=False)


def stale_page(**now):
    typed = {"version": "3", "cause": "我的\r\n两行", "level": "a", "due_on": "2026-06-30"}
    form = WordsForm(typed | {"remark": "备注也在"})
    assert form.is_valid()
    stale = Stale("李海燕已更正了这个问题。", now, 4)
    form.add_error(None, str(stale))
    request = RequestFactory().get("/")
    request.user = SimpleNamespace(is_authenticated=False)
    context = {"form": form, "stale": stale, "object": "问题", "title": "更正"}
    return render_to_string("conflict.html", context, request=request)


@pytest.mark.no_database
def test_both_texts_are_shown_and_nothing_typed_is_lost():
    page = stale_page(cause="他的<b>", level="重点", due_on=date(2026, 7, 1), remark="备注也在")

    assert "李海燕已更正了这个问题。" in page
    assert "我的\n两行" in page.replace("\r", "")
    assert "他的&lt;b&gt;" in page
    assert "2026年7月1日" in page
    assert 'value="备注也在"' in page
    assert 'name="version" value="4"' in page


@pytest.mark.no_database
def test_only_what_differs_is_asked_about():
    page = stale_page(cause="我的\n两行", level="a", due_on=date(2026, 7, 1), remark="备注也在")

    assert re.findall(r'id="theirs-(\w+)"', page) == ["due_on"]


@pytest.mark.no_database
def test_taking_the_other_text_is_sending_the_field_a_second_time():
    page = stale_page(cause="他的", level="重点", due_on=date(2026, 7, 1), remark="备注也在")
    boxes = dict(re.findall(r'id="theirs-(\w+)" name="\w+" value="([^"]*)"', page))
    sent = MultiValueDict(
        {
            "version": ["4"],
            "cause": ["我的", boxes["cause"]],
            "level": ["a", boxes["level"]],
            "due_on": ["2026-06-30", boxes["due_on"]],
        }
    )

    form = WordsForm(sent)

    assert form.is_valid()
    assert form.cleaned_data["cause"] == "他的"
    assert form.cleaned_data["level"] == "b"
    assert form.cleaned_data["due_on"] == date(2026, 7, 1)
    assert page.index('name="cause"') < page.index('id="theirs-cause"')
