"""The triggers that freeze checklists (检查清单) once their campaign is published."""

from typing import Any

from reform.models.trigger import Trigger

# A checklist is frozen once its campaign is published; an item still comes in by a change that was
# approved and is being applied (campaigns/actions/changes.py).
PUBLISHED = (
    "EXISTS (SELECT 1 FROM campaigns_campaign c WHERE c.id IN ({rows}) AND c.status <> 'draft')"
)
OF_LISTS = "SELECT l.campaign_id FROM campaigns_checklist l WHERE l.id IN ({rows})"
ALLOWED = (
    "NOT EXISTS (SELECT 1 FROM campaigns_changerequest r WHERE r.campaign_id = NEW.campaign_id"
    " AND r.kind = 'item' AND r.status = 'approved' AND r.applied_at IS NULL)"
)


def frozen_checklists(connection: Any) -> list[Trigger]:
    if "campaigns_changerequest" not in connection.introspection.table_names():
        return []
    message = "活动已发布，检查清单不能再修改"
    both = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}

    def frozen(table: str, of: str, column: str) -> list[Trigger]:
        found = []
        for event, sides in both.items():
            rows = of.format(rows=", ".join(f"{side}.{column}" for side in sides))
            when = PUBLISHED.format(rows=rows)
            if (table, event) == ("campaigns_item", "INSERT"):
                when += f" AND {ALLOWED}"
            found.append(Trigger(f"{table}_{event.lower()}_published", table, event, when, message))
        return found

    return [
        *frozen("campaigns_checklist", "{rows}", "campaign_id"),
        *frozen("campaigns_question", OF_LISTS, "checklist_id"),
        *frozen("campaigns_item", "{rows}", "campaign_id"),
    ]
