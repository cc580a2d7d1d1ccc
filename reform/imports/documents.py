"""Opening a Word form that somebody sends us (.docx): looked through before and after.

Nothing in it may fetch, run or take in anything: no macros, no links to files elsewhere, no
embedded objects, no fields but harmless ones. The address of a template on somebody's disk, which
Word writes by itself, is taken out.
"""

import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

from docx import Document
from docx.exceptions import PythonDocxError
from docx.opc.constants import RELATIONSHIP_TYPE as REL
from docx.opc.part import XmlPart
from docx.oxml.ns import qn
from lxml import etree

from reform.errors import Refused
from reform.excel import limits, package

SAVE_AS = "请用 WPS 或 Word 打开后另存为 .docx 再上传。"
DAMAGED = f"文件已损坏或不是 Word 文档，无法读取。{SAVE_AS}"
MACROS = "文件带有宏，不能接收。请另存为不带宏的 .docx 再上传。"
OBJECTS = "文档里嵌有其他文件或控件，不能接收。请删去嵌入的对象后再上传。"
LINKS = "文档链接到别处的文件或网页内容，不能接收。请在 WPS 或 Word 中断开链接，改为直接插入。"
LONG = "文档太长，不像要填写的表格。请只上传空表。"
KIND = package.Kind(
    ("word/document.xml", "word/document2.xml"),  # the latter as Word for the web has it
    (
        ("xl/", "这是 Excel 表格，不是 Word 文档。"),
        ("ppt/", "这是演示文稿，不是 Word 文档。"),
        ("content.xml", "这是 OpenDocument 文件。"),
        ("", "这是压缩包，不是 Word 文档。"),
    ),
    save_as=SAVE_AS,
    damaged=DAMAGED,
    macros=MACROS,
    unpacked=32 * 1024 * 1024,
)
MAX_BYTES = 10 * 1024 * 1024
MAX_XML = 6 * 1024 * 1024  # a form of a hundred pages has one
MAX_PARTS = 300
MAX_BLOCKS = 20_000  # paragraphs and cells; a page has some sixty
OLE = b"\xd0\xcf\x11\xe0"  # what an encrypted .docx, or a .doc, begins with
# What stands first in a field that only shows the document itself, or takes what is typed.
FIELDS = frozenset(
    [
        *("PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "DATE", "TIME", "CREATEDATE", "SAVEDATE"),
        *("PRINTDATE", "EDITTIME", "TOC", "TC", "SEQ", "REF", "PAGEREF", "NOTEREF", "STYLEREF"),
        *("HYPERLINK", "SYMBOL", "EQ", "ADVANCE", "TITLE", "SUBJECT", "AUTHOR", "FILENAME", "="),
        *("FORMTEXT", "FORMCHECKBOX", "FORMDROPDOWN"),
    ]
)
EMBEDDED = (REL.OLE_OBJECT, REL.PACKAGE, REL.CONTROL, REL.A_F_CHUNK)
WEB = ("http://", "https://", "mailto:", "#")
VML = "{urn:schemas-microsoft-com:vml}"


def open_document(data: bytes) -> Any:
    """Return a .docx as python-docx opens it. Raises Refused for what is none, or no safe one."""
    if data.startswith(OLE):
        raise Refused(f"这是加密的文档或旧格式（.doc、.wps），无法读取。请取消密码，{SAVE_AS[1:]}")
    if len(data) > MAX_BYTES:
        raise Refused(f"文件超过{MAX_BYTES // 1024 // 1024}MB，不能接收。请删去图片后再上传。")
    parts = package.xml_parts(data, KIND)
    if len(parts) > MAX_PARTS or sum(map(len, parts.values())) > MAX_XML:
        raise Refused(limits.BOMB)
    try:
        document = Document(BytesIO(data))
        document.element.body.tag  # noqa: B018 -- one without a body is none
    except (KeyError, ValueError, AttributeError, TypeError, BadZipFile, zlib.error) as error:
        raise Refused(DAMAGED) from error
    except (PythonDocxError, etree.LxmlError, RuntimeError) as error:
        raise Refused(DAMAGED) from error
    if sum(1 for _ in document.element.body.iter(qn("w:p"), qn("w:tc"))) > MAX_BLOCKS:
        raise Refused(LONG)
    _refuse_links(document.part.package)
    for root in _roots(document):
        _refuse_fields(root)
        _refuse_pictures_from_elsewhere(root)
    return document


def _roots(document: Any) -> Iterator[Any]:
    """Yield the root element of every part that has text, or may have: parsed, whatever coding it
    is written in. Parts that python-docx keeps as they are stay bytes."""
    for part in document.part.package.iter_parts():
        if isinstance(part, XmlPart):
            yield part.element
        elif part.partname.lower().endswith((".xml", ".vml")):
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            try:
                yield etree.fromstring(part.blob, parser)
            except etree.LxmlError as error:
                raise Refused(DAMAGED) from error


def _refuse_links(opened: Any) -> None:
    """Refuse what is fetched from elsewhere or embedded; take out the template on a disk."""
    for part in list(opened.iter_parts()):
        for key, link in list(part.rels.items()):
            kind = link.reltype.rpartition("/")[2]
            if kind == "attachedTemplate":
                _forget(part, key)
            elif link.reltype in EMBEDDED or kind in {"oleObject", "control", "aFChunk"}:
                raise Refused(OBJECTS)
            elif kind in {"vbaProject", "keyMapCustomizations", "attachedToolbars"}:
                raise Refused(MACROS)
            elif link.is_external and not _is_address(kind, link.target_ref):
                raise Refused(LINKS)
    if any(link.is_external for link in opened.rels.values()):
        raise Refused(LINKS)


def _is_address(kind: str, target: str) -> bool:
    """Whether a link is only opened by who clicks on it."""
    return kind == "hyperlink" and target.lower().startswith(WEB)


def _forget(part: Any, key: str) -> None:
    del part.rels[key]
    if isinstance(part, XmlPart):
        for element in list(part.element.iter(qn("w:attachedTemplate"))):
            element.getparent().remove(element)
        return
    root = etree.fromstring(part.blob, etree.XMLParser(resolve_entities=False))
    for element in list(root.iter(qn("w:attachedTemplate"))):
        element.getparent().remove(element)
    part._blob = etree.tostring(  # noqa: SLF001 -- it keeps parts that it does not know as bytes
        root, xml_declaration=True, encoding="UTF-8", standalone=True
    )


def _refuse_fields(root: Any) -> None:
    """A field may be cut into runs, and stand within another: each is put together first."""
    names = [_name(field.get(qn("w:instr")) or "") for field in root.iter(qn("w:fldSimple"))]
    open_fields: list[str] = []
    for element in root.iter(qn("w:fldChar"), qn("w:instrText"), qn("w:delInstrText")):
        if element.tag != qn("w:fldChar"):
            if open_fields:
                open_fields[-1] += element.text or ""
            else:
                names.append(_name(element.text or ""))
        elif element.get(qn("w:fldCharType")) == "begin":
            open_fields.append("")
        elif element.get(qn("w:fldCharType")) == "end" and open_fields:
            names.append(_name(open_fields.pop()))
    names += [_name(words) for words in open_fields]
    if unfit := [name or "空" for name in names if name not in FIELDS]:
        raise Refused(
            f"文档里有不能接收的域“{unfit[0][:20]}”，请选中后按 Ctrl+Shift+F9 转为文字再上传。"
        )


def _name(words: str) -> str:
    parts = words.replace("\\", " \\").split()
    first = parts[0].upper() if parts else ""
    return "=" if first.startswith("=") else first


def _refuse_pictures_from_elsewhere(root: Any) -> None:
    for element in root.iter():
        if not isinstance(element.tag, str) or not element.tag.startswith(VML):
            continue
        for name, value in element.attrib.items():
            outside = ":" in value or value.startswith(("\\\\", "//"))
            if etree.QName(name).localname in {"src", "href"} and outside:
                raise Refused(LINKS)
