"""The page of a campaign's word lists (词表)."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from campaigns import policy
from campaigns.actions import word_lists
from campaigns.forms.word_lists import WordListsForm
from campaigns.models import Campaign, WordList
from campaigns.models.word_list import lines_of
from reform.models import Actor
from reform.views.act import ActView


class WordLists(ActView):
    model = Campaign
    form_class = WordListsForm
    template_name = "campaigns/word_lists/edit.html"
    title = "词表"
    done = "词表已保存，今后的提示按新词表。"

    def may(self, actor: Actor, campaign: Campaign) -> bool:
        return policy.may_here(actor, "ck.edit", campaign.organization)

    def back(self) -> str:
        return reverse("campaign", args=[self.object.pk])

    def get_initial(self) -> dict[str, Any]:
        return {kind: "\n".join(lines_of(self.object, kind)) for kind in WordList.Kind.values}

    def act(self, campaign: Campaign, *, by: Actor, at: datetime, **texts: str) -> Campaign:
        return word_lists.change(campaign, texts=texts, by=by, at=at)
