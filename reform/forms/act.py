"""The look every act form shares, and its token."""

import uuid
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout, Submit
from django import forms

from reform.text import clean


class CleanTextMixin:
    """Every text that comes in by a form goes through the one cleaner (DESIGN §9)."""

    default_error_messages: ClassVar[dict[str, str]] = {
        "max_length": "最多%(limit_value)d字，现在有%(show_value)d字，请精简后再提交。"
    }

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = clean(value, multiline=self.multiline)  # type: ignore[attr-defined]
        return super().to_python(value)  # type: ignore[misc]


class LineField(CleanTextMixin, forms.CharField):
    """One line of text."""

    multiline = False


class TextField(CleanTextMixin, forms.CharField):
    """Several lines of text."""

    multiline = True
    widget = forms.Textarea

    def __init__(self, *, rows: int = 4, max_length: int = 5000, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        self.widget.attrs["rows"] = rows

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Leave `maxlength` out: of what is pasted the browser would cut the end without a word."""
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs


class ActForm(forms.Form):
    """A form that does one act. `token` lets it have its effect once."""

    submit = "提交"
    # Field → when it is of use, “kind=reference” or “kind=file|note”; a script hides it otherwise.
    shown_for: ClassVar[dict[str, str]] = {}
    token = forms.UUIDField(
        label="表单标识", widget=forms.HiddenInput, required=False, initial=uuid.uuid4
    )

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper(self)
        helper.form_tag = False
        helper.layout = Layout(*map(self._placed, self.fields))
        helper.add_input(Submit("submit", self.submit))
        return helper

    def _placed(self, name: str) -> str | Div:
        condition = self.shown_for.get(name)
        return Div(name, data_shown_for=condition) if condition else name
