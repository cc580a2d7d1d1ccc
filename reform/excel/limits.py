"""How large a workbook may be, and the sentences about files that are none."""

from reform.errors import Refused

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO, RATIO_COUNTS_FROM = 250, 10 * 1024 * 1024  # a small sheet of equal cells packs well
MAX_ROWS, MAX_COLUMNS = 20_000, 200

SAVE_AS = "请用 WPS 或 Excel 打开后另存为 .xlsx 再上传。"
DAMAGED = f"文件已损坏或不是表格，无法读取。{SAVE_AS}"
ENCRYPTED = "文件设有打开密码，无法读取。请取消密码后再上传。"
MACROS = "文件带有宏，不能接收。请另存为不带宏的 .xlsx 再上传。"
BOMB = "文件解压后过大，不能接收。请删去多余内容后再上传。"
TOO_WIDE_OR_LONG = (
    f"表格超过{MAX_ROWS}行或{MAX_COLUMNS}列，不能接收。"
    "请删去多余的行和列（选中整行或整列后删除），或拆成几个文件再上传。"
)


def refuse_large(rows: int, columns: int) -> None:
    """Refuse a used area that no ledger has."""
    if rows > MAX_ROWS or columns > MAX_COLUMNS:
        raise Refused(TOO_WIDE_OR_LONG)
