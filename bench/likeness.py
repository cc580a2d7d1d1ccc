"""One submitted text against 100,000 others, and all of them against all.

    python -m bench likeness

Texts of 500 characters, put together as people write them (likeness_texts.py). Of those looked up
some are copies: 60 % of their sentences are another's, in another order, the rest one's own; some
have words changed besides; some are nobody's copies; some have nothing in common with others but
what the form says. The whole pass is measured against MinHash in numpy (likeness_peer.py), each in
a process of its own.
"""

import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import django
from django.core.management import call_command
from django.db import connection

from bench.likeness_texts import TEMPLATES, copied, text
from bench.places import Place, child, postgresql, sqlite

TEXTS = int(os.environ.get("BENCH_TEXTS", "100000"))
RUNS = int(os.environ.get("BENCH_RUNS", "3"))
PLANTED = TEXTS // 100  # in the whole pass
LOOKED_UP = 150  # of each kind
COPIED = 0.6
WITHIN = 50.0  # milliseconds
SLOWER = 8.0  # times the peer
MISSED = 2.0  # per cent of the copies
MEMORY = 250  # megabytes
MORE = 1.5  # times the memory of the peer
ENGINES = {"sqlite": sqlite, "postgresql": postgresql}
KINDS = ("copy", "changed", "own", "form")


def run() -> list[dict[str, Any]]:
    figures: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as texts:
        for name in os.environ.get("BENCH_ENGINES", "sqlite,postgresql").split(","):
            with tempfile.TemporaryDirectory() as folder, ENGINES[name](folder) as place:
                if not figures:
                    child(place, "bench.likeness", "write", texts)
                child(place, "bench.likeness", "seed", texts)
                figures += _looking_up(place, child(place, "bench.likeness", "look", texts))
        with tempfile.TemporaryDirectory() as folder, sqlite(folder) as place:
            runs = [
                [child(place, "bench.likeness", what, texts) for what in ("all", "peer")]
                for _ in range(RUNS)
            ]
    ours, peer = (min(seen, key=lambda one: one["took"]) for seen in zip(*runs, strict=True))
    return figures + _all_of_them(ours, peer)


def _looking_up(place: Place, seen: dict[str, Any]) -> list[dict[str, Any]]:
    what = f"一份材料比 {TEXTS:,} 份，{place.engine}，毫秒"
    times, missed = seen["times"], 100 * (1 - seen["copy"] / LOOKED_UP)
    return [
        {
            "name": f"{what}，{word}",
            "ours": round(times[word], 1),
            "peer": WITHIN,
            "ratio": round(times[word] / WITHIN, 2),
            "limit": 1.0,
            "note": (
                f"每份 500 字，共 {seen['keys']:,} 个特征，查 {LOOKED_UP * len(KINDS)} 次；"
                f"进程自用中位 {seen['busy']:.1f}；开始时负载 {seen['load']:.1f}"
            ),
        }
        for word in ("中位", "p95")
    ] + [
        {
            "name": f"抄六成的材料没有找出的，{place.engine}，%",
            "ours": round(missed, 1),
            "peer": MISSED,
            "ratio": round(missed / MISSED, 2),
            "limit": 1.0,
            "note": (
                f"{LOOKED_UP} 份中找出 {seen['copy']} 份；"
                f"另换了字词的 {LOOKED_UP} 份中找出 {seen['changed']} 份"
            ),
        },
        {
            "name": f"自己写的、只有格式用语相同的被提示，{place.engine}，份",
            "ours": seen["own"] + seen["form"],
            "peer": 0,
            "ratio": float(seen["own"] + seen["form"]),
            "limit": 0.0,
            "note": f"各 {LOOKED_UP} 份，其中格式用语的 {seen['form']} 份",
        },
        {
            "name": f"查找进程的内存，{place.engine}，MB",
            "ours": seen["memory"],
            "peer": MEMORY,
            "ratio": round(seen["memory"] / MEMORY, 2),
            "limit": 1.0,
            "note": "进程全程最高",
        },
    ]


