"""Word lists of a campaign (词表): general phrases (虚话套话), and what all write (格式用语).

A campaign without a list of its own goes by the one that stands here.
"""

from django.db import models

from campaigns.models.campaign import Campaign
from campaigns.models.checklist import Checklist, Item, Question

LINES = 500  # of one list, at most
LINE = 200  # characters of one of them

# Said of anything, by anybody: a problem is not told by them (domain §7.5).
GENERAL = """
学习不够深入
学习不够系统
理论学习不够
学用结合不够
政治站位不高
政治敏锐性不强
思想认识不到位
思想上重视不够
责任意识不强
责任心不强
担当精神不足
担当意识不强
大局意识不强
宗旨意识不强
服务意识不强
创新意识不强
创新精神不足
工作标准不高
工作不够扎实
工作不够深入
工作作风不实
工作主动性不强
工作方法简单
工作热情不高
落实不够到位
抓落实力度不够
执行力不强
联系群众不够
深入基层不够
调查研究不够
纪律意识不强
自我要求不严
批评和自我批评不够
斗争精神不足
存在畏难情绪
存在差距和不足
有待进一步提高
有待进一步加强
""".strip().splitlines()

# Said by everybody, since the form or the plan says them: no likeness.
TEMPLATE = """
根据以案促改工作安排
按照以案促改工作安排
对照庸懒散慢虚粗六个方面
对照慵懒散浮拖五个方面
结合本人思想、工作实际
结合自身学习、工作、生活实际
认真开展了自查剖析
通过参加警示教育大会
思想上受到了一次深刻教育
提升一轮治理效能
查处一批腐败案件
完善一批重要制度
解决一批突出问题
受到一次深刻教育
增强“四个意识”、坚定“四个自信”、做到“两个维护”
以习近平新时代中国特色社会主义思想为指导
在今后的工作中
以上是本人的自查剖析
不当之处，请组织和同志们批评指正
以案为鉴、以案促改、以案促治
举一反三、立行立改
""".strip().splitlines()


class WordList(models.Model):
    class Kind(models.TextChoices):
        GENERAL = "general", "虚话套话"
        TEMPLATE = "template", "格式用语"

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="word_lists")
    kind = models.CharField("种类", max_length=10, choices=Kind)
    lines = models.JSONField("词句", default=list)

    class Meta:
        verbose_name = verbose_name_plural = "词表"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "kind"], name="word_list_once"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


DEFAULT: dict[str, list[str]] = {
    WordList.Kind.GENERAL: GENERAL,
    WordList.Kind.TEMPLATE: TEMPLATE,
}


def lines_of(campaign: Campaign, kind: str) -> list[str]:
    """Return the lines of a campaign's list: its own, else the one it begins with."""
    row = WordList.objects.filter(campaign=campaign, kind=kind).first()
    return DEFAULT[kind] if row is None else row.lines


def said_by_all(campaign: Campaign) -> list[str]:
    """Return what everybody's text may say: the list, and whatever the form itself says."""
    lists = Checklist.objects.filter(campaign=campaign).values_list("title", "guidance", "parts")
    items = Item.objects.filter(campaign=campaign).values_list("name", "description")
    asked = Question.objects.filter(checklist__campaign=campaign).values_list("text", flat=True)
    said = [campaign.title, *lines_of(campaign, WordList.Kind.TEMPLATE), *asked]
    for title, guidance, parts in lists:
        said += [title, guidance, *parts]
    for name, description in items:
        said += [name, description]
    return said
