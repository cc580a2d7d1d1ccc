"""Forms of who leads a campaign: bodies, their members by the line, who is first responsible."""

from abc import abstractmethod
from datetime import date
from typing import Any

from django import forms

from campaigns.actions.bodies import NewMember
from campaigns.forms.stages import VersionField
from campaigns.imports import body_lines
from campaigns.models import Body, BodyMember
from reform.forms.act import ActForm, LineField, TextField
from reform.forms.days import DayField
from reform.forms.pickers import NUMBERED, OrganizationField, PickerInput
from reform.models import User
from reform.text import key_of

NOBODY = "0"  # chosen where none of those who bear the name is meant
MOST_ASKED = 20  # namesakes to choose from
HOW = (
    "从文件中粘贴，一行一个：组长：张三（书记）。同一职务多人可写在一行，用顿号分开；"
    "没有账号的只记姓名。同名的会请您选择是哪一位。"
)


class NamesakesMixin:
    """Matches names with accounts; where several people bear one, the form asks which is meant.

    Without a script: the question comes back with all that was typed, and is answered once.
    """

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on
        self.written: list[body_lines.Written] = []
        self.faults: list[str] = []
        if self.is_bound:  # type: ignore[attr-defined]
            self.written, self.faults = self.read()
            self._ask()

    @abstractmethod
    def read(self) -> tuple[list[body_lines.Written], list[str]]:
        """Return who is named by what was sent, and what of it cannot be read."""

    def _ask(self) -> None:
        self.found = body_lines.called(one.name for one in self.written)
        for place, one in enumerate(self.written):
            people = self.found.get(one.name, [])[:MOST_ASKED]
            if len(people) > 1 and not body_lines.meant(one.post, people):
                choices = body_lines.told_apart(people, on=self.on)
                self.fields[f"who_{place}"] = forms.ChoiceField(  # type: ignore[attr-defined]
                    label=f"“{one.name}”有{len(people)}人，是哪一位",
                    choices=[*choices, (NOBODY, "都不是，只记姓名")],
                    widget=forms.RadioSelect,
                    error_messages={
                        "required": f"请选择是哪一位{one.name}。",
                        "invalid_choice": f"请选择是哪一位{one.name}。",
                    },
                )

    def members(self, data: dict[str, Any]) -> list[NewMember]:
        """Take the answers out of the form's data and return the people."""
        made = []
        for place, one in enumerate(self.written):
            people = self.found.get(one.name, [])
            user = body_lines.meant(one.post, people)
            if answer := data.pop(f"who_{place}", ""):
                user = next((user for user in people if str(user.pk) == answer), None)
            post = one.post or (user.post if user else "")
            made.append(NewMember(one.title, one.name, post[: body_lines.LONGEST_POST], user))
        return made


class LinesMixin(NamesakesMixin):
    def read(self) -> tuple[list[body_lines.Written], list[str]]:
        return body_lines.read(str(self.data.get("lines", ""))[:20_000])  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()  # type: ignore[misc]
        data.pop("lines", None)
        for fault in self.faults[:10]:
            self.add_error("lines", fault)  # type: ignore[attr-defined]
        if not self.faults:
            data["members"] = self.members(data)
        return data


class BodyForm(LinesMixin, ActForm):
    submit = "设立"
    shown_for = {"plan": "kind=task_force"}
    kind = forms.ChoiceField(label="种类", choices=Body.Kind)
    name = LineField(label="名称", max_length=60)
    since = DayField(label="设立日期")
    host = OrganizationField(
        label="设在", required=False, help_text="办公室设在哪个单位；可以不填。"
    )
    purpose = TextField(label="职责", rows=3, max_length=1000, required=False)
    plan = TextField(
        label="方案",
        rows=4,
        max_length=5000,
        required=False,
        help_text="专班“一名领导、一套班子、一个方案”的方案，写要点即可。",
    )
    lines = TextField(label="组成人员", rows=8, max_length=20_000, required=False, help_text=HOW)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("kind") != Body.Kind.TASK_FORCE:
            data["plan"] = ""  # the box is hidden then
        return data


