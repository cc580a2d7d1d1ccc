"""Merging what four sources say of somebody (合并意见): four columns on one page."""

from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404

from campaigns.actions import opinions, portrait_items
from campaigns.forms.portraits import ItemForm, MergeForm, NoteForm
from campaigns.models import Opinion, Portrait, PortraitItem, PortraitSource
from campaigns.views.portrait_pages import WHOLE, ToMerge
from reform.models import Actor
from reform.text import fold


class Merge(ToMerge):
    """Four columns, what was merged of them, and one form: merge, not adopted, ask back."""

    form_class = MergeForm
    template_name = "campaigns/portraits/merge.html"
    extra_context = {"form_wide": True}
    done = "已办理。"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"合并意见：{self.portrait.name}"

    def get_form_kwargs(self) -> dict[str, Any]:
        row, actor = self.portrait, self.request.actor
        return super().get_form_kwargs() | {
            "opinions": row.opinions.waiting(),
            "findings": portrait_items.found_by_himself(row, actor).filter(
                pk__in=self.unmerged_findings()
            ),
            "items": row.items.all(),
        }

    def unmerged_findings(self) -> list[int]:
        taken = set(self.portrait.items.values_list("findings", flat=True))
        rows = portrait_items.found_by_himself(self.portrait, self.request.actor)
        return [row.pk for row in rows if row.pk not in taken]

    def act(self, row: Portrait, *, by: Actor, at: datetime, **facts: Any) -> Any:
        chosen, text = facts["opinions"], facts["text"]
        if facts["do"] == MergeForm.ASK:
            return opinions.ask(row, opinions=chosen, question=text, by=by, at=at)
        if facts["do"] == MergeForm.REFUSE:
            return opinions.refuse(row, opinions=chosen, why=text, by=by, at=at)
        keys = [int(key) for key in facts["findings"]]
        return portrait_items.merge(
            row, opinions=chosen, findings=keys, text=text, into=facts["into"], by=by, at=at
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        row, form = self.portrait, context["form"]
        ticked = {name: set(form[name].value() or ()) for name in ("opinions", "findings")}
        said = list(row.opinions.all())
        items = list(row.items.prefetch_related("opinions", "findings"))
        return context | {
            "ticked": ticked["opinions"] | ticked["findings"],
            "columns": columns(said, form.fields["findings"].choices, row, self.request.actor),
            "own_keys": set(Opinion.objects.by(self.request.actor).values_list("pk", flat=True))
            & {one.pk for one in said},
            "refused": [one for one in said if one.refused],
            "items": [(item, echoes(item)) for item in items],
            "unopened": portrait_items.unopened(row, self.request.actor),
            "waiting": [one for one in said if not one.item_id and not one.refused],
        }


def columns(
    said: list[Opinion], choices: Any, row: Portrait, actor: Actor
) -> list[tuple[str, list[Any]]]:
    """Return (source, what still waits there) of the four sources, in their order."""
    keys = {int(key) for key, _ in choices}
    found = [one for one in portrait_items.found_by_himself(row, actor) if one.pk in keys]
    waiting = [one for one in said if not one.item_id and not one.refused]
    return [
        (
            source.label,
            found
            if source == PortraitSource.SELF
            else [one for one in waiting if one.source == source],
        )
        for source in PortraitSource
    ]


def echoes(item: PortraitItem) -> bool:
    """Whether a sentence repeats what a colleague said word for word: he would be known by it."""
    words = fold(item.text)
    said = [fold(one.text) for one in item.opinions.all() if one.source == PortraitSource.PEER]
    return any(one and one in words for one in said)


class Note(ToMerge):
    form_class = NoteForm
    done = "已录入。"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"录入意见：{self.portrait.name}"

    def act(self, row: Portrait, *, by: Actor, at: datetime, **facts: Any) -> Opinion:
        return opinions.note(row, **facts, by=by, at=at)


class ChangeItem(ToMerge):
    """Other words for one sentence; or, by its second button, its opinions apart again."""

    form_class = ItemForm
    template_name = "campaigns/portraits/item.html"
    done = "已保存。"
    title = "修改合并的意见"

    def load(self) -> PortraitItem:
        seen = Portrait.objects.visible_to(self.request.actor).order_by().values("pk")
        rows = PortraitItem.objects.filter(portrait__in=seen)
        rows = rows.select_related(*(f"portrait__{name}" for name in WHOLE))
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @property
    def portrait(self) -> Portrait:
        return self.object.portrait

    def get_initial(self) -> dict[str, Any]:
        return {"text": self.object.text, "version": self.object.version}

    def act(self, item: PortraitItem, *, by: Actor, at: datetime, **facts: Any) -> Any:
        if "apart" in self.request.POST:
            return portrait_items.take_apart(item, by=by, at=at)
        return portrait_items.reword(item, **facts, by=by, at=at)
