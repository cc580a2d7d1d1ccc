from reform.models.access_code import AccessCode
from reform.models.act import Act
from reform.models.actor import Actor
from reform.models.attachment import Attachment
from reform.models.counter import Counter
from reform.models.delegation import Delegation
from reform.models.delivery import Delivery, DeliveryNotice
from reform.models.duty_field import DutyField
from reform.models.duty_proposal import DutyProposal
from reform.models.event import Event
from reform.models.former_name import FormerName
from reform.models.holiday import Holiday, HolidayNotice
from reform.models.job import Job
from reform.models.lifecycle import Lifecycle
from reform.models.notice import Notice
from reform.models.once import Once
from reform.models.organization import Organization
from reform.models.organization_relation import OrganizationRelation
from reform.models.past_password import PastPassword
from reform.models.people_import import PeopleImport
from reform.models.preference import Preference
from reform.models.pulse import Pulse
from reform.models.seal import TrailSeal
from reform.models.sign_in import SignIn, SignInFailure
from reform.models.suggestion import Suggestion
from reform.models.trail import TrailEntry
from reform.models.user import ADMINISTRATORS, Duty, Role, User

__all__ = [
    "ADMINISTRATORS",
    "AccessCode",
    "Act",
    "Actor",
    "Attachment",
    "Counter",
    "Delegation",
    "Delivery",
    "DeliveryNotice",
    "Duty",
    "DutyField",
    "DutyProposal",
    "Event",
    "FormerName",
    "Holiday",
    "HolidayNotice",
    "Job",
    "Lifecycle",
    "Notice",
    "Once",
    "Organization",
    "OrganizationRelation",
    "PastPassword",
    "PeopleImport",
    "Preference",
    "Pulse",
    "Role",
    "SignIn",
    "SignInFailure",
    "Suggestion",
    "TrailEntry",
    "TrailSeal",
    "User",
]
