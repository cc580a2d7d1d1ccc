"""Forms of publishing a campaign, here or on paper, and of ending it."""

from typing import Any

from django import forms

from campaigns.forms.signatures import PaperForm
from reform.forms.act import ActForm, TextField


class GapsForm(ActForm):
    """Says which gaps of the review chain were seen, and that they were."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    confirmed = forms.BooleanField(
        label="已看过审核链体检的名单，这些步骤由上级办理、指派人员或线下签批", required=False
    )

    def __init__(self, *args: Any, gaps: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not gaps:
            del self.fields["confirmed"]


class PublishForm(GapsForm):
    submit = "批准发布"


class PublishPaperForm(GapsForm, PaperForm):
    submit = "录入线下签批并发布"
    field_order = (
        *("signer", "signer_name", "signer_post", "signed_on", "opinion", "scan"),
        *("confirmed", "seen"),
    )


class ConcludeForm(ActForm):
    submit = "结束活动"
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    reason = TextField(
        label="未销号问题怎样继续整改",
        rows=3,
        max_length=1000,
        required=False,
        help_text="还有未销号问题的，必须写明；没有的可以不填。",
    )
