"""Forms for changing the tree: first what will happen is shown, then it is said yes to."""

import re
from typing import Any, ClassVar

from django import forms
from django.db.models import Q

from rectification.actions.reorganizations import NOTHING_GOES
from rectification.models import Problem
from reform.forms.act import ActForm, LineField, TextField
from reform.forms.days import DayField
from reform.forms.organizations import (
    CodeField,
    DocumentField,
    KindField,
    NameField,
    ShortNameField,
)
from reform.forms.pickers import OrganizationField
from reform.models import Duty, Organization, Role
from reform.text import key_of

SHOWN = 200  # members and rows to be ticked on one page; more go by name, by person, or all
NAMED = 10  # names in a refusal
BETWEEN = re.compile(r"[、，,；;\n]+")


class PreviewedForm(ActForm):
    """Sent once it shows what will happen; sent again with `sure` it is done.

    What is confirmed is what was shown: by then the other fields are hidden.
    """

    submit = "查看影响"
    verb = "确认"
    sure = LineField(label="确认", required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization = organization
        self.fields["sure"].label = f"确认无误的，请输入“{organization}”"

    @property
    def is_sure(self) -> bool:
        return self.cleaned_data.get("sure") == self.organization.name

    def ask(self) -> None:
        """Hide everything but the question."""
        for field in self.fields.values():
            many = isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
            field.widget = forms.MultipleHiddenInput() if many else forms.HiddenInput()
        sure = self.fields["sure"]
        sure.widget = forms.TextInput(attrs={"autocomplete": "off"})
        if self.cleaned_data.get("sure"):
            self.add_error("sure", f"请照原样输入“{self.organization}”。")
        self.shown_for = {}  # type: ignore[misc]
        self.submit = self.verb


class MoveForm(PreviewedForm):
    verb = "确认移动"
    under = OrganizationField(
        label="新的上级", required=False, help_text="空着表示移到最上级，不再有上级。"
    )


class RetireForm(PreviewedForm):
    verb = "确认撤销"
    on = DayField(label="撤销日期")
    document = DocumentField()
    into = OrganizationField(
        label="承接单位",
        required=False,
        help_text="还有未办结事项或人员的，须填写由哪个党组织承接；已经全部移交的，可以空着。",
    )


class OrganizationsField(TextField):
    """Several organizations, one a line, each by name, short name, code or as “名称 #17”."""

    def clean(self, value: Any) -> list[Organization]:  # type: ignore[override]
        one = OrganizationField()
        names = [name.strip() for name in BETWEEN.split(super().clean(value))]
        found = [one.clean(name) for name in names if name]
        return list(dict.fromkeys(found))


class MergeForm(PreviewedForm):
    verb = "确认合并"
    shown_for: ClassVar[dict[str, str]] = {
        "into": "way=existing",
        **dict.fromkeys(("name", "short_name", "kind", "code"), "way=new"),
    }
    also = OrganizationsField(
        label="一并合并的其他党组织",
        rows=2,
        required=False,
        help_text="每行一个，填写全称、简称或代码；没有的空着。",
    )
    way = forms.ChoiceField(
        label="合并方式",
        choices=[("existing", "并入现有的党组织"), ("new", "合并成一个新的党组织")],
        widget=forms.RadioSelect,
        initial="existing",
    )
    into = OrganizationField(label="并入", required=False)
    name = NameField("新党组织名称", required=False)
    short_name = ShortNameField()
    kind = KindField(required=False)
    code = CodeField(required=False)
    on = DayField(label="合并日期")
    document = DocumentField()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        needed = {"existing": ("into",), "new": ("name", "kind", "code")}
        for name in needed.get(data.get("way", ""), ()):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, "请填写这一项。")
        return data


class TickedField(forms.ModelMultipleChoiceField):
    """Rows to be ticked. What is no key of any row is no choice: SQLite knows no number of 20
    digits, and Django looks all up before it looks at each."""

    def clean(self, value: Any) -> Any:
        return super().clean([one if key_of(str(one)) else "" for one in value or ()])


class MembersField(TickedField):
    def label_from_instance(self, duty: Any) -> str:
        return f"{duty.user}（{duty.user.post}）" if duty.user.post else str(duty.user)


class RowsField(TickedField):
    """Rows by number only: the system administrator has no business scope."""

    def label_from_instance(self, row: Any) -> str:
        due = f" · 时限{row.due_on}" if row.due_on else ""
        return f"{row} · {row.get_status_display()}{due}"


