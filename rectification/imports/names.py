"""Whom a cell names: persons, departments, or both at once."""

import re
from collections.abc import Iterator
from functools import lru_cache

from rectification.imports.cells import BLANKS

SEPARATORS = re.compile(r"[、，,；;/／|\n+＋]+")
BRACKETED = re.compile(r"[（(\[【][^（(）)\[\]【】]*[）)\]】]")
LABEL = re.compile(r"^[^：:]{1,12}[：:]")
# 1.张三⏎2.李四, ①张三②李四: the number is no part of the name.
NUMBERED = re.compile(
    r"(?:^|(?<=[\s、，,；;]))\d{1,2}[.．、)）](?!\d)|[（(]\d{1,2}[)）]|[①-⑳⑴-⒇⒈-⒛]"
)
DOWNWARDS = re.compile(r"^(\S)\n(\S)(?:\n(\S))?$")  # 张⏎三, in a narrow column
POSTS = (
    "书记|局长|主任|科长|处长|院长|部长|组长|主席|委员|校长|所长|队长|经理|专员|股长|站长|段长|总监"
)
POST = re.compile(rf"^.{{0,6}}(?:{POSTS})$")
# Surnames with which few other words begin: neither 安 (安全) nor 单 (单位) nor 项 (项目).
SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜谢邹喻苏潘葛范彭鲁韦马苗方"
    "俞任袁柳鲍史唐费薛雷贺倪汤殷罗毕郝邬乐于傅齐康伍余顾孟黄穆萧肖尹姚邵汪祁毛戴宋庞熊纪舒屈祝董"
    "梁杜阮蓝闵季贾路江童颜郭梅盛林钟徐邱丘骆高夏蔡田樊胡凌霍虞万柯卢莫房缪丁邓洪崔龚程邢裴陆翁段"
    "焦侯班仇武刘叶白蒲龙聂曾关游权付涂覃欧易廖向古温阎闫岳辛晏尚耿匡甘池牛耿赖卓蔺屠乔"
)
NAME = (
    rf"(?:(?:欧阳|诸葛|司马|上官|司徒|皇甫|慕容|令狐|东方)[\u4e00-\u9fff]{{1,2}}"
    rf"|[{SURNAMES}][\u4e00-\u9fff]{{1,2}})"
)
TITLED = re.compile(rf"^.{{0,12}}?(?:{POSTS})({NAME})$")
TITLE_ALONE = re.compile(rf"^(?!各|全|班子).{{0,10}}(?:{POSTS}|成员|常委)$")
PAIR = re.compile(rf"^({NAME})[和与及]({NAME})$")
TELEPHONE = re.compile(r"\+?\d[\d-]{4,}$")
AND_OTHERS = re.compile(r"(?<=..)(?:等(?:\d+|[一二三四五六七八九十]+)?名?(?:人|同志)?|同志)$")

UNIT = (
    r"(?:[局科处室部委办院队站所会组厅县市区镇社馆台校庭股司行厂段团]|(?<!城)乡"
    r"|中心|支部|机关|单位|街道|学院|集团|窗口)"
)
UNIT_END = re.compile(rf"{UNIT}$")
UNIT_AND_NAME = re.compile(rf"^(.+{UNIT})({NAME})$")
ROLES = "牵头|配合|主责|主办|协办|负责|责任|协助|参与|协同"
ROLE = re.compile(rf"[（(][^（()）]{{0,4}}(?:{ROLES})[^（()）]{{0,4}}[）)]")
# 办公室牵头，财务科配合
ROLE_WORD = re.compile(
    r"(?<=..)(?:为?(?:牵头|主责|主办)(?:负责)?|负责|(?:参与)?(?:配合|协办|协助|协同))$"
)
HELPS = re.compile("配合|协办|协同|参与|协助")
WHO = re.compile(r"[（(]((?:牵头|责任|配合)(?:单位|部门)[：:][^（()）]+)[)）][。；;]?$")
HELPING = re.compile(r"^(?:配合|协办|协同|参与|协助)[^：:]{0,8}[：:]")
NEXT_LABEL = re.compile(
    r"(?<=\S)\s*(?=(?:牵头|配合|协办|责任|主办|主责|督导|监督)[^：:、，,；;\s]{0,6}[：:])"
)
WHO_LABEL = re.compile(
    r"(?:牵头|责任|配合|主办|协办|承办|整改|直接|主要)*"
    r"(?:单位|部门|科室|处室|股室|领导|负责人|责任人)[：:]"
)
JOINTS = str.maketrans(dict.fromkeys("：:（）()-—–－【】", "、"))


