from reform.models.act import Act
from reform.models.actor import Actor
from reform.models.attachment import Attachment
from reform.models.counter import Counter
from reform.models.former_name import FormerName
from reform.models.job import Job
from reform.models.lifecycle import Lifecycle
from reform.models.notice import Notice
from reform.models.once import Once
from reform.models.organization import Organization
from reform.models.organization_relation import OrganizationRelation
from reform.models.suggestion import Suggestion
from reform.models.trail import TrailEntry
from reform.models.user import ADMINISTRATORS, Duty, Role, User

__all__ = [
    "ADMINISTRATORS",
    "Act",
    "Actor",
    "Attachment",
    "Counter",
    "Duty",
    "FormerName",
    "Job",
    "Lifecycle",
    "Notice",
    "Once",
    "Organization",
    "OrganizationRelation",
    "Role",
    "Suggestion",
    "TrailEntry",
    "User",
]
