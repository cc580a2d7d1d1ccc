"""A pledge on paper (承诺书): one page, for signing by hand and for the notice board."""

from campaigns.models import Pledge
from reform import word


def word_of(pledge: Pledge) -> bytes:
    """Return the pledge as .docx, with a line to sign on."""
    items = list(pledge.items.all())
    paper = word.Paper(title=str(pledge))
    paper.title("公 开 承 诺 书" if pledge.is_public else "承 诺 书")
    paper.blank()
    who = f"{pledge.organization}领导班子" if pledge.is_teams else "本人"
    paper.body(f"在“{pledge.campaign}”中，{who}作出如下承诺：")
    for number, item in enumerate(items, start=1):
        paper.body(f"{number}. {item.text.rstrip('。；;')}。时限：{item.due_text}。")
    paper.body("以上承诺，请组织和群众监督。" if pledge.is_public else "以上承诺，请组织监督。")
    paper.blank()
    post = f"　{pledge.signed_post}" if pledge.signed_post else ""
    paper.line(f"承诺人：{pledge.pledger}{'' if pledge.is_teams else post}")
    if pledge.is_teams:
        paper.line(f"签署人：{pledge.signed_name}{post}")
    paper.line("签　字：＿＿＿＿＿＿＿＿＿＿")
    paper.signature(pledge.organization.name, pledge.made_on)
    return paper.bytes()
