"""One sweep (一轮发送): what is due is put into messages, and each channel is handed its own."""

from collections.abc import Callable
from datetime import datetime

from reform.actions import outbox, pulses, sorting
from reform.actions.outbox import Sweep
from reform.exports.channels import configured


def sweep(*, at: datetime, stopping: Callable[[], bool] = lambda: False) -> dict[str, Sweep]:
    """Send all that is due, without a broker; return channel → what came of it."""
    channels = configured()
    while sorting.sort(channels, at=at) and not stopping():
        pass  # after an outage there may be more than one transaction should hold
    done = {}
    for name, channel in channels.items():
        done[name] = Sweep(at, stopping=stopping)
        outbox.hand_over(name, channel, done[name])
    pulses.swept(at=at, down={name: one.down for name, one in done.items() if one.down})
    return done
