"""What a message says: whole for the person's own mail, and neutral for a group or a telephone.

A group reads along, and so does whoever carries short messages: they are told how many things of
which kind wait, and nothing of what they are.
"""

from collections.abc import Iterable, Iterator
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from reform.actions.outbox import Line, Message
from reform.models import Notice
from reform.text import clean

NAME = "以案促改"
MOST = 50  # lines of a message; the rest is in the inbox


def subject(message: Message) -> str:
    """Return the subject of a mail; of a single thing told at its minute, that thing itself."""
    day = f"{message.day.month}月{message.day.day}日"
    if message.timing == Notice.Timing.DIGEST:
        return f"【{NAME}】{day}提醒，共{message.count}条"
    first = message.sections[0]
    if message.count == 1:
        return f"【{NAME}】{first.title}：{_words(first.lines[0])}"
    return f"【{NAME}】{first.title}等{message.count}条"


def text(message: Message) -> str:
    """Return the mail: what presses first, each with its link, capped."""
    parts, room = [f"{message.person.name}同志："], MOST
    for section in message.sections:
        if lines := section.lines[:room]:
            parts += ["", f"{section.title}（{section.count}条）", *_numbered(lines)]
        room -= len(lines)
    if hidden := message.count - (MOST - room):
        parts += ["", f"另有{hidden}条，见收件箱：{link(reverse('inbox'))}"]
    choices = link(reverse("notice-choices"))
    return "\n".join([*parts, "", "本邮件由系统发出，请勿回复。", f"更改提醒方式：{choices}"])


def _numbered(lines: Iterable[Line]) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        yield f"{number}. {_words(line)}"
        if line.url:
            yield f"   {link(line.url)}"


def _words(line: Line) -> str:
    return clean(line.subject, multiline=False) + ("（补发）" if line.late else "")


def neutral(message: Message) -> str:
    """“3条提醒（逾期提醒2、周报催报1）”."""
    kinds = "、".join(f"{section.title}{section.count}" for section in message.sections)
    return f"{message.count}条提醒（{kinds}）"


def code_mail(code: str) -> tuple[str, str]:
    """Return subject and text of the mail that proves an address. It names nobody: a stranger may
    read it."""
    text = (
        f"验证码：{code}\n\n请在“提醒方式”的“验证邮箱”页填写，30分钟内有效：\n"
        f"{link(reverse('notice-address'))}\n\n不是您本人申请的，请不必理会；不填写验证码，"
        "不会有提醒发到这里。\n本邮件由系统发出，请勿回复。"
    )
    return f"【{NAME}】邮箱验证码", text


def moved_mail(name: str, masked: str) -> tuple[str, str]:
    """Return what the address in use until now is told when another takes its place."""
    text = (
        f"{name}同志：\n\n您的提醒邮箱已改为{masked}，今后的提醒不再发到这里。\n"
        "不是您本人修改的，请立即修改密码，并告知安全管理员。\n\n本邮件由系统发出，请勿回复。"
    )
    return f"【{NAME}】提醒邮箱已更换", text


def link(path: str) -> str:
    return urljoin(settings.PUBLIC_URL, path)
