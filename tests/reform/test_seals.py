"""Seals of the trail: what was sealed and then edited, deleted, added or cut is found and named."""

import hashlib
import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reform.actions import anchors, seal_checks, seals
from reform.errors import Refused
from reform.models import TrailEntry, TrailSeal, triggers
from reform.models.trail_line import FIELDS, detail, line, lines, moment
from tests.factories import AT, OrganizationFactory, actor, person

DAY = timedelta(days=1)
HOLDS = "校验通过：{}次封存、{}条留痕，均与封存时一致。"


@pytest.fixture
def by():
    return actor(person("周敏", OrganizationFactory(name="第一党支部")))


def write(by, count=1, **facts):
    """Put entries into the trail, all columns filled."""
    rows = [
        TrailEntry(
            **{
                "act": "problem.issued",
                "sentence": f"下达整改：问题{place}",
                "quote": "原话𠮷",
                "target": f"rectification.problem:{place}",
                "subject": f"问题{place}",
                "by": by.user,
                "by_name": "周敏",
                "behalf_name": "马超",
                "organization": by.home,
                "at": AT + timedelta(microseconds=place),
                "address": "10.1.2.3",
                "detail": {"b": [1, "二"], "a": {"x": None, "y": 1.5}},
            }
            | facts
        )
        for place in range(count)
    ]
    return TrailEntry.objects.bulk_create(rows, batch_size=1000)


def sealed(by, *counts):
    """Three entries a day, or as many as said, each day sealed; return the entries by day."""
    days = []
    for place, count in enumerate(counts or (3, 3, 3)):
        days.append(write(by, count))
        assert len(seals.seal_all(at=AT + place * DAY)) == 1
    return days


def faults(**how):
    return seal_checks.check(at=AT + 3 * DAY, **how).faults


def run(sql, *values):
    """What somebody with the database in his hands can do."""
    triggers.drop_all(connection)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        assert cursor.rowcount > 0


HALF = "UPDATE reform_trailentry SET {} = CAST(x'e4bb' AS TEXT) WHERE id = %s"


def put(table, column, value, key):
    run(f"UPDATE reform_{table} SET {column} = %s WHERE id = %s", value, key)  # noqa: S608 -- ours


# ---------------------------------------------------------------- the form


def test_every_column_of_an_entry_is_sealed():
    assert {field.attname for field in TrailEntry._meta.fields} == set(FIELDS)  # noqa: SLF001


def test_the_line_of_an_entry_is_the_same_for_ever(by):
    entry = write(by)[0]
    run("UPDATE reform_trailentry SET id = 7, by_id = NULL, organization_id = NULL")

    assert entry.pk is not None
    assert list(lines(after=None, until=None)) == [
        (
            7,
            b'[7,"problem.issued","\\u4e0b\\u8fbe\\u6574\\u6539\\uff1a\\u95ee\\u98980",'
            b'"\\u539f\\u8bdd\\ud842\\udfb7","rectification.problem:0","\\u95ee\\u98980",null,'
            b'"\\u5468\\u654f","\\u9a6c\\u8d85","",null,"2026-06-03T01:00:00.000000+00:00",'
            b'"10.1.2.3","{\\"a\\":{\\"x\\":null,\\"y\\":1.5},\\"b\\":[1,\\"\\\\u4e8c\\"]}"]',
        )
    ]


def test_null_and_nothing_are_told_apart():
    row = dict.fromkeys(FIELDS, "")
    assert line(tuple(row.values())) != line(tuple({**row, "by_id": None}.values()))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('{"b":1,"a":2}', '{"a": 2, "b": 1}', True),  # as PostgreSQL keeps it, as SQLite does
        ('{"a":100}', '{"a":1e2}', True),
        ('{"a":1}', '{"a":"1"}', False),
        ('{"a":1}', '{"a":true}', False),
        ("{}", "", False),
        ("null", '"null"', False),
        ('{"a":1', '{"a":2', False),
    ],
)
def test_detail_is_compared_by_what_it_says(one, other, same):
    assert (detail(one) == detail(other)) is same


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("2026-06-03 01:00:00", "2026-06-03T01:00:00.000000+00:00"),
        (b"2026-06-03 01:00:00.5", "2026-06-03T01:00:00.500000+00:00"),
        ("2026-13-03 01:00:00", "2026-13-03 01:00:00"),
        ("2026-06-03T01:00:00", "2026-06-03T01:00:00"),
        (None, None),
    ],
)
def test_a_moment_is_utc_and_what_is_none_stays(written, becomes):
    assert moment(written) == becomes


