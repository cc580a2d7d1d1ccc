"""Jobs: taken by one worker, alive while it says so, ending in a file or in a sentence."""

import hashlib
import os
from datetime import timedelta

import pytest
from django.db import connection

from reform.actions import jobs
from reform.errors import Refused
from reform.models import Act, Attachment, Job, Notice, TrailEntry
from tests.factories import ON, OrganizationFactory, actor, person

State = Job.State


@pytest.fixture
def office():
    return actor(person("何静", OrganizationFactory(name="党委"), "office"))


@pytest.fixture
def job(office, at):
    return jobs.ask(
        Job.Kind.LEDGER_DATA, facts={"params": {"q": ["投诉"]}}, by=office, at=at, on=ON
    )


def make(content=b"PK\x03\x04 rows"):
    def write(_job, target, _tell):
        target.write_bytes(content)
        return "党委_台账.xlsx"

    return write


def never(*_):
    raise AssertionError("not to be made")


def test_asking_puts_a_row_down_and_says_so_in_the_trail(job, office, at):
    assert (job.state, job.asked_by, job.asked_on, job.asked_at) == (
        State.WAITING,
        office.user,
        ON,
        at,
    )
    entry = TrailEntry.objects.of(job).get()
    assert entry.act == Act.JOB_ASKED
    assert entry.detail == {"kind": "ledger_data", "facts": {"params": {"q": ["投诉"]}}}


def test_a_job_ends_in_a_file(job, office, at):
    assert jobs.run(job.pk, make(), at=at) is True

    job.refresh_from_db()
    assert (job.state, job.tries, job.fault, job.begun_at) == (State.DONE, 1, "", at)
    result = job.result
    assert (result.name, result.size, result.kept_by) == ("党委_台账.xlsx", 9, office.user)
    assert result.sha256 == hashlib.sha256(b"PK\x03\x04 rows").hexdigest()
    assert result.content_type.endswith("spreadsheetml.sheet")
    assert result.file.read() == b"PK\x03\x04 rows"
    assert job.ended_at >= at


@pytest.mark.parametrize(("waited", "told"), [(2, 0), (60, 1)])
def test_who_waited_long_is_told_when_his_file_is_there(job, at, waited, told):
    jobs.run(job.pk, make(), at=at + timedelta(seconds=waited))

    notices = Notice.objects.filter(recipient=job.asked_by)
    assert [notice.url for notice in notices] == [f"/jobs/{job.pk}/"] * told


def test_a_job_is_done_once(job, at):
    jobs.run(job.pk, make(), at=at)

    assert jobs.run(job.pk, never, at=at) is False
    assert Attachment.objects.count() == 1


def test_of_two_workers_one_gets_it(job, at):
    def make_while_another_tries(running, target, tell):
        assert jobs.run(running.pk, never, at=at) is False
        return make()(running, target, tell)

    assert jobs.run(job.pk, make_while_another_tries, at=at) is True
    job.refresh_from_db()
    assert (job.state, job.tries) == (State.DONE, 1)


def test_it_is_not_one_long_transaction(job, at):
    depth = len(connection.savepoint_ids)

    def look(_job, target, _tell):
        assert len(connection.savepoint_ids) == depth
        return make()(_job, target, _tell)

    jobs.run(job.pk, look, at=at)


def test_a_refusal_is_the_jobs_last_word(job, at):
    def refuse(*_):
        raise Refused("没有可以导出的问题。")

    assert jobs.run(job.pk, refuse, at=at) is True

    job.refresh_from_db()
    assert (job.state, job.fault, job.result) == (State.FAILED, "没有可以导出的问题。", None)