@lru_cache(maxsize=8192)
def persons(text: str) -> tuple[str, ...]:
    """Split the names in a cell; 王  伟 is one name, 各处室负责人 stays as it is."""
    if plain := _plain(text):
        if all(len(name) < 4 and name[-1] != "等" for name in plain):
            return plain
        pieces = [*plain]
    else:
        text = NUMBERED.sub("\n", DOWNWARDS.sub(r"\1\2\3", text))
        pieces = SEPARATORS.split(BRACKETED.sub(" ", text).strip() or text.strip("（）()[]【】 "))
    names: list[str] = []
    for piece in pieces:
        found = [*_names(piece)]
        if found and names and TITLED.match("".join(piece.split())):
            # 局党组书记、局长张三 is one man of two posts.
            names[-1:] = [] if TITLE_ALONE.match(names[-1]) else names[-1:]
        names += found
    return tuple(dict.fromkeys(name for name in names if name not in BLANKS))


def _names(piece: str) -> Iterator[str]:
    tokens = [*map(_bare, LABEL.sub("", piece.strip()).split())]
    tokens = [token for token in tokens if not token.isascii() or token.isalpha()]  # no days
    people = [token for token in tokens if not POST.match(token)] or tokens
    single = ""
    for position, token in enumerate(people):
        if len(token) > 1:
            yield from filter(None, (single, *_told_apart(token)))
            single = ""
            continue
        single += token
        left = sum(len(other) == 1 for other in people[position + 1 :])
        if len(single) == 2 and left > 1:  # 王 伟 李 四
            yield single
            single = ""
    if single:
        yield single


def _bare(token: str) -> str:
    """A name without telephone, post before it, and others behind it: 科长张三等3人."""
    token = AND_OTHERS.sub("", TELEPHONE.sub("", token.strip("。.．：:")))
    if UNIT_END.search(token):
        return token
    titled, placed = TITLED.match(token), UNIT_AND_NAME.match(token)
    return titled[1] if titled else placed[2] if placed else token


def _told_apart(token: str) -> tuple[str, ...]:
    pair = PAIR.match(token)
    return (pair[1], pair[2]) if pair else (token,)


def _plain(text: str) -> tuple[str, ...]:
    """The usual cell: letters and 、 and nothing else."""
    if not text.replace("、", "").isalpha():
        return ()
    return (
        tuple(dict.fromkeys(name for name in text.split("、") if name)) if "、" in text else (text,)
    )


@lru_cache(maxsize=8192)
def answerable(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tell the departments from the persons in a cell that has both: 办公室（张三）, 办公室张三."""
    said = WHO_LABEL.sub("；", ROLE.sub("、", text)).translate(JOINTS)
    names = dict.fromkeys(name for unit in departments(said) for name in unit)
    units: dict[str, None] = {}
    people: dict[str, None] = {}
    for name in names:
        both = UNIT_AND_NAME.match(name)
        if UNIT_END.search(name):
            units[name] = None
        elif both:
            units[both[1]] = people[both[2]] = None
        elif not POST.match(name) or len(names) == 1:
            people.update(dict.fromkeys(persons(name)))
    return tuple(units), tuple(people)


def helpers_named(text: str) -> str:
    """Return what a measure says at its end of who leads and who helps."""
    match = WHO.search(text) if "单位" in text or "部门" in text else None
    return match[1] if match else ""


@lru_cache(maxsize=8192)
def departments(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split the departments in a cell: those that answer, those that help."""
    if (plain := _plain(text)) and not ROLE_WORD.search(text):
        return plain, ()
    groups: tuple[dict[str, None], dict[str, None]] = ({}, {})
    helping = False
    open_ended: list[str] = []  # since the last 牵头: 财务科、人事科配合 are both helpers
    led = False
    said = ROLE.sub(r"\g<0>；", NUMBERED.sub("\n", text))
    for piece in map(str.strip, SEPARATORS.split(NEXT_LABEL.sub("；", _joined(said)))):
        if LABEL.match(piece):
            helping = HELPING.match(piece) is not None
        role = ROLE.search(piece) or ROLE_WORD.search(piece)
        helps = HELPS.search(role[0]) is not None if role else helping
        bare = ROLE_WORD.sub("", ROLE.sub("", LABEL.sub("", piece)))
        units = [*_units(bare)]
        if role and helps and led:
            for unit in open_ended:
                groups[0].pop(unit, None)
            units = [*open_ended, *units]
        groups[helps].update(dict.fromkeys(units))
        open_ended = [] if role else [*open_ended, *units]
        led = led or (role is not None and not helps)
    return tuple(groups[0]), tuple(groups[1])


def _joined(text: str) -> str:
    """A name broken by a line end in the cell is one name: 区住房和城乡⏎建设局."""
    lines = text.split("\n")
    for position, line in enumerate(lines[:-1]):
        if UNIT_END.search(line.strip()):
            lines[position] = f"{line}、"
    return "".join(lines)


def _units(piece: str) -> Iterator[str]:
    name = ""
    for token in piece.split():
        name += token
        if UNIT_END.search(token):
            yield name
            name = ""
    if name and name not in BLANKS:
        yield name
