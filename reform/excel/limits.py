"""How large a workbook may be, and the sentences about files that are none."""

from reform.errors import Refused

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 64 * 1024 * 1024
MAX_RATIO, RATIO_COUNTS_FROM = 250, 10 * 1024 * 1024  # a small sheet of equal cells packs well
MAX_ROWS, MAX_COLUMNS = 20_000, 200
# Over all sheets, the empty ones in between too: each takes its room in memory, and a sheet may be
# named many times.
MAX_CELLS, MAX_LETTERS = 1_000_000, 30_000_000
MAX_MARKED = 100_000  # merged places, formulas without a result, errors

SAVE_AS = "请用 WPS 或 Excel 打开后另存为 .xlsx 再上传。"
DAMAGED = f"文件已损坏或不是表格，无法读取。{SAVE_AS}"
ENCRYPTED = "文件设有打开密码，无法读取。请取消密码后再上传。"
MACROS = "文件带有宏，不能接收。请另存为不带宏的 .xlsx 再上传。"
BOMB = "文件解压后过大，不能接收。请删去多余内容后再上传。"
TOO_WIDE_OR_LONG = (
    f"表格超过{MAX_ROWS}行或{MAX_COLUMNS}列，不能接收。"
    "请删去多余的行和列（选中整行或整列后删除），或拆成几个文件再上传。"
)

TOO_MANY = (
    f"表格内容过多（各工作表合计不得超过{MAX_CELLS // 10_000}万个单元格），不能接收。"
    "请删去多余的行、列和工作表，或拆成几个文件再上传。"
)


def refuse_large(rows: int, columns: int) -> None:
    """Refuse a used area that no ledger has."""
    if rows > MAX_ROWS or columns > MAX_COLUMNS:
        raise Refused(TOO_WIDE_OR_LONG)


def refuse_many(*, cells: int = 0, letters: int = 0, marked: int = 0) -> None:
    """Refuse what fits sheet by sheet and is too much together."""
    if cells > MAX_CELLS or letters > MAX_LETTERS or marked > MAX_MARKED:
        raise Refused(TOO_MANY)
