"""Who has submitted a reflection and who has not (心得提交情况): names, no text.

Asked are those who belong to an organization, as with examinations (models/examination_roll.py). A
draft is not told apart from nothing, and how often somebody wrote is nobody's business.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from campaigns.models.campaign import Campaign
from campaigns.models.examination_roll import belonging
from campaigns.models.reflection import Reflection
from reform.models import Organization


@dataclass
class Line:
    organization: Organization
    submitted: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def lines(campaign: Campaign, places: Sequence[Organization], *, on: date) -> list[Line]:
    """Return a line for each place, in their order: two statements, however many there are."""
    found = {place.pk: Line(place) for place in places}
    asked = belonging(on).filter(organization__in=list(found))
    people = list(
        asked.order_by("place", "user__name", "pk").values_list(
            "organization", "user", "user__name"
        )
    )
    keys = [person for _, person, _ in people]
    rows = Reflection.objects.submitted().filter(
        Q(author__in=keys) | Q(author__same_as__in=keys), campaign=campaign
    )
    done = {first or author for author, first in rows.values_list("author", "author__same_as")}
    for place, person, name in people:
        line = found[place]
        (line.submitted if person in done else line.missing).append(name)
    return list(found.values())