def test_what_nobody_expected_is_not_swallowed(job, at):
    def break_down(*_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        jobs.run(job.pk, break_down, at=at)

    job.refresh_from_db()
    assert job.state == State.FAILED
    assert job.fault == f"生成时出错，请重试；若再次出现，请告知管理员，编号 {job.pk}。"
    assert Attachment.objects.count() == 0


def test_a_maker_that_leaves_no_file_fails(job, at):
    with pytest.raises(FileNotFoundError):
        jobs.run(job.pk, lambda *_: "无.xlsx", at=at)

    job.refresh_from_db()
    assert job.state == State.FAILED


def running(job, *, silent_for, at, tries=1):
    Job.objects.filter(pk=job.pk).update(
        state=State.RUNNING, tries=tries, begun_at=at, beat_at=at - silent_for
    )


@pytest.mark.parametrize(
    ("silent_for", "taken"), [(timedelta(minutes=9), False), (timedelta(minutes=11), True)]
)
def test_a_job_whose_worker_was_killed_is_taken_up_again(job, at, silent_for, taken):
    running(job, silent_for=silent_for, at=at)

    assert jobs.run(job.pk, make(), at=at) is taken

    job.refresh_from_db()
    assert (job.state, job.tries) == ((State.DONE, 2) if taken else (State.RUNNING, 1))


def test_after_three_tries_it_is_given_up_in_a_sentence(job, at):
    running(job, silent_for=timedelta(minutes=11), at=at, tries=3)

    assert jobs.run(job.pk, never, at=at) is False

    job.refresh_from_db()
    assert (job.state, job.ended_at) == (State.FAILED, at)
    assert job.fault.startswith("3次都没有完成，已停止。")
    assert f"编号 {job.pk}" in job.fault


def test_progress_is_kept_at_most_once_a_second(job, at, django_assert_num_queries, monkeypatch):
    now = iter([0.0, 0.0, *(0.1 * tick for tick in range(100))])
    monkeypatch.setattr(jobs, "monotonic", lambda: next(now))
    seen = []

    def tell_often(running, target, tell):
        for done in range(1, 31):
            tell(done, 30)
            running.refresh_from_db()
            seen.append(running.done)
        return make()(running, target, tell)

    jobs.run(job.pk, tell_often, at=at)

    assert 2 <= len(set(seen)) <= 6
    job.refresh_from_db()
    assert (job.done, job.total, job.percent) == (30, 30, 100)


def test_progress_moves_the_sign_of_life(job, at, monkeypatch):
    def tell_once(running, target, tell):
        tell(0, 30)
        running.refresh_from_db()
        assert (running.total, running.beat_at >= at) == (30, True)
        return make()(running, target, tell)

    jobs.run(job.pk, tell_once, at=at)


def test_an_overtaken_worker_stops_and_spoils_nothing(job, at):
    later = at + timedelta(minutes=11)

    def fall_asleep(_job, target, tell):
        assert jobs.run(job.pk, make(b"PK\x03\x04 by the other"), at=later) is True
        tell(0, 30)
        raise AssertionError("told that it was overtaken")

    running_now = jobs.run(job.pk, fall_asleep, at=at)

    job.refresh_from_db()
    assert running_now is True
    assert (job.state, job.tries, job.fault) == (State.DONE, 2, "")
    assert job.result.file.read() == b"PK\x03\x04 by the other"


def test_the_file_of_an_overtaken_worker_is_dropped(job, at):
    def come_too_late(_job, target, tell):
        jobs.run(job.pk, make(b"PK\x03\x04 first"), at=at + timedelta(minutes=11))
        return make(b"PK\x03\x04 late")(_job, target, tell)

    jobs.run(job.pk, come_too_late, at=at)

    assert [kept.file.read() for kept in Attachment.objects.all()] == [b"PK\x03\x04 first"]


def test_what_a_killed_worker_left_is_taken_away_after_a_day(job, at, settings, tmp_path):
    incoming = tmp_path / "incoming"
    settings.FILE_UPLOAD_TEMP_DIR = str(incoming)
    for name, hours in (("job-old", 25), ("job-new", 23), ("upload", 25)):
        (incoming / name).mkdir(parents=True)
        (incoming / name / "result").write_bytes(b"half a ledger")
        moment = (at - timedelta(hours=hours)).timestamp()
        os.utime(incoming / name, (moment, moment))

    jobs.run(job.pk, make(), at=at)

    assert sorted(path.name for path in incoming.iterdir()) == ["job-new", "upload"]


def test_what_waits_is_found_oldest_first(office, at):
    first, second, third = (
        jobs.ask(Job.Kind.LEDGER_DATA, facts={}, by=office, at=at, on=ON) for _ in range(3)
    )
    jobs.ask(Job.Kind.LEDGER_PRINTED, facts={}, by=office, at=at, on=ON)
    running(first, silent_for=timedelta(minutes=11), at=at)
    running(second, silent_for=timedelta(minutes=1), at=at)

    assert jobs.waiting(at=at, kinds=("ledger_data",)) == [first.pk, third.pk]


def test_a_long_refusal_is_cut_to_what_the_row_holds(job, at):
    def refuse(*_):
        raise Refused("长" * 500)

    jobs.run(job.pk, refuse, at=at)

    job.refresh_from_db()
    assert job.fault == "长" * 400


# ---------------------------------------------------------------- files that were kept long enough


def test_a_file_goes_after_thirty_days_and_its_row_says_so(job, at):
    jobs.run(job.pk, make(), at=at)
    job.refresh_from_db()
    file, ended, kept = job.result.file, job.ended_at, job.result

    assert jobs.sweep(at=ended + timedelta(days=30)) == 0
    assert jobs.sweep(at=ended + timedelta(days=30, seconds=1)) == 1
    assert jobs.sweep(at=ended + timedelta(days=31)) == 0

    job.refresh_from_db()
    assert (job.state, job.result, job.has_ended) == (State.SWEPT, None, True)
    assert not file.storage.exists(file.name)
    assert not Attachment.objects.exists()
    entry = TrailEntry.objects.of(job).latest("pk")
    assert (entry.act, entry.sentence) == ("job.swept", f"清理结果文件：{kept.name}")
    assert (entry.by, entry.by_name, entry.address) == (None, "系统（定时任务）", "后台任务")
    assert entry.detail == {"kind": job.kind, "sha256": kept.sha256}
    assert TrailEntry.objects.filter(act="job.swept").count() == 1


def test_a_swept_job_is_not_made_again(job, at):
    jobs.run(job.pk, make(), at=at)
    jobs.sweep(at=at + timedelta(days=31))

    assert jobs.run(job.pk, never, at=at + timedelta(days=31)) is False
    assert jobs.waiting(at=at + timedelta(days=32), kinds=(job.kind,)) == []