# ---------------------------------------------------------------- sealing


def test_what_is_not_sealed_yet_is_sealed_and_chained(by):
    first, second, _ = sealed(by)

    one, two, three = TrailSeal.objects.order_by("number")
    assert (one.number, one.previous, one.count) == (1, "", 3)
    assert (one.first_id, one.last_id) == (first[0].pk, first[-1].pk)
    assert (two.previous, two.first_id) == (one.digest, second[0].pk)
    assert three.previous == two.digest
    body = b"".join(text + b"\n" for _, text in lines(after=None, until=one.last_id))
    assert one.digest == hashlib.sha256(one.head() + b"\n" + body).hexdigest()
    assert len(one.leaves) == 3 * seals.LEAF
    assert faults() == []


def test_missed_days_are_caught_up_in_one(by):
    write(by, 2)
    write(by, 3, at=AT + 5 * DAY)

    assert [seal.count for seal in seals.seal_all(at=AT + 6 * DAY)] == [5]


def test_a_day_on_which_nothing_was_written_is_sealed_once(by):
    sealed(by, 2)

    assert [seal.count for seal in seals.seal_all(at=AT + DAY)] == [0]
    assert seals.seal_all(at=AT + DAY) == []
    assert faults() == []


def test_more_than_one_seal_holds_become_several(by, monkeypatch):
    monkeypatch.setattr(seals, "PER_SEAL", 2)
    write(by, 5)

    assert [seal.count for seal in seals.seal_all(at=AT)] == [2, 2, 1]
    assert faults() == []


def test_an_empty_trail_is_sealed_and_what_comes_before_it_is_found(by):
    assert [(seal.count, seal.last_id) for seal in seals.seal_all(at=AT)] == [(0, 0)]
    assert faults() == []

    write(by)
    run("UPDATE reform_trailentry SET id = -5")
    assert faults() == ["留痕第-5条是封存之后插入的（第1号封存）。"]


def test_a_clock_that_was_set_back_breaks_no_chain(by):
    """Seals follow one another by number; the moment of each is only told."""
    write(by, 2, at=AT)
    seals.seal_all(at=AT)
    write(by, 1, at=AT - 2 * DAY)
    seals.seal_all(at=AT - 2 * DAY)
    seals.seal_all(at=AT)

    assert [(seal.number, seal.count) for seal in TrailSeal.objects.order_by("number")] == [
        (1, 2),
        (2, 1),
        (3, 0),
    ]
    assert faults() == []


@pytest.mark.skipif("sm3" not in hashlib.algorithms_available, reason="no SM3 in this OpenSSL")
def test_an_entry_edited_on_either_side_of_another_algorithm_is_named(by, settings):
    before = sealed(by, 2)[0]
    settings.TRAIL_DIGEST = "sm3"
    after = write(by, 2)
    seals.seal_all(at=AT + DAY)
    put("trailentry", "sentence", "改写", before[1].pk)
    put("trailentry", "sentence", "改写", after[0].pk)

    assert faults() == [
        f"留痕第{before[1].pk}条被改动（第1号封存）。",
        f"留痕第{after[0].pk}条被改动（第2号封存）。",
    ]


@pytest.mark.skipif("sm3" not in hashlib.algorithms_available, reason="no SM3 in this OpenSSL")
def test_sm3_is_a_setting_and_a_chain_may_go_on_with_it(by, settings):
    sealed(by, 2)
    settings.TRAIL_DIGEST = "sm3"
    write(by, 2)
    made = seals.seal_all(at=AT + DAY)

    assert [seal.algorithm for seal in TrailSeal.objects.order_by("number")] == ["sha256", "sm3"]
    assert made[0].digest == TrailSeal.objects.get(number=2).digest
    assert faults() == []


