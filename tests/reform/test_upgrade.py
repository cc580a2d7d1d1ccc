"""A database of before (升级): what was filed then is found, closed and answered for as it was.

Going back an earlier release's way and forward again is the quickest old database there is; the
rows lose on the way back what that release had no column for.
"""

import shutil
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse
from django.utils import timezone

from rectification.models import Measure, Problem
from reform.actions import seal_checks, seals
from reform.actions.backups import folder, making
from reform.models import Act, Organization, Role, TrailEntry, triggers
from tests.conftest import SIX
from tests.factories import PASSWORD, ProblemFactory, person
from tests.rectification.test_pages import closed  # noqa: F401 -- a fixture
from tests.rectification.test_search import looked_up
from tests.reform.test_backups import restore
from tests.reform.test_triggers import LISTED, standing

pytestmark = [
    pytest.mark.long,
    pytest.mark.dealt(0.5),
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "postgresql" and not shutil.which("pg_dump"),
        reason="no pg_dump on PATH",
    ),
]

BEFORE = (("rectification", "0002"), ("reform", "0002"))  # search, seals, sign-ins, delegations
# What the tables are called, in triggers, that BEFORE had not yet.
NEWER = (
    "trailseal",
    "weekly",
    "forwarding",
    "owedreport",
    "instruction",
    "campaigns_",
    "conversion",
    "taskforceproblem",
    "sweepproblem",
    "sweeporigin",
    "caselink",
)
FIRST_BACKUPS = (("rectification", "0003"), ("reform", "0005"))


@pytest.fixture
def house(bureau, closed, tmp_path, settings):  # noqa: F811 -- the fixture above
    """A row that is closed and one that is not, a leader with his field, three administrators."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "media" / "incoming")
    Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    secretary = bureau.users["secretary"]
    secretary.set_password(PASSWORD)
    secretary.save()
    row = ProblemFactory(
        campaign=bureau.campaign,
        organization=bureau.branch,
        by=bureau.liaison,
        cause="排班不清楚",
        **SIX,
    )
    yield SimpleNamespace(
        bureau=bureau,
        closed=closed,
        row=row,
        deputy=person("段副主任", bureau.center, Role.LEADER, fields=[bureau.branch]),
        system=bureau.users["system"],
        auditor=person("审计员", bureau.top, Role.AUDIT),
        backups=tmp_path / "backups",
    )
    triggers.create_all(connection)


def go_back(state):
    for app, name in state:
        call_command("migrate", app, name, verbosity=0)


def what_stands(house):
    row = Problem.objects.get(pk=house.closed.pk)
    field = house.deputy.duties.get(role=Role.LEADER).fields
    return {
        "closed": (row.status, row.number, row.organization_name, row.above_name),
        "found": {
            words: looked_up(words)
            for words in ("审批事项", "排班不清", "马超", row.number, "没有的字")
        },
        "field": list(field.values_list("organization", "kind", "since", "until")),
        "order": list(Organization.objects.official_order().values_list("name", flat=True)),
        "measures": list(Measure.objects.order_by("pk").values_list("text", flat=True)),
        "triggers": standing(),
    }


def what_a_release_before_backs_up(house):
    """As its `backup` did: rows of one snapshot, the manifest, the hashes."""
    made = house.backups / "20260101-030000"
    made.mkdir(parents=True)
    making._fill(made, None, at=timezone.now() - timedelta(days=1))  # noqa: SLF001 -- of then
    assert list(folder.faults(made)) == []
    return made


def sealed_now():
    """Seal what is there; return how many entries, and what is wrong with them."""
    made = seals.seal_all(at=timezone.now())
    return [seal.count for seal in made], seal_checks.check(at=timezone.now()).faults


def test_a_database_of_before_is_brought_up_to_date_and_so_is_a_backup(house, client, signed_in):
    """One test for both, since each way through the migrations takes seconds."""
    was, entries = what_stands(house), TrailEntry.objects.count()
    MigrationRecorder(connection).record_applied("axes", "0001_initial")  # whose tables we dropped
    go_back(FIRST_BACKUPS)
    backup = what_a_release_before_backs_up(house)
    go_back(BEFORE)
    assert ("axes", "0001_initial") not in MigrationRecorder(connection).applied_migrations()
    assert standing() == sorted(name for name in LISTED if not any(map(name.__contains__, NEWER)))

    call_command("migrate", verbosity=0)

    assert what_stands(house) == was
    assert was["closed"][2:] == ("第一党支部", "服务中心党委")
    assert was["found"]["马超"] == {house.closed.pk, house.row.pk}
    assert sealed_now() == ([entries], [])
    secretary = house.bureau.secretary.user.username
    answers = [client.post("/login/", {"username": secretary, "password": PASSWORD})]
    pages = ["/", "/problems/?q=审批事项", house.closed.get_absolute_url()]
    answers += [client.get(page) for page in pages]
    answers.append(signed_in(house.auditor).get(reverse("trail")))
    assert [answer.status_code for answer in answers] == [302, 200, 200, 200, 200]

    Problem.objects.filter(pk=house.row.pk).delete()
    assert "已恢复" in restore(house, backup)

    assert what_stands(house) == was
    assert TrailEntry.objects.filter(act=Act.RESTORED).count() == 1
    assert sealed_now() == ([entries + 2], [])  # restored, another anchor begun
