"""What is left of a draft where nobody looks for one: lines of the log, and what a backup lists.

Pages, exports, search and the trail are asked in test_examination_pages.py and test_reflections.py.
"""

import json
import logging
import shutil
from io import BytesIO, StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import path

from campaigns.actions import examination_records, reflections
from campaigns.models import Examination, Reflection
from reform import logs, urls
from reform.actions import attachments
from reform.actions.backups import folder
from tests.campaigns.sheets import begun, written
from tests.campaigns.test_examination_pages import page, typed
from tests.campaigns.test_reflections import begun as thought
from tests.factories import AT

MINE = "只有我自己知道的一句话"
NAME = "手写的心里话"  # of a file


def stumble(request):
    """A page that breaks over what was typed, and says it in its complaint."""
    raise RuntimeError(request.POST["cause"])


urlpatterns = [*urls.urlpatterns, path("stumble/", stumble)]
handler400, handler403, handler404 = urls.handler400, urls.handler403, urls.handler404
handler405, handler500 = urls.handler405, urls.handler500


@pytest.fixture
def log():
    """All that any logger says of whatever level, as the product writes lines."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.Line())
    own = [logging.getLogger(name) for name in ("", "django", "django.request", "reform")]
    before = [(logger, logger.level) for logger in own]
    for logger in own:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    yield stream
    for logger, level in before:
        logger.removeHandler(handler)
        logger.setLevel(level)


@pytest.mark.urls(__name__)
def test_the_log_knows_no_word_of_a_draft_whatever_goes_wrong(bureau, signed_in, log):
    with time_machine.travel(AT, tick=False):
        row, other = begun(bureau.campaign, bureau.member), thought(bureau.campaign, bureau.member)
        browser = signed_in(bureau.member)
        browser.raise_request_exception = False
        said = [
            browser.post(page("save", row), typed(row, cause=MINE)),
            browser.post(page("save", row), typed(row, cause=MINE * 2)),  # an older page
            browser.post(page("save", row), typed(row, cause=MINE, picked=[MINE])),
            browser.post(page("write", row), typed(row, cause=MINE * 30_000)),
            browser.post(page("submit", row), typed(row, cause=MINE)),
            browser.get(page("write", row, q=MINE)),
            browser.get(f"/{MINE}/"),
            browser.post(f"/reflections/{other.pk}/save/", {"version": "x", "text": MINE}),
            browser.post("/stumble/", {"cause": MINE}),
            signed_in(bureau.colleague).post(page("save", row), typed(row, cause=MINE)),
        ]

    assert [answer.status_code for answer in said[:2]] == [200, 409]
    assert said[8].status_code == 500
    assert "/stumble/" in log.getvalue()
    assert "RuntimeError" in log.getvalue()
    assert MINE not in log.getvalue()
    # As escaped, as Django writes a path that is not ASCII; and as an address writes it.
    assert MINE.encode("unicode_escape").decode() not in log.getvalue()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor == "postgresql" and not shutil.which("pg_dump"), reason="no pg_dump on PATH"
)
def test_what_a_backup_lists_names_no_draft(bureau, tmp_path, settings):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    kept = [
        attachments.keep(BytesIO(b"%PDF-1.4 " + mark), name=f"{NAME}.pdf", by=bureau.liaison, at=AT)
        for mark in (b"one", b"two")
    ]
    with time_machine.travel(AT, tick=False):
        begun(bureau.campaign, bureau.member, cause=MINE)
        examination_records.record(
            bureau.campaign.checklists.get(),
            author=bureau.users["colleague"],
            content=written(bureau.campaign.checklists.get(), "慢", cause=MINE),
            scan=kept[0],
            by=bureau.liaison,
            at=AT,
        )
        row = thought(bureau.campaign, bureau.member)
        reflections.save(row, title=NAME, text=MINE, version=row.version, by=bureau.member, at=AT)
    assert Examination.objects.filter(status="draft").count() == 2
    assert Reflection.objects.filter(status="draft").count() == 1
    # A file that is gone is the one case in which a backup lists files one by one.
    Path(kept[1].file.path).unlink()
    said = StringIO()
    with pytest.raises(CommandError, match="1 个文件不在磁盘上") as told:
        call_command("backup", str(tmp_path / "backups"), stdout=said)
    (made,) = folder.dated(tmp_path / "backups")
    call_command("verify_backup", str(made), stdout=said, stderr=said)

    manifest = (made / folder.MANIFEST).read_text("utf-8")
    assert json.loads(manifest)["counts"]["campaigns_examination"] == 2
    names = [str(one.relative_to(made)) for one in made.rglob("*")]
    listed = [manifest, (made / folder.SUMS).read_text("utf-8"), said.getvalue(), *names]
    listed.append(str(told.value))
    for words in (MINE, NAME):
        assert words not in "".join(listed)
        assert json.dumps(words)[1:-1] not in "".join(listed)
