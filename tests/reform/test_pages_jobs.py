"""The page of a job, its file, and whether the process is well."""

from io import BytesIO
from unittest.mock import patch
from urllib.parse import quote

import pytest
from django.db import DatabaseError, connection
from django.urls import reverse

from reform.actions import attachments
from reform.models import Act, Job, TrailEntry
from tests.factories import AT, ON, OrganizationFactory, actor, person

NAME = "住建局_问题台账_截至20260603.xlsx"


@pytest.fixture
def user(client):
    user = person("张三", OrganizationFactory())
    client.force_login(user)
    return user


def job(user, state, **facts):
    kind = Job.Kind.LEDGER_DATA
    return Job.objects.create(
        kind=kind, asked_by=user, asked_on=ON, asked_at=AT, state=state, **facts
    )


def finished(user):
    kept = attachments.keep(BytesIO(b"cells"), name=NAME, by=actor(user), at=AT, kind="text/csv")
    return job(user, Job.State.DONE, result=kept, ended_at=AT)


def page(client, row, **more):
    answer = client.get(reverse("job", args=[row.pk]), **more)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_running_job_shows_how_far_it_is_and_asks_again(client, user):
    shown = page(client, job(user, Job.State.RUNNING, done=42, total=70))

    assert "已处理 42 / 70（60%）" in shown
    assert 'hx-trigger="every 1s"' in shown
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in shown


def test_htmx_gets_the_middle_alone(client, user):
    shown = page(client, job(user, Job.State.RUNNING), headers={"hx-request": "true"})

    assert shown.strip().startswith('<div id="job"')


def test_an_ended_job_asks_no_more_and_offers_its_file(client, user):
    row = finished(user)

    shown = page(client, row)

    assert "hx-get" not in shown
    assert "http-equiv" not in shown
    assert reverse("job-file", args=[row.pk]) in shown


def test_a_failed_job_says_why(client, user):
    shown = page(client, job(user, Job.State.FAILED, fault="所选范围内没有问题。"))

    assert "所选范围内没有问题。" in shown
    assert "hx-get" not in shown


def test_the_file_comes_as_an_attachment_under_its_chinese_name_and_is_recorded(client, user):
    row = finished(user)

    answer = client.get(reverse("job-file", args=[row.pk]))

    assert b"".join(answer.streaming_content) == b"cells"
    assert answer["Content-Disposition"] == f"attachment; filename*=utf-8''{quote(NAME)}"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    entry = TrailEntry.objects.of(row).get()
    assert (entry.act, entry.by) == (Act.RESULT_READ, user)
    assert entry.sentence == f"下载结果文件：{NAME}"


def test_a_file_that_is_gone_is_404_and_not_recorded(client, user):
    row = finished(user)
    row.result.file.storage.delete(row.result.file.name)

    assert client.get(reverse("job-file", args=[row.pk])).status_code == 404
    assert not TrailEntry.objects.exists()


def test_a_job_without_a_file_has_none(client, user):
    row = job(user, Job.State.RUNNING)

    assert client.get(reverse("job-file", args=[row.pk])).status_code == 404


def test_somebody_elses_job_does_not_exist(client, user):
    theirs = finished(person("李四", OrganizationFactory()))

    assert client.get(reverse("job", args=[theirs.pk])).status_code == 404
    assert client.get(reverse("job-file", args=[theirs.pk])).status_code == 404


def test_health_answers_anybody_in_plain_text(client):
    answer = client.get(reverse("health"))

    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer["Content-Type"] == "text/plain"


def test_health_says_when_the_database_does_not_answer(client):
    with patch.object(connection, "cursor", side_effect=DatabaseError):
        assert client.get(reverse("health")).status_code == 503


def test_what_one_asked_for_is_listed_and_leads_to_its_file(client, user):
    done, failed = finished(user), job(user, Job.State.FAILED, fault="范围太大。")
    job(person("李四", OrganizationFactory()), Job.State.RUNNING)

    shown = client.get(reverse("jobs"))

    assert list(shown.context["page_obj"]) == [failed, done]
    assert reverse("job-file", args=[done.pk]) in shown.content.decode()
    assert "范围太大。" in shown.content.decode()


def test_the_address_of_a_swept_file_leads_to_the_page_that_says_why(client, user):
    row = job(user, Job.State.SWEPT, ended_at=AT)

    answer = client.get(reverse("job-file", args=[row.pk]))

    assert (answer.status_code, answer["Location"]) == (302, row.get_absolute_url())
    assert "文件保存30天，已自动清理。" in page(client, row)
    assert "已超过30天，已清理" in client.get(reverse("jobs")).content.decode()


def test_the_page_says_until_when_the_file_is_kept(client, user):
    assert "保存到2026年7月3日" in page(client, finished(user))
