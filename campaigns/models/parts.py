"""Parts of a sheet that are for the leading team alone (仅班子), and the sheet without them.

What a branch reads has no word of them: headings, boxes and texts are left out, and one remark says
that there is more. Every page and paper for its reader draws what `for_branch` returns.
"""

from campaigns.models.answers import Mode, Sheet

REMARK = "另有班子部分"
# In the form that tells one case for all items, these texts may be marked by themselves.
BLOCKS = {"case": "典型案例", "cause": "原因", "measures": "措施", "lesson": "体会教训"}


def is_marked(sheet: Sheet) -> bool:
    return bool(sheet.get("team_only"))


def for_branch(sheet: Sheet) -> Sheet:
    """Return the sheet as the branch reads it; the same where nothing is marked."""
    if not is_marked(sheet):
        return sheet
    marked = set(sheet["team_only"])
    keyed = "questions" if sheet["mode"] == Mode.QUESTIONS else "items"
    rows = [row for row in sheet[keyed] if str(row[0]) not in marked]
    picked = [key for key in sheet["picked"] if str(key) not in marked]
    left_out = sorted(marked & BLOCKS.keys())
    if sheet["mode"] == Mode.PICK and not picked:
        left_out = [*BLOCKS]  # they speak of nothing but what is left out
    return sheet | {
        keyed: rows,
        "picked": picked,
        "absent": [key for key in sheet["absent"] if key not in marked],
        "team_only": [],
        "left_out": left_out,
        "more": REMARK,
        "texts": {
            name: text
            for name, text in sheet["texts"].items()
            if not _is_of(name, marked, set(left_out))
        },
    }


def _is_of(name: str, marked: set[str], blocks: set[str]) -> bool:
    """Whether a text (`case_what`, `measures`, `measures_7`, `part_7_0`, `answer_7`) is marked."""
    kind, _, key = name.partition("_")
    if key.partition("_")[0] in marked:
        return True
    return kind in blocks and (kind == "case" or not key)
