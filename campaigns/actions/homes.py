"""Where somebody belongs in a campaign (所属党组织), for what he writes as himself."""

from campaigns.models import Campaign
from reform.errors import Refused
from reform.models import Actor, Organization


def home_in(campaign: Campaign, *, by: Actor) -> Organization:
    """Return where the actor belongs today. Raises Refused when it takes no part."""
    home = by.home
    if home is None:
        raise Refused("您目前没有所属的党组织，请联系单位管理员核对后再办理。")
    if not campaign.includes(home):
        raise Refused(f"您所在的“{home}”没有参加“{campaign}”，如有疑问请联系活动办。")
    return home
