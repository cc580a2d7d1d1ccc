"""The demo's tree and people (演示组织和人员). All of them are invented."""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.hashers import make_password

from reform.actions import organizations, users
from reform.models import Organization, Role, User

PASSWORD = "Yacg-Demo-2026"  # noqa: S105 -- printed for everybody who tries the demo
SINCE = date(2024, 1, 1)

# code, name, kind, code of the one above
TREE: tuple[tuple[str, str, str, str], ...] = (
    ("JTJ", "市交通运输局党组", "committee", ""),
    ("FWZX", "市交通建设服务中心党委", "committee", "JTJ"),
    ("JGDW", "机关党委", "committee", "FWZX"),
    ("ZB1", "第一党支部", "branch", "JGDW"),
    ("ZB2", "第二党支部", "branch", "JGDW"),
    ("ZB3", "第三党支部", "branch", "JGDW"),
    ("ZB4", "第四党支部", "branch", "JGDW"),
    ("GLZX", "市公路事业发展中心党委", "committee", "JTJ"),
    ("GL1", "养护党支部", "branch", "GLZX"),
    ("GL2", "路政党支部", "branch", "GLZX"),
)


@dataclass(frozen=True)
class Person:
    """Somebody with a membership at home and, beside it, one role there."""

    username: str
    name: str
    post: str
    home: str
    role: str = ""
    principal: bool = False
    field: str = ""


PEOPLE: tuple[Person, ...] = (
    Person("caiwen", "蔡文", "党组办公室副主任", "JTJ", "office"),
    Person("qinling", "秦岭", "纪检组副组长", "JTJ", "inspector"),
    Person("songyan", "宋岩", "党组书记、局长", "JTJ", "leader", principal=True),
    Person("guming", "顾明", "党委书记、主任", "FWZX", "leader", principal=True),
    Person("chenli", "陈立", "党委委员、副主任", "FWZX", "leader", field="JGDW"),
    Person("luohai", "罗海", "党委委员、副主任", "FWZX", "leader", field="JGDW"),
    Person("xuqing", "许晴", "专项活动办公室主任", "FWZX", "office"),
    Person("fengzheng", "冯正", "纪委书记", "FWZX", "inspector"),
    Person("wugang", "吴刚", "机关党委书记", "JGDW", "secretary"),
    Person("zhoumin", "周敏", "办公室科员", "JGDW", "liaison"),
    Person("hejing", "何静", "办公室副主任", "JGDW"),
    Person("sunwei", "孙伟", "质量安全科科长", "JGDW"),
    Person("machao", "马超", "养护科科长", "JGDW"),
    Person("linfang", "林芳", "信访室主任", "JGDW"),
    Person("zhengjie", "郑洁", "机关党委干事", "JGDW"),
    Person("fangyuan", "方圆", "第一党支部书记", "ZB1", "secretary"),
    Person("suye", "苏叶", "综合科科员", "ZB1", "liaison"),
    Person("hansong", "韩松", "综合科科长", "ZB1"),
    Person("bailu", "白露", "企业服务科科员", "ZB1"),
    Person("gaoyuan", "高远", "第二党支部书记", "ZB2", "secretary"),
    Person("huanglei", "黄蕾", "许可科科员", "ZB2", "liaison"),
    Person("tianye", "田野", "许可科科长", "ZB2"),
    Person("jiangwen", "蒋文", "第三党支部书记", "ZB3", "secretary"),
    Person("panxue", "潘雪", "综合科副科长", "ZB3", "liaison"),
    Person("duanlei", "段磊", "执法大队副大队长", "ZB3"),
    Person("yandong", "严冬", "窗口科科长", "ZB3"),
    Person("wangyang", "汪洋", "第四党支部书记", "ZB4", "secretary"),
    Person("jiangyue", "江月", "后勤科科员", "ZB4", "liaison"),
    Person("guanshan", "关山", "后勤科科长", "ZB4"),
    Person("tangyi", "唐毅", "党委书记、主任", "GLZX", "leader", principal=True),
    Person("shilei", "石磊", "养护党支部书记", "GL1", "secretary"),
    Person("wenya", "温雅", "养护科科员", "GL1", "liaison"),
    Person("zhongming", "钟鸣", "养护科科长", "GL1"),
    Person("liuqing", "柳青", "工区负责人", "GL1"),
    Person("chengyuan", "程远", "路政党支部书记", "GL2", "secretary"),
    Person("yezhou", "叶舟", "路政科科员", "GL2", "liaison"),
    Person("jifeng", "季风", "路政科科长", "GL2"),
    Person("ludi", "卢笛", "巡查中队长", "GL2"),
)
# No business duties beside these (SOD-09), so no membership either.
ADMINISTRATORS: tuple[tuple[str, str, Role], ...] = (
    ("sysadmin", "系统管理员", Role.SYSTEM),
    ("secadmin", "安全管理员", Role.SECURITY),
    ("auditadmin", "审计管理员", Role.AUDIT),
)

