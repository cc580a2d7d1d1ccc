"""Words for numbers, months and parts of a year, said in figures: 二季度末 is 6月底."""

import re
import unicodedata
from datetime import date, timedelta

DIGITS = dict(
    zip("〇○零一二两三四五六七八九", (0, 0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
TENS = {"十": 10, "廿": 20, "卅": 30}
NUMERAL = re.compile(
    rf"[{''.join((*DIGITS, *TENS))}]+(?=年|个?月|个半|日|号|天|季|周|个?星期|个?工作|小时)"
)
DASHES = dict.fromkeys(map(ord, "—–―‐‑‒−─﹣～〜∼~"), "-")
# ①6月底②9月底: half-width, the sign of a list would become a digit of the day.
SIGNS = dict.fromkeys((*range(0x2460, 0x249C), *range(0x2776, 0x2780)), " ")
CLOCK = re.compile(r"[T\s]+\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?")

# In this order: a rule may use the figures of those above it.
REWRITES = tuple(
    (re.compile(pattern), figures)
    for pattern, figures in (
        (r"(?<=\d)。(?=\d)", "."),
        (r"(?<!\d)(\d{4})[、,](\d{1,2})[、,](\d{1,2})(?!\d)", r"\1.\2.\3"),
        (r"长期\([^)]*\)", "长期"),  # 长期(3-5年) names a class, not an end
        (r"(?:今|本|当)年度?(?!\d{4})", "{year}年"),
        (r"(?:明|次|来)年", "{next_year}年"),
        (r"(?:本|当)月", "{base.year}年{base.month}月"),
        (r"(?:下个?|次)月", "{next_month.year}年{next_month.month}月"),
        (r"(?<![\d个每某xX×*_?△□])月(?=[底末])", "{base.year}年{base.month}月"),
        (r"本季度?末?", "第{quarter}季度"),
        (r"(?:第?1季度?|[Qq]1)末?", "3月底"),
        (r"(?:第?2季度?|[Qq]2|上半年)末?", "6月底"),
        (r"(?:第?3季度?|[Qq]3)末?", "9月底"),
        (r"(?:第?4季度?|[Qq]4|下半年)末?", "12月底"),
        (r"(?<=\d\d)年度?中(?!旬)", "年6月底"),
        (r"(?<=\d\d)年度?[底末终]|(?<=\d{4})年度?内|(?<=\d{4})年度?(?![\d度])", "年12月底"),
        (r"(?<![\d每半])年度?[底末终内]|全年", "12月底"),
    )
)


def in_figures(text: str, *, year: int, base: date) -> str:
    """Return `text` half-width, without blanks and hours, with every day in figures."""
    text = CLOCK.sub("", unicodedata.normalize("NFKC", text.translate(SIGNS)).translate(DASHES))
    said = NUMERAL.sub(lambda match: _figure(match[0]), "".join(text.split()))
    facts = {
        "year": year,
        "next_year": year + 1,
        "base": base,
        "next_month": month_end(base, 1),
        "quarter": (base.month + 2) // 3,
    }
    for pattern, figures in REWRITES:
        if pattern.search(said):
            said = pattern.sub(figures.format(**facts), said)
    return said


def month_end(day: date, months: int = 0) -> date:
    """Return the last day of the month that is `months` after that of `day`."""
    years, month = divmod(day.month + months, 12)  # month 0 to 11 is that after the wanted one
    return date(day.year + years, month + 1, 1) - timedelta(days=1)


def months_later(day: date, months: int) -> date:
    """Return the same day `months` on, or the last of a shorter month."""
    end = month_end(day, months)
    return end.replace(day=min(day.day, end.day))


def _figure(numeral: str) -> str:
    for ten, value in TENS.items():
        before, found, after = numeral.partition(ten)
        if found and len(before) < 2 and len(after) < 2:
            return str(DIGITS.get(before, 1) * value + DIGITS.get(after, 0))
    if all(character in DIGITS for character in numeral):
        return "".join(str(DIGITS[character]) for character in numeral)
    return numeral
