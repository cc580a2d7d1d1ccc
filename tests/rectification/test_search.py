"""Search (检索): the same rows as reading every text, kept in step by the acts, in bounded time."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rectification.actions import problem_words, problems, registrations
from rectification.models import Problem, ProblemPerson, ProblemWords, ledger_filter, ledger_search
from rectification.models.problem_words import folded, offered, pairs_in, pairs_of
from rectification.views import ledger_page
from reform.models import Role
from reform.text import clean
from tests.factories import OrganizationFactory, ProblemFactory, actor, person
from tests.rectification.test_pages import closed  # noqa: F401 -- a fixture

pytestmark = pytest.mark.django_db

ALPHABET = "窗口整改中心Aa bB09-%_\\'\"*?（）Ａ０。，\n😀𠮷é"
TEXT = st.text(ALPHABET, max_size=12)


def plainly(asked):
    """Return the keys found by reading everything, without any index."""
    asked = folded(clean(asked, multiline=False))
    found = set()
    for row in Problem.objects.all():
        people = row.people.values_list("name", flat=True)
        names = [row.number or "", row.superior_number, *people]
        texts = [row.description, row.original_text, row.cause] if len(asked) > 1 else []
        if any(asked in folded(text) for text in [*names, *texts]):
            found.add(row.pk)
    return found


def looked_up(asked):
    found = ledger_search.search(Problem.objects.all(), q=asked)
    assert found.keys is not None
    return set(found.keys)


def filtered(asked):
    rows = ledger_filter.narrow(Problem.objects.all(), {"q": [asked]}, on=None)
    return set(rows.values_list("pk", flat=True))


def walked(asked):
    """Return what reading row by row finds, as for words that stand in thousands of rows."""
    found = ledger_search.WAYS["q"][0](asked)
    ordered = Problem.objects.order_by("pk")
    with connection.cursor() as cursor:
        cursor.execute(*ledger_search.walk(ordered, found, start=0, count=1_000))
        return {key for (key,) in cursor.fetchall()}


def write(row, description, cause, superior, names):
    Problem.objects.filter(pk=row.pk).update(
        description=description, cause=cause, superior_number=superior
    )
    row.people.all().delete()
    ProblemPerson.objects.bulk_create(
        ProblemPerson(problem=row, part="responsible", position=place, name=name)
        for place, name in enumerate(dict.fromkeys(names))
    )
    row.refresh_from_db()


@given(
    texts=st.lists(st.tuples(TEXT, TEXT, TEXT, st.lists(TEXT, max_size=2)), min_size=1, max_size=3),
    asked=TEXT,
    start=st.integers(0, 10),
    length=st.integers(1, 6),
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_search_finds_what_reading_every_text_finds(draft, texts, asked, start, length):
    rows = [draft]
    rows += [ProblemFactory(campaign=draft.campaign, organization=draft.organization)]
    for row, (description, cause, superior, names) in zip(rows, texts, strict=False):
        write(row, description, cause, superior, names)
    problem_words.keep(rows)
    words = [asked, texts[0][0][start : start + length], texts[0][2][start : start + length]]
    for word in (clean(word, multiline=False) for word in words):
        if word:
            expected = plainly(word)
            assert (word, looked_up(word)) == (word, expected)
            assert (word, filtered(word)) == (word, expected)
            assert (word, walked(word)) == (word, expected)


@pytest.mark.once
@given(names=TEXT, text=TEXT, start=st.integers(0, 12), length=st.integers(1, 8))
def test_what_stands_in_a_text_has_all_its_pairs_there(names, text, start, length):
    part = text[start : start + length]
    if len(part) > 1:
        assert set(pairs_in(part)) <= pairs_of(names, text)
    part = names[start : start + length]
    if part:
        assert set(pairs_in(part)) <= pairs_of(names, text)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("窗口", True),
        ("务窗", True),
        ("窗", False),  # one character: numbers and names only
        ("业", False),
        ("超", True),
        ("马超", True),
        ("100%", True),
        ("100_", False),
        ("pdf", True),
        ("PDF", True),
        ("未公示", True),
        ("窗口未", False),  # on another line
        ("推诿", True),
        ("推诿马超", False),
    ],
)
def test_what_is_searched(draft, asked, found):
    write(draft, "服务窗口\n未公示 Pdf 100%", "推诿", "上-7", ["马超"])
    problem_words.keep([draft])

    assert (looked_up(asked) == {draft.pk}) is found
    assert (filtered(asked) == {draft.pk}) is found


def test_every_act_that_writes_keeps_the_search_in_step(bureau, draft, at):
    assert looked_up(draft.description[:4]) == {draft.pk}

    by = bureau.liaison
    row = problems.fill(
        draft,
        version=draft.version,
        facts={"description": "公章外借没有登记。", "persons": ["欧阳雪"]},
        by=by,
        at=at,
    )
    assert looked_up("公章外借") == looked_up("欧阳雪") == looked_up("阳") == {row.pk}
    assert looked_up(draft.description[:6]) == set()

    row = registrations.register(row, by=by, at=at)
    assert looked_up(row.number) == looked_up(row.number.lower()) == {row.pk}


def test_a_deleted_draft_is_found_no_more(bureau, draft, at):
    words = draft.description[:4]
    problems.delete_draft(draft, by=bureau.liaison, at=at)

    assert looked_up(words) == set()
    assert not ProblemWords.objects.exists()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(*offered(words, 10))
            assert cursor.fetchall() == []


def in_step():
    rows = {row.pk: (row.names, row.text) for row in ProblemWords.objects.all()}
    now = {row.pk: (row.names, row.text) for row in problem_words.of(Problem.objects.all())}
    return rows == now


def test_a_closed_row_is_found_as_it_was(closed):  # noqa: F811
    assert in_step()
    assert looked_up(closed.number) == {closed.pk}


# ---------------------------------------------------------------- the page


@pytest.fixture
def crowded(monkeypatch):
    """A ledger in which every word is common, and looking at two rows is a lot."""
    monkeypatch.setattr(ledger_search, "MOST", 0)
    monkeypatch.setattr(ledger_page, "LOOKED_AT", 2)


def chips(response):
    return dict(
        re.findall(
            r'<a class="chip[^"]*" href="[^"]+"[^>]*>([^<]+?) <b>([^<]*)</b>',
            response.content.decode(),
        )
    )


def numbers(response):
    return re.findall(r'<a href="/problems/(\d+)/" class="clamp"', response.content.decode())


def ledger(bureau, draft, count):
    return [
        draft,
        *(
            ProblemFactory(
                campaign=draft.campaign,
                organization=draft.organization,
                by=bureau.liaison,
                description=f"窗口第{number}号",
            )
            for number in range(count - 1)
        ),
    ]


def test_a_common_word_is_walked_and_counted_as_at_least(
    bureau, draft, crowded, signed_in, monkeypatch
):
    rows = ledger(bureau, draft, 6)
    client = signed_in(bureau.liaison)
    monkeypatch.setattr(ledger_page, "SIZE", 50)

    response = client.get("/problems/", {"q": "窗口第", "view": "draft"})
    assert numbers(response) == [str(row.pk) for row in rows[1:]]
    assert chips(response)["草稿"] == "5"  # the last page tells the number
    assert "至少" in response.content.decode()

    response = client.get("/problems/", {"q": "窗口第", "view": "all"})
    assert numbers(response) == []
    assert re.fullmatch(r"[123]\+", chips(response)["草稿"])


def test_a_column_filter_is_counted_among_the_first_rows(bureau, draft, crowded, signed_in):
    rows = ledger(bureau, draft, 6)
    client = signed_in(bureau.liaison)

    response = client.get("/problems/", {"source": draft.source_id, "view": "draft"})
    assert numbers(response) == [str(row.pk) for row in rows]
    assert chips(response)["草稿"] == "6"
    assert client.get("/problems/", {"source": draft.source_id}).status_code == 200


@pytest.mark.parametrize("view", ["draft", "all"])
@pytest.mark.parametrize(
    "asked",
    [
        {"q": "窗口"},
        {"q": "第3号"},
        {"q": "没有"},
        {"source": True},
        {"item": True},
        {"q": "窗口", "item": True},
        {"severity": "ordinary", "q": "号"},
        {"due_from": "2020-01-01"},
    ],
    ids=str,
)
def test_both_ways_show_the_same_rows(bureau, draft, signed_in, monkeypatch, asked, view):
    rows = ledger(bureau, draft, 6)
    item = draft.campaign.items.first()
    for row in rows[::2]:
        row.items.add(item)
    known = {"source": draft.source_id, "item": item.pk}
    address = {name: known[name] if value is True else value for name, value in asked.items()}
    client = signed_in(bureau.liaison)
    looked = client.get("/problems/", {**address, "view": view})
    expected = ledger_filter.apply(
        Problem.objects.visible_to(bureau.liaison),
        {name: [str(value)] for name, value in {**address, "view": view}.items()},
        bureau.liaison.on,
    )
    assert numbers(looked) == [
        str(pk) for pk in expected.order_by("pk").values_list("pk", flat=True)
    ]

    monkeypatch.setattr(ledger_search, "MOST", 0)
    monkeypatch.setattr(ledger_page, "LOOKED_AT", 2)
    assert numbers(client.get("/problems/", {**address, "view": view})) == numbers(looked)


def test_pages_past_the_last_give_way_to_one_that_exists(bureau, draft, crowded, signed_in):
    rows = ledger(bureau, draft, 3)
    client = signed_in(bureau.liaison)

    for page in ("20", "99999", "200"):
        response = client.get("/problems/", {"q": "窗口第", "view": "draft", "page": page})
        assert numbers(response) == [str(row.pk) for row in rows[1:]]


def test_somebody_elses_rows_are_not_found(bureau, draft, at, signed_in):
    stranger = actor(person("外人", OrganizationFactory(), Role.SECRETARY))
    words = draft.description[:4]

    assert ledger_search.search(Problem.objects.visible_to(stranger), q=words).keys == []
    nobody = Problem.objects.filter(Q(pk__in=[]))
    assert ledger_search.search(nobody, q=words).keys == []
    with pytest.raises(EmptyResultSet):
        ledger_search.walk(nobody.order_by("pk"), Q(pk=1), start=0, count=5)


def test_the_days_of_the_clock_are_counted_among_looked_up_rows(bureau, rectifying, signed_in):
    Problem.objects.filter(pk=rectifying.pk).update(due_on=bureau.liaison.on - timedelta(days=1))

    response = signed_in(bureau.liaison).get("/problems/", {"q": rectifying.number})
    assert (chips(response)["已逾期"], chips(response)["整改中"]) == ("1", "1")
