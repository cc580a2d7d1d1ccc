"""Word forms sent to us: what is opened, what is refused, and what people are told."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from reform.errors import Refused
from reform.imports.documents import open_document
from tests.reform.test_excel import ole, workbook, zipped

pytestmark = pytest.mark.no_database

MAIN, LINKS = "word/document.xml", "word/_rels/document.xml.rels"
SETTINGS_LINKS = "word/_rels/settings.xml.rels"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def form():
    document = Document()
    document.add_paragraph("本周工作进展")
    return document


def saved(document):
    document.save(out := BytesIO())
    return out.getvalue()


def packed(parts, *, without=()):
    """A Word document with these parts in the place of its own, or beside them."""
    with ZipFile(BytesIO(saved(form()))) as old, ZipFile(into := BytesIO(), "w") as new:
        kept = {name: old.read(name) for name in old.namelist() if name not in without}
        for name, content in (kept | parts).items():
            new.writestr(name, content, compress_type=ZIP_DEFLATED)
    return into.getvalue()


def links(kind, target, *, external=True, key="rId77"):
    mode = ' TargetMode="External"' if external else ""
    with ZipFile(BytesIO(saved(form()))) as package:
        old = package.read(LINKS).decode()
    link = f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{target}"{mode}/>'
    return old.replace("</Relationships>", f"{link}</Relationships>").encode()


def with_body(xml):
    document = form()
    document.element.body.insert(0, parse_xml(xml))
    return saved(document)


def field(*pieces):
    runs = "".join(
        f'<w:r><w:instrText xml:space="preserve">{one}</w:instrText></w:r>' for one in pieces
    )
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    return with_body(
        f"<w:p {nsdecls('w')}>{mark.format('begin')}{runs}{mark.format('separate')}"
        f"<w:r><w:t>甲</w:t></w:r>{mark.format('end')}</w:p>"
    )


EMBEDDED, ELSEWHERE, MACROS, DAMAGED = "嵌有其他文件", "链接到别处", "带有宏", "已损坏"
ENTITY = b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"
HOSTILE = {
    "nothing": (lambda: b"", DAMAGED),
    "no zip": (lambda: b"PK\x03\x04nothing", DAMAGED),
    "a workbook": (lambda: workbook(["甲"]), "这是 Excel 表格"),
    "a zip": (lambda: zipped(a_txt=b"x"), "这是压缩包"),
    "an empty zip": (zipped, "这是压缩包"),
    "an old or encrypted one": (ole, "加密的文档或旧格式"),
    "macros": (lambda: packed({"word/vbaProject.bin": b"x"}), MACROS),
    "a bomb": (lambda: packed({"word/media/a.png": b"\0" * 40_000_000}), "解压后过大"),
    "too much text": (
        lambda: packed({"customXml/item9.xml": b"<a>" + b"x" * 7_000_000 + b"</a>"}),
        "解压后过大",
    ),
    "many parts": (
        lambda: packed({f"customXml/a{n}.xml": b"<a/>" for n in range(400)}),
        "解压后过大",
    ),
    "an entity": (lambda: packed({MAIN: ENTITY}), DAMAGED),
    "an entity elsewhere": (lambda: packed({"word/settings.xml": ENTITY}), DAMAGED),
    "an entity in UTF-16": (
        lambda: packed({"word/styles.xml": ENTITY.decode().encode("utf-16")}),
        DAMAGED,
    ),
    "deep": (lambda: packed({MAIN: b"<a>" * 100_000 + b"</a>" * 100_000}), DAMAGED),
    "a million cells": (
        lambda: with_body(
            f"<w:tbl {nsdecls('w')}><w:tr>{'<w:tc><w:p/></w:tc>' * 11_000}</w:tr></w:tbl>"
        ),
        "文档太长",
    ),
    "no body": (
        lambda: packed({MAIN: f"<w:document {nsdecls('w')}/>".encode()}),
        DAMAGED,
    ),
    "not what it is": (lambda: packed({MAIN: b"<a/>"}), DAMAGED),
    "no types": (lambda: packed({}, without=["[Content_Types].xml"]), DAMAGED),
    "no links": (lambda: packed({}, without=["_rels/.rels"]), DAMAGED),
    "a part that is not there": (
        lambda: packed({LINKS: links("image", "media/gone.png", external=False)}),
        DAMAGED,
    ),
    "macro-enabled": (lambda: with_types("ml.document.main", "ml.macroEnabled.main"), DAMAGED),
    "a picture on the web": (
        lambda: packed({LINKS: links("image", "http://10.0.0.1/a.png")}),
        ELSEWHERE,
    ),
    "a share": (lambda: packed({LINKS: links("hyperlink", "file://server/a.exe")}), ELSEWHERE),
    "a sub-document": (lambda: packed({LINKS: links("subDocument", "b.docx")}), ELSEWHERE),
    "a frame": (lambda: packed({LINKS: links("frame", "https://a.cn/")}), ELSEWHERE),
    "a linked object": (lambda: packed({LINKS: links("oleObject", "file:///c:/a.xls")}), EMBEDDED),
    "an object": (
        lambda: embedded("oleObject", "a.bin"),
        EMBEDDED,
    ),
    "a workbook inside": (
        lambda: embedded("package", "a.xlsx"),
        EMBEDDED,
    ),
    "a web page inside": (
        lambda: embedded("aFChunk", "a.html"),
        EMBEDDED,
    ),
    "a picture by address": (
        lambda: with_body(
            f"<w:p {nsdecls('w')}><w:r><w:pict><v:shape xmlns:v='urn:schemas-microsoft-com:vml'>"
            r"<v:imagedata src='\\server\a.png'/></v:shape></w:pict></w:r></w:p>"
        ),
        ELSEWHERE,
    ),
    "INCLUDETEXT": (lambda: field(r' INCLUDETEXT "C:\\a.docx" '), "域“INCLUDETEXT”"),
    "in pieces": (lambda: field(" INCL", "UDETEXT ", r'"a.docx"'), "域“INCLUDETEXT”"),
    "DDEAUTO": (lambda: field(r"DDEAUTO c:\\windows\\cmd.exe"), "域“DDEAUTO”"),
    "INCLUDEPICTURE": (lambda: field('INCLUDEPICTURE\\d "http://a"'), "域“INCLUDEPICTURE”"),
    "a simple one": (
        lambda: with_body(
            f"<w:p {nsdecls('w')}><w:fldSimple w:instr=' link Excel.Sheet a.xlsx'/></w:p>"
        ),
        "域“LINK”",
    ),
    "one made by another": (
        lambda: with_body(
            f"<w:p {nsdecls('w')}>" + '<w:r><w:fldChar w:fldCharType="begin"/></w:r>' * 2
            + "<w:r><w:instrText>PAGE</w:instrText></w:r>"
            + '<w:r><w:fldChar w:fldCharType="end"/></w:r>' * 2 + "</w:p>"
        ),
        "域“空”",
    ),
}  # fmt: skip


def with_types(old, new, parts=None):
    """What the package says its parts are, changed."""
    types = "[Content_Types].xml"
    with ZipFile(BytesIO(saved(form()))) as package:
        said = package.read(types).decode()
    return packed({types: said.replace(old, new).encode()} | (parts or {}))


def embedded(kind, name):
    ending = name.rpartition(".")[2]
    known = f'<Default Extension="{ending}" ContentType="application/{ending}"/></Types>'
    parts = {LINKS: links(kind, name, external=False), f"word/{name}": b"x"}
    return with_types("</Types>", known, parts)


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_no_safe_document_is_refused_in_words(case):
    make, words = HOSTILE[case]

    with pytest.raises(Refused, match=words) as refusal:
        open_document(make())

    assert "请" in str(refusal.value)


@pytest.mark.parametrize(
    "words", [" PAGE ", "NUMPAGES", r'DATE \@ "yyyy"', "=SUM(ABOVE)", "FORMTEXT"]
)
def test_fields_that_only_show_the_document_are_taken(words):
    assert open_document(field(words)).paragraphs[1].text == "本周工作进展"


def test_an_address_to_click_on_is_taken():
    data = packed({LINKS: links("hyperlink", "mailto:bgs@example.cn")})

    assert open_document(data).paragraphs


def test_the_template_on_somebody_s_disk_is_taken_out():
    """Word writes it into the settings; opening the paper would ask that disk for it."""
    with ZipFile(BytesIO(saved(form()))) as package:
        settings = package.read("word/settings.xml").decode()
    attached = f'<w:attachedTemplate xmlns:r="{OFFICE}" r:id="rId1"/>'
    start = settings.index(">", settings.index("<w:settings")) + 1
    data = packed(
        {
            "word/settings.xml": (settings[:start] + attached + settings[start:]).encode(),
            SETTINGS_LINKS: (
                f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" '
                f'Type="{OFFICE}/attachedTemplate" Target="file:///\\\\server\\a.dotm" '
                'TargetMode="External"/></Relationships>'
            ).encode(),
        }
    )

    again = saved(open_document(data))

    with ZipFile(BytesIO(again)) as package:
        assert all(b"attachedTemplate" not in package.read(name) for name in package.namelist())
    assert open_document(again).element.body.find(qn("w:p")) is not None
