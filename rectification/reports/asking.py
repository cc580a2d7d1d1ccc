"""What asking has in common (催办): texts to copy and letters, of weekly reports and of problems.

Whoever is asked is named with what is asked and by when, and nobody as late: a text to copy is read
by all.
"""

from collections.abc import Sequence
from datetime import date, datetime

from campaigns.models import BEIJING, Campaign
from reform import word
from reform.models import Organization

NAMED = 30  # organizations that a text to copy names


def named(names: Sequence[str]) -> str:
    """Return “甲、乙”, of very many the first and “等35个单位”."""
    more = f"等{len(names)}个单位" if len(names) > NAMED else ""
    return "、".join(names[:NAMED]) + more


def under(campaign: Campaign) -> str:
    """Return “按照…工作安排”; many campaigns are called “…专项工作” themselves."""
    return f"按照{str(campaign).removesuffix('工作')}工作安排"


def contact(organization: Organization, campaign: Campaign) -> str:
    return f"有困难请与{organization}{campaign.office_name}联系。"


def short_day(day: date) -> str:
    """Return “6月4日”."""
    return f"{day.month}月{day.day}日"


def moment(at: datetime) -> str:
    """Return “6月4日17时”, in Beijing."""
    local = at.astimezone(BEIJING)
    minutes = f"{local:%M}分" if local.minute else ""
    return f"{short_day(local)}{local.hour}时{minutes}"


def begin(paper: word.Paper, title: str, names: Sequence[str]) -> None:
    """Write the head of a letter: its title, and whom it is to."""
    paper.title(title)
    paper.addressee(f"{'、'.join(names)}：")


def sign(
    paper: word.Paper, organization: Organization, campaign: Campaign, *, at: datetime
) -> None:
    """Sign for the office of the campaign at an organization."""
    day = at.astimezone(BEIJING).date()
    paper.signature(f"{organization.name}{campaign.office_name}", day)