def test_a_machine_without_the_algorithm_says_what_to_do(by, settings, monkeypatch):
    settings.TRAIL_DIGEST = "sm3"
    monkeypatch.setattr(hashlib, "algorithms_available", {"sha256"})

    with pytest.raises(Refused, match="没有提供 sm3 算法，不能封存。请安装支持该算法的 OpenSSL"):
        seals.seal_all(at=AT)


def test_an_anchor_that_cannot_be_written_stops_the_sealing_first(by, settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.TRAIL_ANCHOR = tmp_path / "file" / "seals.txt"
    write(by)

    with pytest.raises(Refused, match="没有封存。请系统管理员检查该文件和所在目录的权限"):
        seals.seal_all(at=AT)
    assert not TrailSeal.objects.exists()


def test_a_line_cut_off_between_row_and_file_is_written_by_the_next_sealing(by):
    sealed(by)
    known = anchors.place().read_text().splitlines(keepends=True)
    anchors.place().write_text("".join(known[:-1]))
    assert faults() == ["锚文件缺少第3号封存的一行。"]

    seals.seal_all(at=AT + 2 * DAY)
    assert anchors.place().read_text() == "".join(known)
    assert faults() == []


@pytest.mark.parametrize(
    "sql", ["UPDATE reform_trailseal SET count = 9", "DELETE FROM reform_trailseal"]
)
def test_the_database_lets_no_seal_be_changed_or_deleted(by, sql):
    sealed(by, 1)

    with pytest.raises(DatabaseError, match="留痕封存记录不能修改或删除"), transaction.atomic():
        connection.cursor().execute(sql)


@pytest.mark.once
def test_sealing_and_checking_keep_to_little_memory(by):
    """100,000 take some seconds (decision 0014); here it is about what they hold meanwhile."""
    write(by, 6_000)
    tracemalloc.start()
    seals.seal_all(at=AT)
    assert faults() == []
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert most < 8_000_000  # two pages of rows, and the leaves


# ---------------------------------------------------------------- damage to entries


def flipped(text, place=0):
    """One character made another."""
    return text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]


TEXTS = ("act", "sentence", "quote", "target", "subject", "by_name", "behalf_name", "address")


@pytest.mark.parametrize("column", [*TEXTS, "made_as", "by_id", "organization_id", "at", "detail"])
def test_an_edited_entry_is_named_whichever_column_it_was(by, column):
    entry = sealed(by)[1][1]
    other = actor(person("马超", OrganizationFactory()))
    becomes = {
        "made_as": "system",
        "by_id": other.user.pk,
        "organization_id": other.home.pk,
        "at": entry.at + timedelta(microseconds=1),
        "detail": '{"a": {"x": null, "y": 1.5}, "b": [1, "三"]}',
    }.get(column) or flipped(getattr(entry, column))
    if column == "at" and connection.vendor == "sqlite":
        becomes = f"{becomes:%Y-%m-%d %H:%M:%S.%f}"
    put("trailentry", column, becomes, entry.pk)

    assert faults() == [f"留痕第{entry.pk}条被改动（第2号封存）。"]


@pytest.mark.parametrize("column", ["by_id", "organization_id"])
def test_a_value_that_was_taken_away_is_found(by, column):
    entry = sealed(by)[0][0]
    put("trailentry", column, None, entry.pk)

    assert faults() == [f"留痕第{entry.pk}条被改动（第1号封存）。"]


def test_half_a_character_is_found_and_stops_nothing(by):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps no half characters")
    entry = sealed(by)[1][0]
    for column in ("sentence", "at", "target"):
        run(HALF.format(column), entry.pk)

        assert faults() == [f"留痕第{entry.pk}条被改动（第2号封存）。"]


@pytest.mark.parametrize("which", [(0, 0), (1, 1), (2, 2)])
def test_a_deleted_entry_is_named(by, which):
    day, place = which
    entry = sealed(by)[day][place]
    run("DELETE FROM reform_trailentry WHERE id = %s", entry.pk)

    assert faults() == [f"留痕第{entry.pk}条被删除（第{day + 1}号封存）。"]


def test_an_entry_with_another_number_is_one_gone(by):
    entry = sealed(by)[0][1]
    run("UPDATE reform_trailentry SET id = %s WHERE id = %s", entry.pk + 1000, entry.pk)

    assert faults() == [f"留痕第{entry.pk}条被删除（第1号封存）。"]


