"""The triggers that keep dated rows of a campaign's organization (组织领导) as they were written.

Leaving ends a row and no more; a row that has ended stays. Only with the draft of its campaign
does one go.
"""

from collections.abc import Callable, Collection
from typing import Any

from reform.models.trigger import Trigger

# Table → which columns may still be written while it has not ended, and its campaign's key.
OF_BODY = "(SELECT b.campaign_id FROM campaigns_body b WHERE b.id = OLD.body_id)"
DATED: dict[str, tuple[set[str], str]] = {
    "campaigns_bodymember": ({"until", "mistaken", "position"}, OF_BODY),
    "campaigns_firstresponsible": ({"until"}, "OLD.campaign_id"),
}
PUBLISHED = (
    "EXISTS (SELECT 1 FROM campaigns_campaign c WHERE c.id = {campaign} AND c.status <> 'draft')"
)
KEPT = "按日期登记的人员不能改写或删除，离任请另行登记"
DISSOLVED = "已撤销的组织机构不能再修改"


def dated_rows(
    connection: Any, changed: Callable[[Any, str, Collection[str]], str]
) -> list[Trigger]:
    """`changed` says in the engine's words that some column but the named ones differs."""
    if "campaigns_body" not in connection.introspection.table_names():
        return []
    made = []
    for table, (open_columns, campaign) in DATED.items():
        rewritten = f"OLD.until IS NOT NULL OR {changed(connection, table, open_columns)}"
        gone = PUBLISHED.format(campaign=campaign)
        made += [
            Trigger(f"{table}_update_kept", table, "UPDATE", rewritten, KEPT),
            Trigger(f"{table}_delete_kept", table, "DELETE", gone, KEPT),
        ]
    body, of_it = "campaigns_body", PUBLISHED.format(campaign="OLD.campaign_id")
    return [
        *made,
        Trigger(f"{body}_update_dissolved", body, "UPDATE", "OLD.until IS NOT NULL", DISSOLVED),
        Trigger(f"{body}_delete_kept", body, "DELETE", of_it, KEPT),
    ]