def _all_of_them(ours: dict[str, Any], peer: dict[str, Any]) -> list[dict[str, Any]]:
    missed = 100 * (1 - ours["planted"] / PLANTED)
    return [
        {
            "name": f"{TEXTS:,} 份材料两两比对，秒",
            "ours": round(ours["took"], 1),
            "peer": round(peer["took"], 1),
            "ratio": round(ours["took"] / peer["took"], 2),
            "limit": SLOWER,
            "note": (
                f"埋入抄六成的 {PLANTED:,} 份；对照是只估相似度的 numpy MinHash，"
                f"找出 {peer['planted']:,} 份，另报 {peer['others']:,} 对"
            ),
        },
        {
            "name": "两两比对，抄六成没有找出的，%",
            "ours": round(missed, 1),
            "peer": MISSED,
            "ratio": round(missed / MISSED, 2),
            "limit": 1.0,
            "note": f"找出 {ours['planted']:,} 份及其段落；另报 {ours['others']} 对",
        },
        {
            "name": "两两比对的内存，MB",
            "ours": ours["memory"],
            "peer": peer["memory"],
            "ratio": round(ours["memory"] / peer["memory"], 2),
            "limit": MORE,
            "note": "进程全程最高；对照是 numpy MinHash",
        },
    ]


# ---------------------------------------------------------------- inside a child


def _write(folder: str) -> dict[str, Any]:
    """Write the texts once; the last of them are copies of others."""
    chance = random.Random(2026)  # noqa: S311 -- no secret
    texts = [text(chance) for _ in range(TEXTS - PLANTED)]
    of = chance.sample(range(len(texts)), PLANTED)
    texts += [copied(chance, texts[place], COPIED) for place in of]
    Path(folder, "texts.json").write_text(json.dumps([texts, of], ensure_ascii=False), "utf-8")
    looked_up = list(_looked_up(chance, texts))
    Path(folder, "looked_up.json").write_text(json.dumps(looked_up), "utf-8")
    return {}


def _texts(folder: str) -> tuple[list[str], list[int]]:
    return json.loads(Path(folder, "texts.json").read_text("utf-8"))


def _seed(folder: str) -> dict[str, Any]:
    from campaigns.models import Campaign, KeptText, TextKey, WordList  # noqa: PLC0415
    from campaigns.models.likeness import COMMON  # noqa: PLC0415
    from campaigns.models.word_list import TEMPLATE, said_by_all  # noqa: PLC0415
    from reform.actions import organizations  # noqa: PLC0415
    from reform.text import likeness  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    place = organizations.create(name="市交通局党组", code="JTJ", kind="committee")
    campaign = Campaign.objects.create(
        title="以案促改专项工作",
        code="YACG",
        organization=place,
        starts_on="2026-03-01",
        ends_on="2026-12-31",
    )
    lines = [*TEMPLATE, *TEMPLATES]
    WordList.objects.create(campaign=campaign, kind=WordList.Kind.TEMPLATE, lines=lines)
    texts, _ = _texts(folder)
    KeptText.objects.bulk_create(
        (
            KeptText(
                kind="examination",
                campaign=campaign,
                organization=place,
                source=number,
                year=2026,
                length=len(words),
                text=words,
            )
            for number, words in enumerate(texts)
        ),
        batch_size=1000,
    )
    exempt = likeness.phrases(said_by_all(campaign))
    seen: Counter[int] = Counter()

    def rows() -> Iterator[tuple[int, int]]:
        for pk, words in KeptText.objects.order_by("pk").values_list("pk", "text").iterator():
            found = likeness.keys(likeness.plain(words, exempt))
            for value in likeness.mixed(found, campaign.pk):
                seen[value] += 1
                if seen[value] <= COMMON:
                    yield pk, value

    index = TextKey._meta.indexes[0]  # noqa: SLF001 -- made again once all is in
    with connection.schema_editor() as editor:
        editor.remove_index(TextKey, index)
    some: list[tuple[int, int]] = []
    for row in rows():
        some.append(row)
        if len(some) == 100_000:
            _insert(some)
            some.clear()
    _insert(some)
    with connection.schema_editor() as editor:
        editor.add_index(TextKey, index)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {}