def test_an_entry_put_among_the_sealed_is_named(by):
    write(by)  # leaves a gap: its key is given and gone
    gap = TrailEntry.objects.get().pk
    write(by)
    run("DELETE FROM reform_trailentry WHERE id = %s", gap)
    triggers.create_all(connection)
    seals.seal_all(at=AT)
    late = write(by)[0]
    run("UPDATE reform_trailentry SET id = %s WHERE id = %s", gap, late.pk)

    assert faults() == [f"留痕第{gap}条是封存之后插入的（第1号封存）。"]


def test_two_entries_that_changed_places_are_both_named(by):
    one, two, _ = sealed(by)[0]
    for key, becomes in ((one.pk, 10**6), (two.pk, one.pk), (10**6, two.pk)):
        run("UPDATE reform_trailentry SET id = %s WHERE id = %s", becomes, key)

    assert faults() == [f"留痕第{key}条被改动（第1号封存）。" for key in (one.pk, two.pk)]


def test_more_faults_than_a_page_holds_are_counted(by):
    sealed(by, 60)
    run("DELETE FROM reform_trailentry")

    said = seal_checks.check(at=AT).sentences()
    assert said[0] == "校验不通过，发现60处不符："
    assert said[51] == "……另有10处，未逐一列出。"


# ---------------------------------------------------------------- damage to seals


@pytest.mark.parametrize(
    ("column", "becomes", "said"),
    [
        ("form", 2, "第2号封存记录被改动，或由更新的程序写成：不认识格式2。"),
        ("algorithm", "sm3", "第2号封存记录被改动。"),
        ("algorithm", "md1", "不认识摘要算法“md1”，不能校验第2号封存"),
        ("first_id", 1, "第2号封存记录被改动。"),
        ("count", 4, "第2号封存记录被改动。"),
        ("sealed_at", "2026-06-04 01:00:00.000001", "第2号封存记录被改动。"),
        ("previous", "0" * 64, "第2号封存与第1号接不上：其中一个被改动，或次序被调换。"),
        ("digest", "0" * 64, "第2号封存记录被改动。"),
        ("leaves", b"\0" * 72, "第2号封存的逐条摘要被改动，所封存的留痕本身未变。"),
        ("leaves", b"\0", "第2号封存的逐条摘要被改动，所封存的留痕本身未变。"),
        ("number", 7, "缺少第2号封存：封存记录被删除，或序号被改。"),
    ],
)
def test_an_edited_seal_is_named(by, column, becomes, said):
    sealed(by)
    put("trailseal", column, becomes, TrailSeal.objects.get(number=2).pk)

    assert any(fault.startswith(said) for fault in faults()), faults()


def test_a_seal_that_reaches_further_than_it_did_is_found(by):
    days = sealed(by)
    run("UPDATE reform_trailseal SET last_id = %s WHERE number = 2", days[2][0].pk)

    assert f"留痕第{days[2][0].pk}条是封存之后插入的（第2号封存）。" in faults()


def test_a_seal_that_is_no_longer_legible_is_told(by):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps nothing but moments in a column of moments")
    sealed(by)
    run("UPDATE reform_trailseal SET sealed_at = '2026-13-03 00:00:00' WHERE number = 2")

    assert "第2号封存记录被改动，内容已无法读取。" in faults()


def test_a_deleted_seal_is_told(by):
    sealed(by)
    run("DELETE FROM reform_trailseal WHERE number = 2")

    assert faults() == [
        "缺少第2号封存：封存记录被删除，或序号被改。",
        "锚文件记有第2号封存，数据库中没有：封存记录被删除。",
    ]


def test_seals_that_changed_places_are_told(by):
    sealed(by)
    for number, becomes in ((1, 9), (2, 1), (9, 2)):
        run("UPDATE reform_trailseal SET number = %s WHERE number = %s", becomes, number)

    said = faults()
    assert "第1号封存记录被改动：它前面不应再有封存。" in said
    assert "第1至2号封存与锚文件所记不一致：其中一个被改动。" in said


