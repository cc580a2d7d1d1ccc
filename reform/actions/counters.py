"""Taking numbers from a series, so that none repeats and none is skipped by a rollback."""

from django.db import transaction

from reform.models import Counter


@transaction.atomic
def take(name: str, count: int = 1) -> range:
    """Return the next `count` numbers of the series `name`, in the caller's transaction."""
    Counter.objects.get_or_create(name=name)
    counter = Counter.objects.select_for_update().get(name=name)
    first = counter.value + 1
    counter.value += count
    counter.save(update_fields=["value"])
    return range(first, first + count)
