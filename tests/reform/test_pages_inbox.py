"""The inbox: one's own notices, read when they are opened."""

import pytest
from django.urls import reverse

from reform.models import Notice
from tests.factories import AT, OrganizationFactory, person


@pytest.fixture
def user(client):
    user = person("张三", OrganizationFactory())
    client.force_login(user)
    return user


def tell(user, subject="请签收", url="/people/", **facts):
    return Notice.objects.create(
        recipient=user,
        subject=subject,
        url=url,
        key=f"key:{Notice.objects.count()}",
        created_at=AT,
        **facts,
    )


def page(client, **query):
    answer = client.get(reverse("inbox"), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_unread_comes_first_and_the_rest_on_demand(client, user):
    tell(user, "未读的")
    tell(user, "读过的", read_at=AT)

    assert "未读的" in page(client)
    assert "读过的" not in page(client)
    assert "读过的" in page(client, show="all")


def test_every_page_says_how_many_wait(client, user):
    assert "条未读" not in page(client)
    for _ in range(3):
        tell(user)

    assert '<span class="count">3<span' in client.get(reverse("people")).content.decode()


def test_more_than_a_hundred_are_not_counted_to_the_end(client, user):
    for _ in range(101):
        tell(user)

    assert '<span class="count">99+<span' in client.get(reverse("people")).content.decode()


def test_opening_marks_as_read_and_leads_on(client, user):
    notice = tell(user)

    answer = client.post(reverse("notice-open", args=[notice.pk]))

    assert answer.url == "/people/"
    notice.refresh_from_db()
    assert notice.read_at is not None


@pytest.mark.parametrize("url", ["", "https://elsewhere.example/", "//elsewhere.example", "x"])
def test_a_notice_leads_nowhere_but_to_our_own_pages(client, user, url):
    notice = tell(user, url=url)

    assert client.post(reverse("notice-open", args=[notice.pk])).url == "/inbox/"


def test_what_came_after_the_page_was_opened_stays_unread(client, user):
    first = tell(user, "第一件")
    assert f'name="last" value="{first.pk}"' in page(client)
    tell(user, "刚到的")

    client.post(reverse("inbox-read"), {"last": first.pk})

    assert [notice.subject for notice in user.notices.unread()] == ["刚到的"]
    Notice.objects.update(read_at=AT)
    assert "全部标为已读" not in page(client, show="all")


def test_looking_changes_nothing(client, user):
    notice = tell(user)

    assert client.get(reverse("notice-open", args=[notice.pk])).status_code == 405
    assert client.get(reverse("inbox-read")).status_code == 405
    notice.refresh_from_db()
    assert notice.read_at is None


def test_somebody_elses_notice_does_not_exist(client, user):
    theirs = tell(person("李四", OrganizationFactory()), "别人的")

    assert client.post(reverse("notice-open", args=[theirs.pk])).status_code == 404
    assert "别人的" not in page(client, show="all")
    theirs.refresh_from_db()
    assert theirs.read_at is None


def test_all_are_marked_at_once_and_only_ones_own(client, user):
    mine, theirs = tell(user), tell(person("李四", OrganizationFactory()))

    answer = client.post(reverse("inbox-read"), follow=True)

    assert "已将1条消息标为已读。" in answer.content.decode()
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.read_at is None, theirs.read_at is None) == (False, True)


@pytest.mark.parametrize("value", ["abc", "99999999", "\x00", "9" * 5000])
def test_strange_addresses_are_pages_too(client, user, value):
    for key in ("page", "show"):
        page(client, **{key: value})


@pytest.mark.parametrize("count", [1, 50])
def test_the_inbox_costs_the_same_at_one_and_at_fifty(
    client, user, count, django_assert_num_queries
):
    for _ in range(count):
        tell(user)
    page(client)

    with django_assert_num_queries(7):
        page(client)
