"""The goals of a draft (活动目标): which they are, and which facts count for each."""

from datetime import datetime
from typing import Any

from campaigns.actions import goals
from campaigns.forms.goals import GoalsForm
from campaigns.models import Campaign
from campaigns.views.drafts import DraftAct
from reform.models import Actor


class DraftGoals(DraftAct):
    form_class = GoalsForm
    title = "活动目标"

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = [{"title": one.title, "facts": list(one.facts)} for one in goals.of(self.campaign)]
        return super().get_form_kwargs() | {"rows": rows}

    def act(
        self, campaign: Campaign, *, by: Actor, at: datetime, edition: int, **_: Any
    ) -> Campaign:
        return goals.set_goals(campaign, rows=self.typed.facts(), edition=edition, by=by, at=at)
