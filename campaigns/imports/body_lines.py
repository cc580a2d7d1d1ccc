"""Lists of members as papers print them (组成人员名单): “组长：张三（书记）”, a line each.

Also 副组长：李四（副局长）、王五（纪检组长）, names in columns (“组　长：张　三　　书记”), lines
without a title below the one they belong to, and three columns pasted from a workbook.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from campaigns.models.body import TITLES
from reform.models import Duty, User
from reform.text import clean

ORDINARY = "成员"
TITLED = re.compile(r"^([^：:（(、，,]{1,20}?)\s*[：:]\s*(.*)$")
NAME = re.compile(r"[\u3400-\u9fff·•．A-Za-z]{2,40}")
SHORT = re.compile(r"[\u3400-\u9fff]{2,4}")
APART = re.compile(r"(?<![\u3400-\u9fff])([\u3400-\u9fff])\s+([\u3400-\u9fff])(?![\u3400-\u9fff])")
BRACKETED = re.compile(r"^([^（(]*)[（(](.*)[）)]$")
OPENING, CLOSING, BETWEEN = "（(", "）)", "、，,；;"
# Words with which a post ends, and names do not.
POST = re.compile(r"(书记|.[长员师]|主任|主席|干事|负责人|会计|经理|秘书)$")
LONGEST_TITLE, LONGEST_POST = 20, 60


@dataclass(frozen=True)
class Written:
    """Somebody as he stands in the list; `line` is counted from 1."""

    line: int
    title: str
    name: str
    post: str = ""


def read(text: str) -> tuple[list[Written], list[str]]:
    """Return the people of a pasted list, and what cannot be read of it, in sentences."""
    found: list[Written] = []
    title = ORDINARY
    for number, raw in enumerate(text.split("\n"), start=1):
        line = clean(raw)
        if not line:
            continue
        title, rest = _titled(line, title)
        people = _people(rest) if rest else ()
        found += [Written(number, title, name, post) for name, post in people]
    return found, [fault for one in found if (fault := _fault(one))]


def _fault(one: Written) -> str:
    if not NAME.fullmatch(one.name):
        return f"第{one.line}行“{one.name[:20]}”看不出是姓名，请写成“组长：张三（书记）”。"
    if len(one.title) > LONGEST_TITLE or len(one.post) > LONGEST_POST:
        most = f"组内职务最多{LONGEST_TITLE}字，时任职务最多{LONGEST_POST}字"
        return f"第{one.line}行的职务太长：{most}。"
    return ""


def _titled(line: str, before: str) -> tuple[str, str]:
    """Return the title a line is under, and what else it says."""
    if found := TITLED.match(line):
        return "".join(found[1].split()), found[2].strip()
    head, _, rest = line.partition("\t")
    if rest and "".join(head.split()) in TITLES:
        return "".join(head.split()), rest.strip()
    joined = APART.sub(r"\1\2", line)
    first, _, rest = joined.partition(" ")
    if rest and first in TITLES:
        return first, rest.strip()
    return before, line


def _people(rest: str) -> Iterator[tuple[str, str]]:
    """Yield (name, post) of all whom one line names."""
    if "\t" in rest:
        name, *posts = [part.strip() for part in rest.split("\t") if part.strip()]
        yield _plain(name), "".join(posts)
        return
    rest = APART.sub(r"\1\2", " ".join(rest.split()))
    pieces = _apart(rest)
    if not any(sign in rest for sign in OPENING) and " " in pieces[0]:
        yield from _spaced(rest)
        return
    for piece in pieces:
        if found := BRACKETED.match(piece):
            yield _plain(found[1]), found[2].strip()
        else:
            yield from _spaced(piece)


def _spaced(piece: str) -> Iterator[tuple[str, str]]:
    """“张三 书记” is somebody with his post; “张三 李四” are two."""
    first, *others = piece.split()
    if others and all(SHORT.fullmatch(one) and not POST.search(one) for one in others):
        yield from ((name, "") for name in (first, *others))
    else:
        yield _plain(first), " ".join(others)


def _apart(text: str) -> list[str]:
    """Return what stands between the signs, those in brackets left alone."""
    pieces, depth = [""], 0
    for sign in text:
        depth += (sign in OPENING) - (sign in CLOSING)
        if sign in BETWEEN and depth <= 0:
            pieces.append("")
        else:
            pieces[-1] += sign
    return [piece.strip() for piece in pieces if piece.strip()] or [text]


def _plain(name: str) -> str:
    return "".join(name.split())


# ---------------------------------------------------------------- accounts


def called(names: Iterable[str]) -> dict[str, list[User]]:
    """Return the people of each name who may be meant, the first account of each."""
    found: dict[str, list[User]] = {}
    rows = User.objects.active().filter(name__in=set(names), same_as=None)
    for user in rows.order_by("pk"):
        found.setdefault(user.name, []).append(user)
    return found


def meant(post: str, people: Sequence[User]) -> User | None:
    """Return the one who is meant: the only one, or the only one of this post."""
    if len(people) > 1 and post:
        people = [user for user in people if user.post == post]
    return people[0] if len(people) == 1 else None


def told_apart(people: Sequence[User], *, on: date) -> list[tuple[str, str]]:
    """Return (key, words) of people who bear one name: where each belongs, and his post."""
    held = Duty.objects.in_force(on).filter(user__in=people).select_related("organization")
    at = {duty.user_id: duty.organization for duty in held.order_by("home", "-pk")}  # home last
    return [
        (str(user.pk), "，".join(map(str, filter(None, (user, at.get(user.pk), user.post)))))
        for user in people
    ]
