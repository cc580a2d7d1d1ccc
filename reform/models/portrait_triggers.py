"""What the database refuses of portraits (画像): docs/decisions/0032.

What was said keeps its words, what the subject was shown stays as he read it, and a portrait that
is closed changes no more and knows nobody who spoke.
"""

from reform.models.trigger import Trigger, append_only

PORTRAIT, OPINION, ITEM = "campaigns_portrait", "campaigns_opinion", "campaigns_portraititem"
FINAL = "('filed', 'set_aside')"
CLOSED = "已归档或不再办理的画像不能再修改"


def portraits() -> list[Trigger]:
    spoken = f"NEW.status IN {FINAL} AND EXISTS (SELECT 1 FROM {OPINION} o"  # noqa: S608 -- ours
    spoken += " WHERE o.portrait_id = NEW.id AND o.speaker_id IS NOT NULL)"
    same = "NEW.text <> OLD.text OR NEW.source <> OLD.source OR NEW.portrait_id <> OLD.portrait_id"
    same += " OR NEW.id <> OLD.id OR (NEW.speaker_id IS NOT NULL"
    same += " AND (OLD.speaker_id IS NULL OR NEW.speaker_id <> OLD.speaker_id))"
    return [
        Trigger(f"{PORTRAIT}_update_final", PORTRAIT, "UPDATE", f"OLD.status IN {FINAL}", CLOSED),
        Trigger(f"{PORTRAIT}_delete_refused", PORTRAIT, "DELETE", "", "画像不能删除"),
        Trigger(
            f"{PORTRAIT}_update_spoken", PORTRAIT, "UPDATE", spoken, "画像办结前须先抹去提出人"
        ),
        Trigger(f"{OPINION}_update_words", OPINION, "UPDATE", same, "提出的意见不能修改"),
        *_hanging(OPINION, "final", f"p.status IN {FINAL}", CLOSED),
        *_hanging(ITEM, "shown", "p.status <> 'merging'", "已交本人阅看的意见不能再修改"),
        *_linked(),
        *append_only("campaigns_portraitreceipt", "画像归档回执不能修改或删除"),
    ]


def _hanging(table: str, name: str, standing: str, message: str) -> list[Trigger]:
    """Rows of a portrait that stands like this neither come, change nor go."""
    there = f"EXISTS (SELECT 1 FROM {PORTRAIT} p"  # noqa: S608 -- ours
    there += f" WHERE p.id = {{row}}.portrait_id AND {standing})"
    return [
        Trigger(f"{table}_{event.lower()}_{name}", table, event, there.format(row=row), message)
        for event, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD"))
    ]


def _linked() -> list[Trigger]:
    table, message = f"{ITEM}_findings", "已交本人阅看的意见不能再修改"
    there = f"EXISTS (SELECT 1 FROM {ITEM} i JOIN {PORTRAIT} p ON p.id = i.portrait_id"  # noqa: S608
    there += " WHERE i.id = {row}.portraititem_id AND p.status <> 'merging')"
    return [
        Trigger(f"{table}_{event.lower()}_shown", table, event, there.format(row=row), message)
        for event, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD"))
    ]
