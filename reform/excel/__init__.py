"""Reading workbooks and tables. Knows cells and sheets, and nothing of the business."""

from reform.excel.reading import read
from reform.excel.sheet import ERRORS, Cell, Position, Sheet

__all__ = ["ERRORS", "Cell", "Position", "Sheet", "read"]
