"""What tells who somebody is (去标识): numbers that never stand in a case, names asked about.

domain §5.4: a case is retold without persons. Numbers are found by their shape; names are those of
people with an account in the campaign's part of the tree, who are most likely to be meant.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from django.db.models import Q

from campaigns.models.campaign import Campaign
from campaigns.models.numbers import numbers
from reform.models import Duty, User
from reform.models.organization import within

LONGEST_USUAL = 4  # characters of a name that is looked up among pieces of the text


class Told(NamedTuple):
    """A number found: what it looks like, in which field, from which character on (from 1)."""

    kind: str
    field: str
    place: int
    shown: str

    def __str__(self) -> str:
        return f"“{self.field}”第{self.place}字起的“{self.shown}”像是{self.kind}"


def numbers_in(texts: Mapping[str, str]) -> list[Told]:
    """Return what looks like an ID or telephone number in texts, each field → text; one a place.
    Only the beginning of a number is repeated."""
    return [
        Told(found.kind, field, found.start + 1, f"{found.digits[:3]}…")
        for field, text in texts.items()
        for found in numbers(text)
    ]


def names_in(texts: Mapping[str, str], campaign: Campaign, *, on: date) -> list[tuple[str, str]]:
    """Return (field, name) of people with an account under the campaign that are named in texts."""
    whole = "\n".join(texts.values())
    pieces = {
        whole[start : start + length]
        for length in range(2, LONGEST_USUAL + 1)
        for start in range(len(whole) - length + 1)
    }
    found = {
        name
        for name in _names(campaign, on=on)
        if name in pieces or (len(name) > LONGEST_USUAL and name in whole)
    }
    return [
        (field, name) for field, text in texts.items() for name in sorted(found) if name in text
    ]


def _names(campaign: Campaign, *, on: date) -> set[str]:
    paths = [campaign.organization.path]
    paths += campaign.participations.values_list("organization__path", flat=True)
    here = Q()
    for path in paths:
        here |= within(path, "organization__path")
    serving = Duty.objects.in_force(on).filter(here).order_by().values("user")
    people = User.objects.filter(pk__in=serving, username__isnull=False)
    return set(people.order_by().values_list("name", flat=True))
