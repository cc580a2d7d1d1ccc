"""Word papers (公文): the numbers of GB/T 9704 in one place, over python-docx.

Fonts are named, with their eastAsia name, and never shipped. Real paragraphs and tables, no blanks
for alignment. Text goes in whole: whatever users write is text to Word. Knows no business.
"""

from reform.word.paper import FORM, OFFICIAL, Numbers, Paper, long_day
from reform.word.table import CENTRED, LABEL, RIGHT, TEXT, Look, Table

__all__ = [
    "CENTRED",
    "FORM",
    "LABEL",
    "OFFICIAL",
    "RIGHT",
    "TEXT",
    "Look",
    "Numbers",
    "Paper",
    "Table",
    "long_day",
]
