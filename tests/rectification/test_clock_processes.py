"""What must hold of the clock on a real database: it stood still, there were two of it, far too
much was owed at once (issue “The clock”, 1, 2 and 7). One real beat runs under `faketime`.

The clock is driven through the act that the beat's task calls, with the moment given.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connections

from rectification.actions import clock
from rectification.models import Problem, ProblemPerson, Reminder, ReminderStep
from reform.models import Notice, Pulse
from tests.rectification.test_clock import moment, overdue_row
from tests.reform.test_killed import address
from tests.reform.test_workdays import calendar, known  # noqa: F401 -- a fixture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("calendar")]
ROOT = Path(__file__).resolve().parents[2]

# Ticks each minute, as many as said, from a moment on, and says how often it told something.
TICKING = """
import sys
from datetime import datetime, timedelta

import django

django.setup()
from rectification.actions import clock

begin, minutes, most = datetime.fromisoformat(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
runs = [clock.tick(at=begin + timedelta(minutes=n), most=most).steps for n in range(minutes)]
print(sum(bool(steps) for steps in runs))
"""


def started(*command, **environment):
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ
        | {"DATABASE_URL": address(), "DJANGO_SETTINGS_MODULE": "reform.settings"}
        | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process):
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out


def told():
    """Everything that was told to anybody, without the keys that rows happened to get."""
    rows = Reminder.objects.values_list(
        *("step__problem__number", "step__cause", "step__anchor", "step__workdays"),
        *("step__fires_on", "step__late", "person__name", "folded"),
    )
    return sorted(rows)


def forget():
    for table in (Reminder, ReminderStep, Notice, Pulse):
        table.objects.all().delete()


@pytest.fixture
def ledger(bureau, at):
    """Forty rows whose days lie on both sides of the last week of June."""
    rows = [
        overdue_row(bureau, at, due_on=date(2026, 6, 12) + timedelta(days=n % 20))
        for n in range(40)
    ]
    Notice.objects.all().delete()
    return rows


def whom(rows):
    """Which step told whom, whatever it was folded under."""
    return [facts for *facts, _folded in rows]


def whom_aloud():
    """Who was told of which row by a notice of its own; the highest step never is folded."""
    rows = Reminder.objects.filter(folded=False)
    return set(rows.values_list("step__problem__number", "person__name"))


@pytest.mark.served
def test_two_clocks_over_friday_noon_tell_what_one_tells(ledger):
    """Five steps a run: for the first minutes each of them has something to tell.

    One that reads while the other writes may cut its five elsewhere, and what is told in one run
    is folded: that alone may differ.
    """
    begin, minutes = moment(6, 26, 10, 30).isoformat(), "180"
    connections.close_all()

    both = [started("-c", TICKING, begin, minutes, "5") for _ in range(2)]
    runs = [int(ended(process)) for process in both]
    two, heard = whom(told()), whom_aloud()
    steps = ReminderStep.objects.count()
    forget()
    connections.close_all()
    ended(started("-c", TICKING, begin, minutes, "5"))

    assert whom(told()) == two
    assert whom_aloud() == heard == {(number, name) for number, *_, name in two}
    assert ReminderStep.objects.count() == steps
    assert min(runs) > 0  # both had their share


def ticked(begin, end, minutes=10):
    at = begin
    while at < end:
        clock.tick(at=at)
        at += timedelta(minutes=minutes)


STOPPED = {"Friday 11:50": moment(6, 26, 11, 50), "Thursday 17:00": moment(6, 25, 17)}


@pytest.mark.served
@pytest.mark.parametrize("stopped", STOPPED)
def test_a_clock_that_stood_still_over_the_weekend_tells_all_of_it_once(ledger, stopped):
    """Against one that went on: the same rows, people and steps; what Friday owed is late, what
    Monday owes is not."""
    begin, again, end = moment(6, 24, 8), moment(6, 29, 9), moment(6, 29, 10)
    ticked(begin, end, minutes=60)
    went_on = {row[:5] + row[6:7] for row in told()}
    forget()

    ticked(begin, STOPPED[stopped], minutes=60)
    ticked(again, end, minutes=20)

    stood_still = {row[:5] + row[6:7] for row in told()}
    # Nobody is told on Monday what has become of yesterday's “soon”, nor a step below another.
    gone = went_on - stood_still
    assert {cause for _, cause, *_ in gone} <= {"due_soon", "due_today"}
    assert stood_still <= went_on
    fired_friday = {row for row in told() if row[4] == date(2026, 6, 26)}
    assert {row[5] for row in fired_friday} == {stopped == "Thursday 17:00"}
    assert {row[5] for row in told() if row[4] == date(2026, 6, 29)} == {False}
    assert max(Counter(row[:4] + row[6:7] for row in told()).values()) == 1


@pytest.mark.served
def test_five_thousand_at_once_are_capped_and_none_is_lost(bureau, rectifying):
    """After a fortnight without a clock: three steps each, told in a few runs."""
    clones(rectifying, 4_999)
    runs = []
    while (owing := clock.tick(at=moment(7, 14) + timedelta(minutes=len(runs)))).steps:
        runs.append(len(owing.steps))

    assert max(runs) <= clock.MOST
    assert len(runs) == 4  # three and what was cut off between two rows
    assert ReminderStep.objects.count() == sum(runs) == 15_000
    assert Counter(Reminder.objects.values_list("person__name", flat=True)) == {
        "马超": 5_000,
        "郑洁": 5_000,
        "罗海": 5_000,
        "何静": 5_000,
    }
    inboxes = Counter(Notice.objects.filter(event="overdue").values_list("recipient__name"))
    # One that counts them, a run, and the last two rows by name; the digest of the day has all.
    assert max(inboxes.values()) == len(runs) + 1
    alarms = Notice.objects.filter(key__startswith="reminders-alarm")
    assert [notice.recipient.name for notice in alarms] == ["系统员"]


def clones(row, count):
    """Rows like this one, past the acts: five thousand of them would take minutes."""
    row = Problem.objects.get(pk=row.pk)
    people = list(row.people.all())
    rows = []
    for place in range(count):
        row.pk, row.number = None, f"YACG-2026-{place + 10_000}"
        rows.append(Problem(**{
            field.attname: getattr(row, field.attname)
            for field in Problem._meta.concrete_fields  # noqa: SLF001 -- documented
            if not field.generated and not field.primary_key
        }))  # fmt: skip
    made = Problem.objects.bulk_create(rows, batch_size=1_000)
    ProblemPerson.objects.bulk_create(
        ProblemPerson(problem=one, part=who.part, user=who.user, name=who.name)
        for one in made
        for who in people
    )


# ---------------------------------------------------------------- a real beat, at another hour

# The timetable's own entry, on a broker of our own.
BEAT = """
import select
import sys
import time

import django

# libfaketime takes the end of a sleep, which Python 3.11 gives by the monotonic clock, for an hour;
# and it lets eight seconds pass in one.
time.sleep = lambda seconds: select.select([], [], [], seconds / 8)

django.setup()
from reform.celery import app

folder, *command = sys.argv[1:]
options = dict.fromkeys(("data_folder_in", "data_folder_out"), f"{folder}/queue")
app.conf.broker_transport_options |= options | {"control_folder": f"{folder}/control"}
app.conf.beat_schedule = {
    words: entry
    for words, entry in app.conf.beat_schedule.items()
    if entry["task"] == "rectification.tasks.tick"
}
app.start(["--quiet", *command])
"""
WORK = ("worker", "--pool", "solo", "--loglevel", "warning", "--without-gossip", "--without-mingle")


@contextmanager
def at_the_hour(hour, folder, *command):
    """A part of Celery that goes as if it were that hour in Beijing, eight times as fast; ended by
    its own process group."""
    process = subprocess.Popen(
        [
            *("faketime", "-f", f"@{hour} x8", sys.executable, "-W", "ignore"),
            *("-c", BEAT, str(folder), *command),
        ],
        cwd=ROOT,
        env=os.environ
        | {
            "DATABASE_URL": address(),
            "DJANGO_SETTINGS_MODULE": "reform.settings",
            "REDIS_URL": "",
            "TZ": "Asia/Shanghai",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        },
        start_new_session=True,
    )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)
        wait_for(lambda: not is_there(process.pid))  # it is the child of `faketime` that works
        # Ended by a signal it leaves these, and whoever has its number after it would not start.
        for name in ("faketime_shm_", "sem.faketime_sem_"):
            Path(f"/dev/shm/{name}{process.pid}").unlink(missing_ok=True)  # noqa: S108 -- its name


def is_there(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(what, seconds=50):
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.2)


@pytest.mark.long
@pytest.mark.served
@pytest.mark.faketime
@pytest.mark.parametrize("keeps_its_file", [True, False])
def test_a_real_beat_comes_back_on_monday(ledger, tmp_path, keeps_its_file):
    """It went on Friday at 11:50, a call of it still in the queue; on Monday one call is enough."""
    for name in ("queue", "control"):
        (tmp_path / name).mkdir()
    schedule = tmp_path / "beat"
    beat = ("beat", "--pidfile=", "--loglevel", "warning", "--schedule", str(schedule))
    clock.tick(at=moment(6, 26, 11, 49))
    on_friday = told()
    with at_the_hour("2026-06-26 11:49:30", tmp_path, *beat):
        wait_for(lambda: any((tmp_path / "queue").iterdir()))
    if not keeps_its_file:
        for file in tmp_path.glob("beat*"):
            file.unlink(missing_ok=True)

    begin = "2026-06-29 08:59:30"
    with at_the_hour(begin, tmp_path, *beat), at_the_hour(begin, tmp_path, *WORK):
        wait_for(ReminderStep.objects.filter(fires_on=date(2026, 6, 29)).exists)

    by_beat = told()
    ReminderStep.objects.filter(told_at__gte=moment(6, 29, 0)).delete()
    clock.tick(at=moment(6, 29, 9))
    assert by_beat == told()
    assert len(by_beat) > len(on_friday) > 0
