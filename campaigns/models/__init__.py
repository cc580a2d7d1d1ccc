from campaigns.models.act import Act
from campaigns.models.activity import Activity
from campaigns.models.assignment import (
    Assignment,
    AssignmentEntry,
    AssignmentImport,
    Clause,
    SuperiorRequest,
)
from campaigns.models.campaign import Campaign, Participation
from campaigns.models.checklist import Checklist, Item, Question, Source
from campaigns.models.closing_level import ClosingLevel, ClosingStep
from campaigns.models.examination import Examination, Reader
from campaigns.models.kit import Kit
from campaigns.models.likeness import KeptText, TextKey
from campaigns.models.plan import CampaignPlan, PlannedStage
from campaigns.models.pledge import Fulfilment, Pledge, PledgeItem, PledgeReader
from campaigns.models.reflection import Audience, Reflection, ReflectionReader
from campaigns.models.reminder_rule import Cause, Recipient, ReminderRule
from campaigns.models.report_week import BEIJING, CutOff, Level, Policy, Schedule, Week
from campaigns.models.showcase import Consent, ConsentEnd, Showing, ShowingEnd
from campaigns.models.signed import ChangeRequest, Publication
from campaigns.models.stage import Condition, Excuse, ExcuseEnd, Stage, StageChange
from campaigns.models.submission import (
    Finding,
    Reading,
    Submission,
    Tick,
    Verdict,
    Withdrawal,
)
from campaigns.models.weekly_plan import Obligation, WeeklyPlan
from campaigns.models.word_list import WordList

__all__ = [
    "BEIJING",
    "Act",
    "Activity",
    "Assignment",
    "AssignmentEntry",
    "AssignmentImport",
    "Audience",
    "Campaign",
    "CampaignPlan",
    "Cause",
    "ChangeRequest",
    "Checklist",
    "Clause",
    "ClosingLevel",
    "ClosingStep",
    "Condition",
    "Consent",
    "ConsentEnd",
    "CutOff",
    "Examination",
    "Excuse",
    "ExcuseEnd",
    "Finding",
    "Fulfilment",
    "Item",
    "KeptText",
    "Kit",
    "Level",
    "Obligation",
    "Participation",
    "PlannedStage",
    "Pledge",
    "PledgeItem",
    "PledgeReader",
    "Policy",
    "Publication",
    "Question",
    "Reader",
    "Reading",
    "Recipient",
    "Reflection",
    "ReflectionReader",
    "ReminderRule",
    "Schedule",
    "Showing",
    "ShowingEnd",
    "Source",
    "Stage",
    "StageChange",
    "Submission",
    "SuperiorRequest",
    "TextKey",
    "Tick",
    "Verdict",
    "Week",
    "WeeklyPlan",
    "Withdrawal",
    "WordList",
]
