"""What people found in themselves: for the secretary to take onto the ledger (查摆问题入账), and
for each the page of what became of his own (我的查摆问题)."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from campaigns.models import Finding
from rectification.actions import findings
from rectification.models import found
from rectification.models.found import WHOLE
from rectification.views.found_lists import Found, FoundList, TakeFound
from reform.views.lists import PagedList

FINDINGS = Found(
    address="findings",
    of=found.of_his_branch,
    states=found.STATES,
    whole=WHOLE,
    order=(
        "submission__examination__organization__sequence",
        "submission__examination__author__name",
        "submission__examination",
        "position",
    ),
    act="fd.take",
    not_yours="查摆问题由所在党组织书记入账；您自己的在“我的查摆问题”中。",
    take_in=findings.take_in,
    taken_page="rectification/findings/taken.html",
)


class FindingList(FoundList):
    """The findings of one's branch; the words only of texts that one has opened, as their authors
    were promised."""

    kind = FINDINGS
    template_name = "rectification/findings/list.html"
    title = "查摆问题入账"
    narrowing = {
        "organization": "submission__examination__organization",
        "checklist": "submission__examination__checklist",
    }


class TakeFindings(TakeFound):
    kind = FINDINGS


class MyFindings(PagedList):
    """What one found in oneself, and what became of each on the ledger."""

    template_name = "rectification/findings/mine.html"
    title = "我的查摆问题"

    def get_queryset(self) -> QuerySet[Finding]:
        rows = found.of_himself(self.request.actor).select_related(*WHOLE)
        return rows.order_by("-submission__examination", "position")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = found.of_himself(self.request.actor)
        counts = rows.aggregate(
            found=Count("pk"),
            taken=Count("problem"),
            closed=Count("pk", filter=Q(problem__status="closed")),
        )
        return super().get_context_data(**kwargs) | {
            "figures": [
                ("查摆出", counts["found"]),
                ("已入账", counts["taken"]),
                ("已销号", counts["closed"]),
            ]
        }
