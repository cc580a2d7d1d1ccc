"""The demo's clock (演示催办): it went on each of the last days, so that nothing comes late now."""

from collections.abc import Callable
from datetime import datetime

from rectification.actions import clock

DAYS = 10


def go(moment: Callable[[int], datetime]) -> None:
    """Tick once a day; `moment` says when that many days ago was."""
    for ago in range(DAYS, 0, -1):
        clock.tick(at=moment(ago))