class SplitForm(PreviewedForm):
    """Those that go are ticked, or all of them, or who is named: no page lists ten thousand."""

    verb = "确认分设"
    shown_for: ClassVar[dict[str, str]] = {
        "members": "members_way=picked",
        "names": "members_way=named",
        "problems": "problems_way=picked",
    }
    name = NameField("新党组织名称")
    short_name = ShortNameField()
    kind = KindField()
    code = CodeField()
    on = DayField(label="分设日期")
    document = DocumentField()
    children = TickedField(
        label="划转的下级党组织",
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="连同其全部下级、人员和问题一并划到新党组织之下。",
    )
    members_way = forms.ChoiceField(
        label="划转哪些成员",
        choices=[("picked", "勾选"), ("named", "按姓名"), ("all", "全部")],
        widget=forms.RadioSelect,
        initial="picked",
        required=False,
    )
    members = MembersField(
        label="划转的成员", queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    names = TextField(
        label="划转成员的姓名",
        rows=4,
        max_length=20_000,
        required=False,
        help_text="每行一个，或用顿号分开。有同名的，请改用勾选。",
    )
    problems_way = forms.ChoiceField(
        label="划转哪些未销号问题",
        choices=[
            ("picked", "勾选"),
            ("people", "随经办人：责任人（草稿为录入人）在划转成员之中的"),
            ("all", "全部"),
        ],
        widget=forms.RadioSelect,
        initial="picked",
        required=False,
    )
    problems = RowsField(
        label="划转的未销号问题",
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="这里只列编号和状态；划转哪些，请按批复或活动办的意见勾选。",
    )
    # How many members and rows were shown to go: what is confirmed is what was shown.
    counted = LineField(label="已列出的数目", required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, on: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = self.organization
        members = Duty.objects.in_force(on).filter(organization=place, role=Role.MEMBER)
        self.members = members.filter(user__is_active=True).select_related("user")
        rows = Problem.objects.filter(organization=place).exclude(status=Problem.Status.CLOSED)
        self.rows = rows.order_by("pk")
        children = Organization.objects.in_force(on).filter(parent=place)
        self.fields["children"].queryset = children.official_order()
        if not children.exists():
            del self.fields["children"]
        self.offer("members", self.members.order_by("user__name", "pk"), "名成员")
        self.offer("problems", self.rows, "条问题")

    def offer(self, name: str, rows: Any, word: str) -> None:
        """Let the first of many be ticked, and say so where there are more."""
        field, more = self.fields[name], rows.count() - SHOWN
        field.queryset = _first(rows)
        if name == "members":
            field.queryset = field.queryset.select_related("user")
        if more > 0:
            told = f"只列出前{SHOWN}个，另有{more}{word}，请在上面改选其他方式。"
            field.help_text = f"{field.help_text}{told}"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["members"] = self._members(data)
        data["problems"] = self._problems(data)
        gone = (data["members"], data["problems"], data.setdefault("children", ()))
        if not any(gone) and not self.errors:
            self.add_error(None, NOTHING_GOES)
        counted = f"{len(data['members'])}/{len(data['problems'])}"
        shown = data.pop("counted", "")
        if data.get("sure") and shown not in {"", counted} and not self.errors:
            self.add_error(None, "查看影响之后，成员或问题又有变动，请重新核对。")
        self.now_counted = counted
        return data

    def _members(self, data: dict[str, Any]) -> list[Duty]:
        way, names = data.pop("members_way", ""), data.pop("names", "") or ""
        if way == "all":
            return list(self.members.order_by("pk"))
        if way != "named":
            return list(data.get("members") or ())
        asked = dict.fromkeys(filter(None, (name.strip() for name in BETWEEN.split(names))))
        found: dict[str, list[Duty]] = {name: [] for name in asked}
        for duty in self.members.filter(user__name__in=list(asked)).order_by("pk"):
            found[duty.user.name].append(duty)
        unknown = [name for name, duties in found.items() if not duties]
        several = [name for name, duties in found.items() if len(duties) > 1]
        if unknown:
            words = "、".join(unknown[:NAMED])
            self.add_error("names", f"“{self.organization}”没有这些成员：{words}，请核对姓名。")
        if several:
            words = "、".join(several[:NAMED])
            self.add_error("names", f"有同名的成员：{words}，请改用勾选。")
        return [duty for duties in found.values() for duty in duties]

    def _problems(self, data: dict[str, Any]) -> list[Problem]:
        way = data.pop("problems_way", "")
        if way == "all":
            return list(self.rows)
        if way != "people":
            return list(data.get("problems") or ())
        people = [duty.user_id for duty in data["members"]]
        answers = Q(people__part="responsible", people__user__in=people)
        typed = Q(status=Problem.Status.DRAFT, drafted_by__in=people)
        return list(self.rows.filter(answers | typed).distinct())

    def ask(self) -> None:
        super().ask()
        self.data = self.data.copy()
        self.data["counted"] = self.now_counted


def _first(rows: Any) -> Any:
    return rows.model.objects.filter(pk__in=rows.values("pk")[:SHOWN]).order_by("pk")
