"""Who receives an organization's weekly report: the office above it (`wr.receive`), or, where it
joined from another tree, the office of the one that leads (`wr.aggregate` there)."""

from datetime import datetime

from rectification import policy
from rectification.actions import weekly_issues
from rectification.models import WeeklyIssue
from reform.models import Actor, Organization


def may(actor: Actor, issue: WeeklyIssue, organization: Organization, *, at: datetime) -> bool:
    """Return whether the actor takes in, returns and defers the report of an organization."""
    if policy.may_here(actor, "wr.receive", organization):
        return True
    lead = issue.campaign.organization
    return policy.may_here(actor, "wr.aggregate", lead) and reports_from_outside(
        issue, organization, at=at
    )


def require(actor: Actor, issue: WeeklyIssue, organization: Organization, *, at: datetime) -> None:
    """Raise Forbidden for whoever may not; keep in whose place the actor acts."""
    if not policy.may_here(actor, "wr.receive", organization) and reports_from_outside(
        issue, organization, at=at
    ):
        policy.require_here(actor, "wr.aggregate", issue.campaign.organization)
    else:
        policy.require_here(actor, "wr.receive", organization)


def reports_from_outside(issue: WeeklyIssue, organization: Organization, *, at: datetime) -> bool:
    """Return whether an organization of another tree reports straight to the one that leads."""
    lead = issue.campaign.organization
    if lead.covers(organization.path):
        return False
    return weekly_issues.collator_of(issue, organization, at=at) == lead
