"""Who decides about a campaign, here or on paper (线下签批): SOD-01 of PERMISSIONS.md.

Persons are compared, not accounts; of a delegate (请假委托) both count. On paper, separation is
judged on the signer, and who enters it may be neither the author nor the signer.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from campaigns import policy
from campaigns.models import Act, Campaign, ChangeRequest, Publication
from reform.actions import trail
from reform.errors import Forbidden, Refused
from reform.models import Actor, Attachment, Duty, Role, User
from reform.text import fold


@dataclass(frozen=True)
class Paper:
    """What stands on a signed paper: who, when, in which words; and its scan."""

    signer: User | None
    signer_name: str
    signer_post: str
    signed_on: date
    opinion: str
    scan: Attachment


def check(
    campaign: Campaign,
    act: str,
    paper: Paper | None,
    *,
    authors: list[User],
    begun: date | None = None,
    opinion: str = "",
    by: Actor,
    at: datetime,
) -> dict[str, Any]:
    """Return the columns of `Signed` for a decision by the actor, or on paper.

    `authors` wrote or asked for what is decided; `begun` is the day before which no paper can have
    been signed. Raises Forbidden for whoever keeps out, Refused for a paper that cannot be.
    """
    if paper is None:
        keep_out(authors, by)
        return {
            "decided_by": by.user,
            "decided_by_name": by.user.name,
            "decided_by_post": by.user.post,
            "decided_at": at,
            "opinion": opinion,
        }
    _check_paper(campaign, act, paper, authors=authors, begun=begun, by=by)
    signer = paper.signer
    return {
        "decided_by": signer,
        "decided_by_name": signer.name if signer else paper.signer_name,
        "decided_by_post": paper.signer_post or (signer.post if signer else ""),
        "decided_at": at,
        "opinion": paper.opinion,
        "recorded_by": by.user,
        "signed_on": paper.signed_on,
        "scan": paper.scan,
    }


def keep_out(authors: list[User], by: Actor) -> None:
    """Raise Forbidden for an author, and for who decides in the place of one (SOD-01, 14)."""
    persons = {user.person_id for user in authors}
    if by.user.person_id in persons:
        raise Forbidden("起草人、申请人不能自己批准，请由其他领导办理，或线下签批。")
    if by.behalf and by.behalf.person_id in persons:
        raise Forbidden(f"您受{by.behalf}委托，而{by.behalf}是起草人或申请人，不能批准。")


def _check_paper(
    campaign: Campaign,
    act: str,
    paper: Paper,
    *,
    authors: list[User],
    begun: date | None,
    by: Actor,
) -> None:
    if by.persons & {one.person_id for one in authors}:
        raise Forbidden("起草人、申请人不能录入线下签批，请由活动办其他人或联络员录入。")
    if not (begun or paper.signed_on) <= paper.signed_on <= by.on:
        raise Refused("签批日期不能晚于今天，也不能早于起草或申请的日期。")
    if not paper.opinion:
        raise Refused("请照纸面原文填写签批意见。")
    if paper.signer:
        _check_signer(campaign, act, paper.signer, authors, on=paper.signed_on, by=by)
    else:
        _check_name(campaign, paper.signer_name, authors, by=by)


def _check_name(campaign: Campaign, signer: str, authors: list[User], *, by: Actor) -> None:
    """Somebody who is not on the register is judged by name; who is, is chosen from the list."""
    name = fold(signer)
    if not name:
        raise Refused("请选择签批人，或填写签批人姓名。")
    if name in {fold(user.name) for user in (*authors, by.user)}:
        raise Refused("签批人不能是起草人、申请人，也不能是录入人本人。")
    if name in {fold(user.name) for user in _serving(campaign, on=by.on)}:
        raise Refused(f"“{signer}”在人员名册中，请在“签批人（在册）”中选择。")


def _check_signer(
    campaign: Campaign, act: str, signer: User, authors: list[User], *, on: date, by: Actor
) -> None:
    barred = {user.person_id for user in (*authors, by.user)}
    if signer.person_id in barred:
        raise Refused("签批人不能是起草人、申请人，也不能是录入人本人。")
    if not policy.may_here(Actor.of(signer, on=on), act, campaign.organization):
        raise Refused(f"{signer}在签批当日没有{policy.TABLE[act][0]}的职责，请核对签批人。")


def _serving(campaign: Campaign, *, on: date) -> list[User]:
    """Return who holds a duty at the leading organization or above: he is judged by his account."""
    lineage = campaign.organization.lineage
    duties = Duty.objects.in_force(on).filter(organization__path__in=lineage)
    return list(User.objects.filter(pk__in=duties.order_by().values("user"), is_active=True))


def signers(campaign: Campaign, act: str, *, on: date) -> list[User]:
    """Return those who may sign, for the form to offer: few, leaders of the lineage."""
    lineage = campaign.organization.lineage
    duties = Duty.objects.in_force(on).filter(
        organization__path__in=lineage, role=Role.LEADER, user__is_active=True
    )
    found = User.objects.filter(pk__in=duties.order_by().values("user")).order_by("pk")
    place = campaign.organization
    return [user for user in found if policy.may_here(Actor.of(user, on=on), act, place)]


def may_read(actor: Actor, campaign: Campaign) -> bool:
    """Return whether the scan is for the actor: who prepares, enters or decides."""
    acts = ("ca.create", "ca.publish", "sign.record")
    return any(policy.may_here(actor, act, campaign.organization) for act in acts)


def read_scan(row: Publication | ChangeRequest, *, by: Actor, at: datetime) -> Attachment:
    """Hand out the scan of a decision on paper; the download is in the trail."""
    if not may_read(by, row.campaign):
        raise Forbidden("签批扫描件供活动办和领导查看。")
    if row.scan is None:
        raise Refused("这项决定没有扫描件。")
    trail.record(
        Act.SCAN_READ, row.campaign, by=by, at=at, quote=row.scan.name, sha256=row.scan.sha256
    )
    return row.scan
