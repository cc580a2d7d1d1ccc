"""Days as forms ask for them."""

from datetime import date

from django import forms

from rectification.actions.requirements import not_yet_found
from reform.forms.act import ActForm
from reform.forms.days import DayField

__all__ = ["DayField", "FoundForm"]


class FoundForm(ActForm):
    """Asks when a problem was found, and has `on`, the day of the request."""

    on: date

    def clean_found_on(self) -> date | None:
        day = self.cleaned_data["found_on"]
        if why := not_yet_found(day, on=self.on):
            raise forms.ValidationError(why)
        return day
