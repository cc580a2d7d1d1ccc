"""Reading workbooks and tables. Knows cells and sheets, and nothing of the business."""

from reform.excel.reading import read
from reform.excel.sheet import Cell, Position, Sheet

__all__ = ["Cell", "Position", "Sheet", "read"]
