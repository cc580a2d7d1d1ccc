"""Publishing a campaign (发布), once what its review chain lacks has been seen."""

from datetime import datetime

from campaigns.actions import campaigns
from campaigns.actions.signatures import Paper
from campaigns.models import Campaign
from rectification.actions import chain_checks
from reform.errors import Refused
from reform.models import Actor


def publish(
    campaign: Campaign,
    *,
    seen: str,
    confirmed: bool,
    paper: Paper | None = None,
    by: Actor,
    at: datetime,
) -> Campaign:
    """Publish with the gaps of the chain as they are today; `seen` is the digest of those that
    stood on the page. Raises Refused while they are not confirmed, or are others than these."""
    gaps = chain_checks.check(campaign, on=by.on)
    if gaps and seen != chain_checks.digest(gaps):
        raise Refused("审核链体检的结果有变化，请看过下面新的名单再确认。")
    if gaps and not confirmed:
        raise Refused(f"审核链有{len(gaps)}处没有人可办理，请看过名单并勾选确认，或先补齐职责。")
    kept = [gap.data() for gap in gaps]
    return campaigns.publish(campaign, gaps=kept, paper=paper, by=by, at=at)
