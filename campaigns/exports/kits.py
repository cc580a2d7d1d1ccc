"""Kits as files (活动套件): what `campaigns.imports.kits` reads again, the same."""

import json
from typing import Any

from campaigns.models import Kit

HEAD = "# 活动套件，由系统导出。可以修改后再导入；写法见使用手册“活动套件”。\n"


def toml(kit: Kit) -> bytes:
    """Return the kit as a TOML file: plain values first, then tables, as TOML asks."""
    data = kit.data()
    lines = [HEAD, *_plain(data)]
    for key, value in data.items():
        if isinstance(value, dict):
            lines += ["", f"[{key}]", *_plain(value)]
        elif isinstance(value, list):
            for row in value:
                lines += ["", f"[[{key}]]", *_plain(row)]
    return ("\n".join(lines) + "\n").encode()


def _plain(table: dict[str, Any]) -> list[str]:
    """Lines of what is no table of its own; tables within a table stand in one line each."""
    top = "stages" in table  # lists of tables at the top are written as [[tables]]
    return [
        f"{key} = {_value(value)}"
        for key, value in table.items()
        if not isinstance(value, dict) and not (top and isinstance(value, list))
    ]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        if any(isinstance(one, dict) for one in value):
            return "[\n" + "".join(f"  {_value(one)},\n" for one in value) + "]"
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, int):
        return str(value)
    # A string of JSON is one of TOML, but for DEL, which the cleaner takes out of every text.
    return json.dumps(value, ensure_ascii=False)
