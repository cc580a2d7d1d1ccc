from campaigns.models.act import Act
from campaigns.models.campaign import Campaign, Participation
from campaigns.models.checklist import Checklist, Item, Question, Source
from campaigns.models.closing_level import ClosingLevel, ClosingStep
from campaigns.models.likeness import KeptText, TextKey
from campaigns.models.reminder_rule import Cause, Recipient, ReminderRule
from campaigns.models.report_week import BEIJING, CutOff, Level, Policy, Schedule, Week
from campaigns.models.weekly_plan import Obligation, WeeklyPlan
from campaigns.models.word_list import WordList

__all__ = [
    "BEIJING",
    "Act",
    "Campaign",
    "Cause",
    "Checklist",
    "ClosingLevel",
    "ClosingStep",
    "CutOff",
    "Item",
    "KeptText",
    "Level",
    "Obligation",
    "Participation",
    "Policy",
    "Question",
    "Recipient",
    "ReminderRule",
    "Schedule",
    "Source",
    "TextKey",
    "Week",
    "WeeklyPlan",
    "WordList",
]