def _insert(rows: Sequence[tuple[int, int]]) -> None:
    table = "campaigns_textkey"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("BEGIN")
            cursor.executemany(f"INSERT INTO {table} (text_id, value) VALUES (%s, %s)", rows)  # noqa: S608 -- our own name
            cursor.execute("COMMIT")
            return
        from io import StringIO  # noqa: PLC0415

        lines = StringIO("".join(f"{pk}\t{value}\n" for pk, value in rows))
        cursor.copy_from(lines, table, columns=("text_id", "value"))


def _looked_up(chance: random.Random, texts: list[str]) -> Iterator[tuple[str, str, int]]:
    """Yield kind, text and the place of the one it was copied from."""
    for _ in range(LOOKED_UP):
        place = chance.randrange(TEXTS - PLANTED)
        copy = copied(chance, texts[place], COPIED)
        yield "copy", copy, place
        changed = copied(chance, texts[place], COPIED).replace("我", "本人").replace("没有", "未")
        yield "changed", changed.replace("月", "月份"), place
        yield "own", text(chance), -1
        said = list(TEMPLATES)
        chance.shuffle(said)
        yield "form", "。".join([*said, text(chance, 200)]), -1


def _look(folder: str) -> dict[str, Any]:
    from campaigns.actions import likenesses  # noqa: PLC0415
    from campaigns.models import Campaign, KeptText, TextKey  # noqa: PLC0415

    looked_up = json.loads(Path(folder, "looked_up.json").read_text("utf-8"))
    campaign = Campaign.objects.select_related("organization").get()
    first = KeptText.objects.order_by("pk").values_list("pk", flat=True)[0]
    load = os.getloadavg()[0]
    spent, busy, counts = [], [], Counter(dict.fromkeys(KINDS, 0))
    for number, (kind, words, place) in enumerate(looked_up):
        began, worked = time.perf_counter(), time.process_time()
        found = likenesses.found(
            words, campaign=campaign, author=None, organization=campaign.organization
        )
        took = time.perf_counter() - began
        if number >= 2 * len(KINDS):  # the first ones load what is loaded once
            spent.append(took * 1000)
            busy.append((time.process_time() - worked) * 1000)
        hits = {one.kept - first for one in found}
        counts[kind] += place in hits if place >= 0 else bool(hits)
    return {
        **counts,
        "times": {"中位": median(spent), "p95": quantiles(spent, n=20)[18]},
        "keys": TextKey.objects.count(),
        "load": load,
        "busy": median(busy),
        "memory": _memory(),
    }


def _all(folder: str) -> dict[str, Any]:
    from reform.text import likeness, pairs  # noqa: PLC0415

    texts, of = _texts(folder)
    exempt = likeness.phrases(TEMPLATES)
    began = time.perf_counter()
    found = pairs.alike([likeness.plain(words, exempt) for words in texts])
    took = time.perf_counter() - began
    return {"took": took, "memory": _memory()} | _told({(a, b) for a, b, _ in found}, of)


def _peer(folder: str) -> dict[str, Any]:
    from bench.likeness_peer import alike  # noqa: PLC0415 -- each in a process of its own

    texts, of = _texts(folder)
    began = time.perf_counter()
    found = alike(texts)
    took = time.perf_counter() - began
    return {"took": took, "memory": _memory()} | _told(found, of)


def _told(found: set[tuple[int, int]], of: list[int]) -> dict[str, int]:
    planted = {(place, TEXTS - PLANTED + row) for row, place in enumerate(of)}
    return {"planted": len(planted & found), "others": len(found - planted)}


def _memory() -> int:
    """The most it has held so far, in megabytes; `getrusage` would count what it was forked off."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


STEPS = {"write": _write, "seed": _seed, "look": _look, "all": _all, "peer": _peer}


def main(what: str, folder: str) -> None:
    django.setup()
    print(json.dumps(STEPS[what](folder)))


if __name__ == "__main__":
    main(*sys.argv[1:])
