"""Reading the values of a kit file one by one, each fault with its place in words."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from reform.text import clean

Table = dict[str, Any]


class Taker:
    """Takes values out of tables. What is wrong is noted, and a harmless value given instead, so
    that all faults of a file are found at once; `faults` must be empty before a value is used."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def fault(self, place: str, message: str) -> None:
        self.faults.append(f"{place}：{message}")

    def only(self, table: Table, known: Collection[str], place: str) -> None:
        """A key that is not known is a slip of the pen: it would be left out without a word."""
        for key in table:
            if key not in known:
                self.fault(place, f"没有“{clean(str(key), multiline=False)[:40]}”这一项")

    def text(
        self,
        table: Table,
        key: str,
        place: str,
        *,
        most: int,
        needed: bool = True,
        lines: bool = False,
    ) -> str:
        value = table.get(key, "")
        if not isinstance(value, str):
            self.fault(f"{place}的{key}", "应为加引号的文字")
            return ""
        value = clean(value, multiline=lines)
        if needed and not value:
            self.fault(f"{place}的{key}", "没有填写")
        if len(value) > most:
            self.fault(f"{place}的{key}", f"最多{most}字，现有{len(value)}字")
        return value[:most]

    def texts(
        self, table: Table, key: str, place: str, *, most: int, count: int
    ) -> tuple[str, ...]:
        values = self._list(table, key, place, count)
        if any(not isinstance(value, str) for value in values):
            self.fault(f"{place}的{key}", "应为加引号的文字，以逗号分隔")
            return ()
        return tuple(
            self.text({key: value}, key, f"{place}第{number}个", most=most)
            for number, value in enumerate(values, start=1)
        )

    def number(
        self, table: Table, key: str, place: str, *, least: int, most: int, usual: int | None = None
    ) -> int:
        value = table.get(key, usual)
        # True is an int to Python, and not to anybody else.
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.fault(f"{place}的{key}", f"应为{least}至{most}的整数")
            return least
        return value

    def flag(self, table: Table, key: str, place: str, *, usual: bool) -> bool:
        value = table.get(key, usual)
        if not isinstance(value, bool):
            self.fault(f"{place}的{key}", "应为 true 或 false")
            return usual
        return value

    def choice(
        self, table: Table, key: str, place: str, known: Mapping[str, str], usual: str = ""
    ) -> str:
        value = table.get(key, usual)
        if not isinstance(value, str) or value not in known:
            self.fault(f"{place}的{key}", f"应为下列之一：{_named(known)}")
            return next(iter(known))
        return value

    def choices(
        self, table: Table, key: str, place: str, known: Mapping[str, str], *, needed: bool = True
    ) -> tuple[str, ...]:
        """Several of what is known, each once, in the order in which they are known."""
        values = self._list(table, key, place, len(known))
        for number, value in enumerate(values, start=1):
            if not isinstance(value, str) or value not in known:
                self.fault(f"{place}的{key}第{number}个", f"应为下列之一：{_named(known)}")
            elif value in values[: number - 1]:
                self.fault(f"{place}的{key}第{number}个", f"“{value}”重复")
        if needed and not values:
            self.fault(f"{place}的{key}", f"至少写一个：{_named(known)}")
        return tuple(code for code in known if code in values)

    def tables(self, table: Table, key: str, place: str, *, most: int) -> list[Table]:
        values = self._list(table, key, place, most)
        if any(not isinstance(value, dict) for value in values):
            self.fault(place, f"{key}应逐项写成 [[{key}]]")
            return []
        return values

    def unlike(self, names: Collection[str], place: str) -> None:
        """No name twice."""
        for name, count in Counter(names).items():
            if name and count > 1:
                self.fault(place, f"“{name}”重复")

    def _list(self, table: Table, key: str, place: str, most: int) -> list[Any]:
        values = table.get(key, [])
        if not isinstance(values, list):
            self.fault(f"{place}的{key}", "应为方括号里的一列")
            return []
        if len(values) > most:
            self.fault(f"{place}的{key}", f"最多{most}项，现有{len(values)}项")
        return values[:most]


def _named(known: Mapping[str, str]) -> str:
    return "、".join(f"{code}（{words}）" if words else code for code, words in known.items())
