"""The ledger as a workbook (台账导出), in two variants from one column table."""

from pathlib import Path

from rectification.exports.cover import Cover, file_name
from rectification.exports.flat import write_data
from rectification.exports.printed import write_printed
from rectification.exports.rows import Tell
from rectification.models.problem_queryset import ProblemQuerySet

__all__ = ["VARIANTS", "Cover", "file_name", "write", "write_data", "write_printed"]

# Word of the command line → what it makes.
VARIANTS = {"printed": write_printed, "data": write_data}


def write(
    problems: ProblemQuerySet,
    target: Path,
    *,
    variant: str,
    cover: Cover,
    tell: Tell = lambda _done, _total: None,
) -> int:
    """Write the rows of `problems` to `target`; return how many there are."""
    return VARIANTS[variant](problems, target, cover=cover, tell=tell)
