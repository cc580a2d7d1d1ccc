"""When files, disk or shell do not do as they should: a sentence, and nothing half kept."""

import os
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError

from rectification.models import Evidence, Problem, Upload
from reform.models import Attachment, Job
from tests.rectification.test_import import GOOD, workbook


def add_file(browser, problem):
    file = SimpleUploadedFile("回访记录.pdf", b"%PDF-1.4 pages")
    return browser.post(f"/problems/{problem.pk}/evidence/new/", {"kind": "file", "files": file})


@pytest.fixture
def no_disk(tmp_path, settings):
    """A folder for files that takes none."""
    taken = tmp_path / "taken"
    taken.write_text("a file, where a folder should be")
    settings.MEDIA_ROOT = str(taken)
    settings.FILE_UPLOAD_TEMP_DIR = str(taken / "incoming")


def test_a_disk_that_takes_no_file_is_told(bureau, rectifying, signed_in, no_disk):
    response = add_file(signed_in(bureau.member), rectifying)

    assert response.status_code == 200
    assert "“回访记录.pdf”暂时无法保存" in response.content.decode()
    assert not Attachment.objects.exists()


def test_an_import_without_a_disk_is_told(bureau, signed_in, no_disk):
    response = signed_in(bureau.liaison).post(
        "/imports/new/",
        {
            "campaign": bureau.campaign.pk,
            "organization": bureau.branch.pk,
            "file": SimpleUploadedFile("台账.xlsx", workbook(GOOD)),
        },
    )

    assert "暂时无法保存" in response.content.decode()
    assert not Upload.objects.exists()


def test_an_export_without_a_disk_ends_on_the_page_of_its_job(
    bureau, rectifying, signed_in, no_disk
):
    response = signed_in(bureau.secretary).post("/problems/export/", {"variant": "data"})

    job = Job.objects.get()
    assert response.url == f"/jobs/{job.pk}/"
    assert (job.state, job.fault[:5]) == (Job.State.FAILED, "生成时出错")


def test_a_file_that_is_gone_is_said_to_be_gone(bureau, rectifying, signed_in):
    browser = signed_in(bureau.member)
    add_file(browser, rectifying)
    piece = Evidence.objects.get()
    piece.attachment.file.storage.delete(piece.attachment.file.name)

    response = browser.get(f"/evidence/{piece.pk}/file/")

    assert response.status_code == 404


@pytest.mark.parametrize("page", ["/problems/bulk/", "/problems/fill/"])
def test_a_key_of_five_thousand_digits_is_no_row(bureau, registered, signed_in, page):
    keys = ["9" * 5000, "9" * 19]

    response = signed_in(bureau.secretary).post(
        f"{page}?pk={keys[0]}&pk={keys[1]}", {"act": "issue", "pk": keys}
    )

    assert response.status_code in {302, 404}


# ---------------------------------------------------------------- the shell


def import_ledger(bureau, path, **changed):
    options = {
        "campaign": "YACG",
        "organization": bureau.branch.code,
        "user": bureau.users["liaison"].username,
        "source": "自己找",
    }
    call_command("import_ledger", str(path), stdout=StringIO(), **options | changed)


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "台账.xlsx"
    path.write_bytes(workbook(GOOD))
    return path


def kept_files():
    root = Path(configured.MEDIA_ROOT)
    return [path for path in root.rglob("*") if path.is_file()] if root.exists() else []


@pytest.mark.parametrize("day", ["2026-13-01", "2026年6月1日", "昨天", "0001-01-01", "9999-01-01"])
def test_a_day_that_cannot_be_is_said(bureau, book, day):
    with pytest.raises(CommandError, match=f"发现日期“{day}”"):
        import_ledger(bureau, book, found_on=day)

    assert not Problem.objects.exists()


def test_a_day_from_the_shell_is_kept(bureau, book):
    import_ledger(bureau, book, found_on="2026-05-06")

    assert Problem.objects.get().found_on == date(2026, 5, 6)


@pytest.mark.parametrize("option", ["campaign", "organization", "user"])
def test_bytes_that_are_no_text_name_nothing(bureau, book, option):
    with pytest.raises(CommandError, match="请核对"):
        import_ledger(bureau, book, **{option: os.fsdecode(b"\xff\xfe")})


def test_what_is_not_kept_leaves_no_file(bureau, book):
    import_ledger(bureau, book)
    before = kept_files()

    for refused in (
        {},  # the same file twice
        {"organization": bureau.sibling.code},
        {"user": bureau.users["member"].username},
    ):
        with pytest.raises(CommandError):
            import_ledger(bureau, book, **refused)

    assert kept_files() == before
    assert Upload.objects.count() == Attachment.objects.count() == 1


def test_a_row_that_cannot_be_registered_takes_the_others_and_the_file_with_it(bureau, tmp_path):
    """The file has no 来源, and the shell names none."""
    book = tmp_path / "台账.xlsx"
    book.write_bytes(workbook(GOOD))

    with pytest.raises(CommandError, match="不能入账"):
        import_ledger(bureau, book, register=True, source="")

    assert not Problem.objects.exists()
    assert kept_files() == []