# Role as printed → account, and what a newcomer does with it.
ACCOUNTS: dict[str, tuple[str, str, str]] = {
    "member": ("党员干部", "machao", "填进展、完成措施、加佐证、申请销号"),
    "liaison": ("联络员", "zhoumin", "导入或录入台账、入账、下达、代填"),
    "secretary": ("支部书记", "wugang", "看台账、入账、下达、本单位审签"),
    "leader": ("领导", "guming", "看全局和逾期、审定重点问题"),
    "office": ("活动办", "xuqing", "核查销号、交办、导出台账"),
    "inspector": ("纪检", "fengzheng", "复核重点问题"),
    "system": (
        "系统管理员",
        "sysadmin",
        "建立、更名、排序、移动、合并、分设、撤销组织，登记派驻关系；看不到业务",
    ),
    "security": ("安全管理员", "secadmin", "授予、结束职责，管登录和动态口令；看不到业务"),
    "audit": ("审计管理员", "auditadmin", "查询、导出、校验操作留痕；看不到业务原文"),
}


def holders(role: str) -> dict[str, str]:
    """Return who holds a role, by the code of the place; a leader for his field only does not."""
    return {
        person.home: person.name for person in PEOPLE if person.role == role and not person.field
    }


def make_tree() -> dict[str, Organization]:
    """Return the organizations of the demo by code."""
    found: dict[str, Organization] = {}
    for code, name, kind, above in TREE:
        found[code] = organizations.create(name=name, code=code, kind=kind, parent=found.get(above))
    return found


def make_people(places: dict[str, Organization]) -> dict[str, User]:
    """Return the people of the demo by name."""
    found = {person.name: _make(person, places) for person in PEOPLE}
    for username, name, role in ADMINISTRATORS:
        found[name] = users.create(username=username, name=name, post=name)
        users.give_duty(found[name], role=role, organization=places["JTJ"], since=SINCE)
    # One password, hashed once: Argon2 is slow on purpose, and a newcomer waits for it.
    accounts = User.objects.filter(
        pk__in=[user.pk for user in found.values()], username__isnull=False
    )
    accounts.update(password=make_password(PASSWORD))
    for user in found.values():
        user.refresh_from_db(fields=["password"])
    return found


def _make(person: Person, places: dict[str, Organization]) -> User:
    """Telephone numbers are of no country's numbering plan, and only clerks have them."""
    clerk = person.role in {Role.LIAISON, Role.OFFICE}
    serial = PEOPLE.index(person) + 1
    user = users.create(
        username=person.username,
        name=person.name,
        post=person.post,
        phone=f"010-0000-{serial:04d}" if clerk else "",
    )
    home = places[person.home]
    users.give_duty(user, role=Role.MEMBER, organization=home, since=SINCE, home=True)
    if person.role:
        users.give_duty(
            user,
            role=Role(person.role),
            organization=home,
            since=SINCE,
            principal=person.principal,
            fields=[places[person.field]] if person.field else [],
        )
    return user
