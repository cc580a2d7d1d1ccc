"""Reading a text out of a document that somebody has (.docx, .txt): its words and nothing else."""

from typing import Any

from docx.oxml.ns import qn

from reform.errors import Refused
from reform.imports.documents import open_document
from reform.text import clean, decoded

BLANKS = {qn("w:br"): "\n", qn("w:tab"): " "}
MAX_BYTES = 2 * 1024 * 1024  # of plain text


def text_of(data: bytes, name: str) -> str:
    """Return the text, a paragraph a line. Raises Refused, in words, for what cannot be read."""
    ending = name.rpartition(".")[2].lower()
    if ending == "txt":
        return clean(_plain(data), multiline=True)
    if ending != "docx":
        raise Refused("请上传 .docx 或 .txt 文件；其他格式请打开后复制，粘贴到正文框里。")
    body = open_document(data).element.body
    lines = "\n".join(_paragraph(one) for one in body.iter(qn("w:p"))).split("\n")
    return clean("\n".join(line for line in lines if line.strip()), multiline=True)


def _paragraph(element: Any) -> str:
    """The words of a paragraph; where its author broke the line, the line ends."""
    found = element.iter(qn("w:t"), qn("w:br"), qn("w:tab"))
    return "".join(BLANKS.get(one.tag) or one.text or "" for one in found)


def _plain(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise Refused("文件超过2MB，不像一份材料，请核对。")
    try:
        return decoded(data)
    except ValueError:
        raise Refused("文件的文字读不出来，请打开后复制，粘贴到正文框里。") from None
