"""What in a text tells who somebody is (能认出人的内容): said beside it, for its author to decide.

Pure: names of people and organizations that stand in the text are given; the rest is looked for.
Like hints on wording, never a verdict and never in the way; what is not told may still identify.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import models

from campaigns.models.numbers import LIKELY, numbers
from reform.text import half_width

SHOWN = 30  # told at most: a text that has more is looked through anyway


class What(models.TextChoices):
    PERSON = "person", "姓名或称呼"
    UNIT = "unit", "单位名称"
    POST = "post", "职务"
    PHONE = "phone", "电话或号码"
    MAIL = "mail", "邮箱"
    PLACE = "place", "门牌地址"


@dataclass(frozen=True)
class Trace:
    what: What
    words: str


def of(text: str, *, people: Iterable[str] = (), units: Iterable[str] = ()) -> list[Trace]:
    """Return what may tell who is meant, each wording once, in the order of kinds."""
    flat = half_width(text)
    found = [Trace(What.PERSON, name) for name in people if len(name) > 1 and name in text]
    found += [Trace(What.UNIT, name) for name in units if len(name) > 1 and name in text]
    found += [Trace(What.PHONE, one.digits) for one in numbers(flat, LIKELY)]
    for what, pattern in LOOKED_FOR:
        found += [Trace(what, words) for words in _all(pattern, flat)]
    order = list(What)
    told = dict.fromkeys(found)
    return sorted(told, key=lambda one: order.index(one.what))[:SHOWN]


def _all(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    return (match.group() for match in pattern.finditer(text))


SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
POSTS = (
    "书记|主任|局长|处长|科长|股长|所长|站长|队长|院长|校长|镇长|乡长|主席|部长|组长|委员|经理|同志"
)
LOOKED_FOR: tuple[tuple[What, re.Pattern[str]], ...] = (
    (What.PERSON, re.compile(f"(?<![大中较很最缩微弱从])[小老][{SURNAMES}]")),
    (What.PERSON, re.compile(f"[{SURNAMES}](?:某某?|[×xX*]{{1,2}})")),
    (What.POST, re.compile(f"[{SURNAMES}](?:副|总)?(?:{POSTS})")),
    (What.UNIT, re.compile(r"第[一二三四五六七八九十0-9]{1,3}党(?:支部|总支|小组)")),
    (What.MAIL, re.compile(r"[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")),
    (What.PLACE, re.compile(r"\d{1,5}(?:号楼|号院|单元|栋|幢|室)")),
)
