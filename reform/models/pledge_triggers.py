"""The triggers that keep what was signed, submitted and consented to: pledges (公开承诺),
reflections (心得体会) and their showcase (展示)."""

from reform.models.trigger import Trigger, append_only

# A signed pledge has the promises it was signed with: `size` of them.
FULL = (
    "(SELECT COUNT(*) FROM campaigns_pledgeitem i WHERE i.pledge_id = NEW.pledge_id)"
    " >= (SELECT p.size FROM campaigns_pledge p WHERE p.id = NEW.pledge_id)"
)
SUBMITTED = "OLD.status = 'submitted'"


def pledges_and_reflections() -> list[Trigger]:
    signed, said = "已签署的承诺不能修改或删除，需要时另签新版", "已提交的心得体会不能修改或删除"
    item, reflection = "campaigns_pledgeitem", "campaigns_reflection"
    words = {
        "pledge": signed,
        "pledgeitem": signed,
        "pledgereader": "承诺的阅看人在签署时确定，不能修改或删除",
        "fulfilment": "承诺兑现填报不能修改或删除，需要时另填一条",
        "reflectionreader": "心得体会的阅看人在提交时确定，不能修改或删除",
        "consent": "同意展示的记录不能修改或删除，需要时撤回",
        "consentend": "撤回同意的记录不能修改或删除",
        "showing": "展示记录不能修改或删除，需要时撤下",
        "showingend": "撤下展示的记录不能修改或删除",
    }
    return [
        *(
            trigger
            for name, message in words.items()
            for trigger in append_only(f"campaigns_{name}", message)
        ),
        Trigger(f"{item}_insert_signed", item, "INSERT", FULL, signed),
        *(
            Trigger(f"{reflection}_{event.lower()}_submitted", reflection, event, SUBMITTED, said)
            for event in ("UPDATE", "DELETE")
        ),
    ]
