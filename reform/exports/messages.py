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


def link(path: str) -> str:
    return urljoin(settings.PUBLIC_URL, path)
