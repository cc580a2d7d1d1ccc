"""What lies in the folder of one backup, and whether it is still what was put there.

20261126-030000/
  manifest.json           what it is: moment, release, engine, migrations, rows a table
  database.sql.gz         PostgreSQL; or database.sqlite3
  files/ab/ab12…          every kept file under the name its row has
  SHA256SUMS              of all of these; `sha256sum -c SHA256SUMS` reads it without us
"""

import gzip
import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path

from reform.errors import Refused

FORMAT = 1
MANIFEST, SUMS, FILES = "manifest.json", "SHA256SUMS", "files"
DATED = re.compile(r"\d{8}-\d{6}")
LINE = re.compile(r"([0-9a-f]{64})  (.+)")
# The last words of pg_dump: without them the rest of the disk was full.
LAST_WORDS = b"PostgreSQL database dump complete"


@dataclass(frozen=True)
class Manifest:
    made_at: str  # ISO, with its zone
    release: str
    engine: str  # sqlite or postgresql
    engine_version: str
    database: str  # the file's name
    counts: dict[str, int]  # table → rows; sessions are not taken along
    migrations: list[list[str]]  # app and name, as django_migrations has them
    files: int
    bytes: int
    # Rows whose file was no longer on the disk, or was no longer what the row says.
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    format: int = FORMAT


def write(folder: Path, manifest: Manifest, sums: dict[str, str]) -> None:
    """Write the manifest, and last of all the list of hashes."""
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    every = sums | {name: hash_of(folder / name) for name in (MANIFEST, manifest.database)}
    lines = "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(every.items()))
    (folder / SUMS).write_text(lines, encoding="utf-8")


def read(folder: Path) -> Manifest:
    try:
        facts = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        manifest = Manifest(**facts)
    except FileNotFoundError as error:
        raise Refused(
            f"“{folder}”中没有 {MANIFEST}，不是一份备份。请指明某一份备份的文件夹。"
        ) from error
    except (OSError, ValueError, TypeError) as error:
        raise Refused(f"“{folder}”的 {MANIFEST} 读不出来，这份备份不能使用。") from error
    if manifest.format != FORMAT:
        raise Refused(f"“{folder}”的格式（{manifest.format}）本版本不认识，请用做备份的版本恢复。")
    return manifest


def sums(folder: Path) -> dict[str, str]:
    """Return name → SHA-256, as the folder says of itself."""
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise Refused(f"“{folder}”的 {SUMS} 读不出来，这份备份不能使用。") from error
    found = [LINE.fullmatch(line) for line in lines]
    if not all(found):
        raise Refused(f"“{folder}”的 {SUMS} 已损坏，这份备份不能使用。")
    return {match[2]: match[1] for match in found if match}


def kept_files(folder: Path) -> dict[str, str]:
    """Return the files of rows: name below `files/` → SHA-256."""
    start = f"{FILES}/"
    return {
        name.removeprefix(start): sha256
        for name, sha256 in sums(folder).items()
        if name.startswith(start)
    }


def hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def dated(root: Path) -> list[Path]:
    """Return the whole backups below a folder, oldest first."""
    if not root.is_dir():
        return []
    every = (path for path in root.iterdir() if DATED.fullmatch(path.name))
    return sorted(path for path in every if (path / MANIFEST).is_file())


def faults(folder: Path) -> Iterator[str]:
    """Yield in sentences what is not as it was; nothing when the backup is whole."""
    manifest, listed = read(folder), sums(folder)
    yield from _changed(folder, listed)
    present = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    for name in sorted(present - listed.keys() - {SUMS}):
        yield f"{name}：不是这份备份里的文件。"
    if {MANIFEST, manifest.database} - listed.keys() or len(kept_files(folder)) != manifest.files:
        yield f"{SUMS}：与 {MANIFEST} 不符，有内容被删去。"
    elif manifest.database in present and not _is_whole(folder, manifest):
        yield f"{manifest.database}：数据库内容不完整。"


def _changed(folder: Path, listed: dict[str, str]) -> Iterator[str]:
    for name, sha256 in listed.items():
        path = folder / name
        if folder.resolve() not in path.resolve().parents:
            yield f"{name}：不在这份备份的文件夹之内。"
        elif not path.is_file():
            yield f"{name}：缺失。"
        elif hash_of(path) != sha256:
            yield f"{name}：内容与备份时不同。"


def _is_whole(folder: Path, manifest: Manifest) -> bool:
    path = folder / manifest.database
    if manifest.engine == "postgresql":
        return _ends_well(path)
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as copy:
            return copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    except sqlite3.DatabaseError:
        return False


def _ends_well(path: Path) -> bool:
    last = b""
    try:
        with gzip.open(path) as text:
            while chunk := text.read(1 << 20):
                last = last[-200:] + chunk
    except (OSError, EOFError):
        return False
    return LAST_WORDS in last[-400:]