class ChangeBodyForm(ActForm):
    submit = "保存"
    name = LineField(label="名称", max_length=60)
    host = OrganizationField(label="设在", required=False)
    purpose = TextField(label="职责", rows=3, max_length=1000, required=False)
    plan = TextField(label="方案", rows=6, max_length=5000, required=False)
    version = VersionField()

    def __init__(self, *args: Any, is_task_force: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_task_force:
            del self.fields["plan"]

    def clean(self) -> dict[str, Any]:
        return {"plan": ""} | super().clean()


class MembersForm(LinesMixin, ActForm):
    submit = "登记"
    since = DayField(label="任职日期")
    lines = TextField(label="组成人员", rows=8, max_length=20_000, help_text=HOW)


class LeaveForm(ActForm):
    submit = "登记离任"
    members = forms.MultipleChoiceField(
        label="离任人员",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请选择离任的人员。"},
    )
    until = DayField(label="离任日期", help_text="最后一天。")
    mistaken = forms.BooleanField(
        label="是误录", required=False, help_text="勾选后名单和曾任人员里都不再显示，留痕里仍有。"
    )
    reason = LineField(label="原因", max_length=200, required=False)

    def __init__(self, *args: Any, rows: list[BodyMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {str(row.pk): row for row in rows}
        self.fields["members"].choices = [
            (key, f"{row.title}　{row.named}") for key, row in self.rows.items()
        ]

    def clean_members(self) -> list[BodyMember]:
        return [self.rows[key] for key in self.cleaned_data["members"]]


class OrderForm(ActForm):
    submit = "保存次序"

    def __init__(self, *args: Any, rows: list[BodyMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        for place, row in enumerate(rows, start=1):
            self.fields[f"place_{row.pk}"] = forms.IntegerField(
                label=f"{row.title}　{row.named}", min_value=1, max_value=999, initial=place
            )
        if rows:
            first = self.fields[f"place_{rows[0].pk}"]
            first.help_text = "要移动谁，就把谁的数字改成想排的位次；不同职务的先后不变。"

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        places = {row.pk: data.pop(f"place_{row.pk}", 0) for row in self.rows}
        before = {row.pk: place for place, row in enumerate(self.rows, start=1)}
        # Who was moved stands before who stood there.
        data["order"] = sorted(
            self.rows, key=lambda row: (places[row.pk], places[row.pk] == before[row.pk])
        )
        return data


class DissolveForm(ActForm):
    submit = "撤销"
    until = DayField(label="撤销日期", help_text="组成人员同日离任；名单和方案仍可查看。")
    reason = LineField(label="原因", max_length=200)


class ResponsibleForm(NamesakesMixin, ActForm):
    submit = "指定"
    organization = OrganizationField(label="单位")
    name = LineField(
        label="第一责任人",
        max_length=60,
        widget=PickerInput("/people/search/"),
        help_text="没有账号的只写姓名。",
    )
    post = LineField(
        label="职务", max_length=60, required=False, help_text="不填则按账号里的职务。"
    )
    since = DayField(label="自")

    def __init__(self, *args: Any, places: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = places

    def read(self) -> tuple[list[body_lines.Written], list[str]]:
        """A row that was picked says who is meant by itself."""
        words = str(self.data.get("name", ""))[:60].strip()
        numbered = NUMBERED.search(words)
        rows = User.objects.active().filter(pk=key_of(numbered[1])) if numbered else []
        self.picked = next(iter(rows), None)
        if numbered or not words:
            return [], []
        post = str(self.data.get("post", ""))[:60].strip()
        return [body_lines.Written(1, "", "".join(words.split()), post)], []

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()
        name, post = data.pop("name", ""), data.pop("post", "")
        if self.picked:
            user = self.picked
            data["person"] = NewMember("", user.name, post or user.post[:60], user)
        elif self.written and not self.errors:
            if not body_lines.NAME.fullmatch(self.written[0].name):
                self.add_error("name", "请填写一个人的姓名。")
            data["person"] = self.members(data)[0]
        elif name:
            self.add_error("name", f"没有找到“{name}”，请重新选择，或者只写姓名。")
        return data


class UnnameForm(ActForm):
    submit = "按职责确定"