def test_the_newest_seals_cut_together_with_their_entries_are_missed_outside(by):
    days = sealed(by)
    run("DELETE FROM reform_trailseal WHERE number >= 2")
    run("DELETE FROM reform_trailentry WHERE id > %s", days[0][-1].pk)

    assert faults() == ["锚文件记有第2至3号封存，数据库中没有：封存记录被删除。"]


def test_everything_cut_is_missed_outside(by):
    sealed(by)
    run("DELETE FROM reform_trailseal")

    assert faults() == ["锚文件记有第1至3号封存，数据库中没有：封存记录被删除。"]


def chain_made_again():
    """Somebody rewrites the whole chain so that it fits, as our own code would."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reform_trailseal")
    kept = anchors.place().read_bytes()
    anchors.place().unlink()
    seals.seal_all(at=AT)
    return kept


def test_a_chain_made_again_is_unlike_the_anchor(by):
    entry = sealed(by)[0][0]
    run("UPDATE reform_trailentry SET sentence = '改写' WHERE id = %s", entry.pk)
    anchors.place().write_bytes(chain_made_again())

    assert faults() == [
        "第1号封存与锚文件所记不一致：其中一个被改动。",
        "锚文件记有第2至3号封存，数据库中没有：封存记录被删除。",
    ]


def test_a_digest_written_down_elsewhere_finds_what_anchor_and_chain_no_longer_show(by):
    entry = sealed(by)[0][0]
    written_down = TrailSeal.objects.get(number=3).digest
    assert faults(expect=written_down) == []
    assert faults(expect=f" {written_down[:8].upper()} {written_down[8:20]}\n") == []

    run("UPDATE reform_trailentry SET sentence = '改写' WHERE id = %s", entry.pk)
    chain_made_again()

    assert faults() == []
    assert faults(expect=written_down) == [
        f"封存链中没有抄录的摘要 {written_down}：抄录之前封存的内容被改动或截去。"
    ]


def test_too_little_of_a_digest_says_nothing(by):
    with pytest.raises(Refused, match="摘要至少抄写前16位，现在只有3位。"):
        faults(expect="abc")


# ---------------------------------------------------------------- damage to the anchor


def anchor(change):
    text = anchors.place().read_text().splitlines(keepends=True)
    anchors.place().write_text("".join(change(text)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: [text[0], text[2]], ["锚文件缺少第2号封存的一行。"]),
        (lambda text: text[2:], ["锚文件缺少第1至2号封存的一行。"]),
        (
            lambda text: [text[0], text[1].replace("\t3\tsha", "\t4\tsha"), text[2]],
            ["第2号封存与锚文件所记不一致：其中一个被改动。"],
        ),
        (lambda text: [*text, "x\n"], ["锚文件第4行不是封存记录：文件被改动。"]),
        (
            lambda text: [text[1], text[0], text[2]],
            ["锚文件各行的次序被调换：文件被改动。"],
        ),
        (
            lambda text: [text[0], text[0].replace("sha256", "sm3"), *text[0:]],
            [
                "锚文件对第1号封存有两种记载：文件被改动。",
            ],
        ),
    ],
)
def test_an_edited_anchor_is_told(by, change, said):
    sealed(by)
    anchor(change)

    assert faults() == said


def test_an_anchor_that_is_gone_is_told(by):
    sealed(by)
    anchors.place().unlink()

    assert faults() == [f"锚文件“{anchors.place()}”不存在，无法与库外记录核对。"]


# ---------------------------------------------------------------- whatever comes


EARLY, LATE = (datetime(year, 1, 1) for year in (1990, 2090))  # noqa: DTZ001 -- zones are drawn
WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
ENTRIES = st.lists(
    st.fixed_dictionaries(
        {
            "sentence": WORDS,
            "quote": WORDS,
            "by_name": WORDS,
            "at": st.datetimes(EARLY, LATE, timezones=st.just(UTC)),
            "detail": st.dictionaries(WORDS, VALUES, max_size=3),
        }
    ),
    min_size=1,
    max_size=6,
)


@given(entries=ENTRIES, data=st.data())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_was_written_holds_until_a_character_of_it_changes(by, entries, data):
    with transaction.atomic():
        anchors.place().unlink(missing_ok=True)
        rows = [write(by, 1, **facts)[0] for facts in entries]
        assert sum(seal.count for seal in seals.seal_all(at=AT)) == len(rows)
        assert faults() == []

        row = data.draw(st.sampled_from(rows))
        column = data.draw(st.sampled_from(["sentence", "quote", "by_name", "detail"]))
        was = getattr(row, column)
        becomes = data.draw(
            (WORDS if column != "detail" else VALUES).filter(lambda new: new != was)
        )
        if column == "detail":
            becomes = json.dumps(becomes)
        put("trailentry", column, becomes, row.pk)
        assert faults() == [f"留痕第{row.pk}条被改动（第1号封存）。"]
        transaction.set_rollback(True)


# ---------------------------------------------------------------- the command


def command(*arguments):
    out = StringIO()
    code = 0
    try:
        call_command("verify_trail", *arguments, stdout=out)
    except SystemExit as end:
        code = end.code
    return code, out.getvalue().splitlines()


def test_the_command_seals_and_says_that_all_holds(by):
    write(by, 2)
    code, said = command("--seal")
    digest = TrailSeal.objects.get().digest

    assert code == 0
    assert said == [
        f"已封存第1号：2条，摘要 {digest}",
        HOLDS.format(1, 2),
        f"最近一次封存：第1号，摘要 {digest}",
    ]
    assert command("--seal")[1][0] == "没有需要封存的新留痕。"
    assert command("--expect", digest)[0] == 0


def test_the_command_ends_with_one_and_names_what_is_off(by):
    entry = sealed(by, 2)[0][1]
    run("UPDATE reform_trailentry SET address = '' WHERE id = %s", entry.pk)

    code, said = command()
    assert code == 1
    assert said[:2] == [
        "校验不通过，发现1处不符：",
        f"留痕第{entry.pk}条被改动（第1号封存）。",
    ]


def test_what_is_a_day_old_and_not_sealed_is_a_reminder_only(by):
    write(by)

    code, said = command()
    assert code == 0
    assert said[-1].startswith("提醒：有超过一天的留痕还没有封存。")


def test_what_cannot_be_done_is_said_in_a_sentence(by):
    with pytest.raises(CommandError, match="摘要至少抄写前16位"):
        command("--expect", "abc")


def test_after_a_restore_another_anchor_is_begun_and_it_is_in_the_trail(by):
    sealed(by)
    run("DELETE FROM reform_trailseal WHERE number = 3")  # as a backup of the day before has it
    triggers.create_all(connection)
    assert command()[0] == 1

    code, said = command("--new-anchor")
    entry = TrailEntry.objects.latest("pk")
    assert code == 0
    assert said[0].startswith("已另起锚文件；旧文件改名为 ")
    assert (entry.act, entry.by_name, entry.address) == (
        "trail.anchor_renewed",
        "系统（命令行）",
        "命令行",
    )
    assert len(list(anchors.place().parent.iterdir())) == 2


def test_a_backup_of_before_the_first_seal_begins_another_anchor_too(by):
    sealed(by)
    run("DELETE FROM reform_trailseal")
    triggers.create_all(connection)

    aside = seal_checks.renew_anchor(at=AT)

    assert len(aside.read_text().splitlines()) == 3
    assert TrailEntry.objects.latest("pk").sentence == "另起锚文件：第0号封存"
    assert [seal.number for seal in seals.seal_all(at=AT)] == [1]
    assert faults() == []
    anchors.place().unlink()
    run("DELETE FROM reform_trailseal")
    with pytest.raises(CommandError, match="没有封存过，不需要另起锚文件"):
        command("--new-anchor")


def test_of_two_anchors_put_aside_in_one_second_both_are_kept(by):
    sealed(by)
    kept = [seal_checks.renew_anchor(at=AT).read_text() for _ in "ab"]

    assert kept == [anchors.place().read_text()] * 2
    assert len(list(anchors.place().parent.iterdir())) == 3
    assert faults() == []


def test_no_other_anchor_is_begun_over_a_chain_that_does_not_hold(by):
    entry = sealed(by)[0][0]
    run("DELETE FROM reform_trailentry WHERE id = %s", entry.pk)

    with pytest.raises(CommandError, match="封存链本身校验不通过，不能另起锚文件"):
        command("--new-anchor")
