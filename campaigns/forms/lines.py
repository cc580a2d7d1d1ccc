"""A list as people paste it: a line each, the parts of a line set off by a sign or a tab."""

import re

from reform.text import clean


def lines_of(text: str) -> list[str]:
    """Return the lines that say something; a pasted table has tabs in them, which stay."""
    return [line for line in (clean(line) for line in text.split("\n")) if line]


def parted(line: str, *signs: str) -> list[str]:
    """Return the parts of a line, set off by tabs, by “｜”, or once by one of the signs given."""
    if "\t" in line:
        return [part.strip() for part in line.split("\t") if part.strip()]
    marks = "".join(map(re.escape, signs or ("｜", "|")))
    return [part.strip() for part in re.split(f"[{marks}]", line, maxsplit=1 if signs else 0)]
