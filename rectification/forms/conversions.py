"""The form by which somebody is told that his problem is to become his unit's."""

from django import forms

from rectification.models import Conversion
from reform.forms.act import ActForm, TextField


class TurnForm(ActForm):
    submit = "告知本人"
    becomes = forms.ChoiceField(label="转为", choices=Conversion.Becomes, initial="unit")
    reason = TextField(
        label="理由",
        rows=3,
        max_length=500,
        help_text="本人会看到这段话。例如：不是个人作风问题，是本单位没有规定由谁回复。",
    )
