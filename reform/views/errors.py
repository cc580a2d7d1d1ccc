"""The one page that says no (出错页): what happened, what to do, and a number to ask by.

None of it asks the database or the person: it is drawn while either may be what is missing.
"""

import sys
from collections.abc import Iterator
from typing import NamedTuple

from django.core.exceptions import (
    DisallowedHost,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme

from reform.logs import reference

RETRY = 30  # seconds after which a browser or a proxy may ask again


class Saying(NamedTuple):
    status: int
    title: str
    heading: str
    sentences: tuple[str, ...]


MISREAD = Saying(
    400, "请求有误", "这个请求无法处理", ("可能是地址不完整或提交的内容有误。请返回上一页重试。",)
)
FORBIDDEN = Saying(
    403,
    "没有权限",
    "您不能办理此事项",
    (
        "您没有办理此事项的权限。",
        "能看什么、能办什么由职责和办理进度决定；认为职责有误的，请联系安全管理员。",
    ),
)
EXPIRED = Saying(
    403,
    "页面已失效",
    "页面已失效，没有提交",
    (
        "页面打开时间太长、在别处重新登录过，或浏览器禁用了 Cookie，都会这样。",
        "请返回上一页，先复制好已填的文字，刷新后再提交。",
    ),
)
NOT_FOUND = Saying(
    404,
    "没有找到",
    "没有找到这个页面",
    ("地址可能有误，内容可能已删除，也可能不在您的查看范围内。",),
)
NOT_SO = Saying(
    405,
    "不能这样打开",
    "这个地址不能直接打开",
    ("此处只接受页面上的按钮操作，没有办理任何事项。请回到原来的页面，点按钮办理。",),
)
TOO_LARGE = Saying(
    413,
    "内容过多",
    "一次提交的内容过多，没有收到",
    ("请减少文字、文件或勾选的行数，分几次提交。",),
)
BROKEN = Saying(
    500,
    "系统出错",
    "系统出错，没有办成",
    ("错误已记录。请稍后再试；仍不成功，请把下面的编号告知系统管理员。",),
)
BUSY = Saying(
    503,
    "系统繁忙",
    "系统繁忙，没有办成",
    ("同时办理的人较多，请过一会儿再提交。已填的内容可返回上一页找到。",),
)
NO_DATABASE = Saying(
    503,
    "暂时不能使用",
    "数据库暂时连接不上，没有办成",
    ("请过几分钟再试；仍不成功，请把下面的编号告知系统管理员。",),
)
NO_STORAGE = Saying(
    503,
    "暂时不能存取文件",
    "文件存储暂时不能使用，没有办成",
    ("磁盘可能已满或不能写入。请把下面的编号告知系统管理员，处理后再试。",),
)
TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
BARE = {405: NOT_SO, 400: MISREAD, 403: FORBIDDEN, 404: NOT_FOUND}  # Django answers with no words

# When not even a template can be drawn.
PLAIN = (
    '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{}</title>'
    '<h1>{}</h1><p>{}</p><p>编号：{}</p><p><a href="/">回到首页</a></p></html>'
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return say(request, TOO_LARGE if isinstance(exception, TOO_MUCH) else MISREAD)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    words = str(exception)
    saying = FORBIDDEN._replace(sentences=(words, FORBIDDEN.sentences[1])) if words else FORBIDDEN
    return say(request, saying)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say our own sentence where a view gave one; Django's own words are English."""
    words = str(exception)
    saying = NOT_FOUND._replace(sentences=(words,)) if words.endswith("。") else NOT_FOUND
    return say(request, saying)


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 -- for the log
    """CSRF_FAILURE_VIEW."""
    return say(request, EXPIRED)


def server_error(request: HttpRequest) -> HttpResponse:
    return say(request, _why(sys.exc_info()[1]))


def filled(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Give an answer that says nothing but its number, as Django's 405, the page of that number."""
    page = say(request, BARE[response.status_code])
    response.content, response["Content-Type"] = page.content, page["Content-Type"]
    # The length of nothing has been written down already; by it a browser would see nothing.
    response["Content-Length"] = str(len(page.content))
    return response


def say(request: HttpRequest, saying: Saying) -> HttpResponse:
    """Answer in the form that was asked for: a page, a piece of one (htmx), or JSON."""
    number = reference.get()
    if "application/json" in request.headers.get("accept", ""):
        words = {"error": f"{saying.heading}。{saying.sentences[0]}", "reference": number}
        response: HttpResponse = JsonResponse(words, status=saying.status)
    elif request.headers.get("hx-request") == "true":
        note = '<p class="note note--stop" role="alert">{}。{}（编号 {}）</p>'
        words = format_html(note, saying.heading, saying.sentences[0], number)
        response = HttpResponse(words, status=saying.status)
    else:
        response = HttpResponse(_page(request, saying, number), status=saying.status)
    if saying.status == 503:
        response["Retry-After"] = str(RETRY)
    return response


def _page(request: HttpRequest, saying: Saying, number: str) -> str:
    context = {"saying": saying, "reference": number, "before": _came_from(request)}
    try:
        return render_to_string("error.html", context)
    except (ValueError, OSError, TemplateDoesNotExist, DatabaseError):
        return format_html(PLAIN, saying.title, saying.heading, saying.sentences[0], number)


def _came_from(request: HttpRequest) -> str:
    """The page of ours that led here, for a way back; nothing from elsewhere."""
    try:
        host, here = request.get_host(), request.build_absolute_uri()
    except DisallowedHost:
        return ""
    before = request.headers.get("referer", "")
    return before if before != here and url_has_allowed_host_and_scheme(before, {host}) else ""


def _why(error: BaseException | None) -> Saying:
    """What the person can do something about: wait, or call the one who minds the machine."""
    for cause in _causes(error):
        if isinstance(cause, UnreadablePostError):
            return MISREAD
        if isinstance(cause, OperationalError | InterfaceError):
            words = str(cause)
            if "locked" in words or "deadlock" in words:
                return BUSY
            # On SQLite a full disk; a table that is not there is a fault of ours.
            full = "disk" in words or "readonly" in words
            return NO_STORAGE if full else BROKEN if words.startswith("no such") else NO_DATABASE
        if isinstance(cause, OSError):
            return NO_STORAGE
    return BROKEN


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
