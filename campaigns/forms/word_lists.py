"""The form of the word lists: one phrase a line."""

from campaigns.models.word_list import LINE, LINES
from reform.forms.act import ActForm, TextField

MOST = LINES * (LINE + 1)


class WordListsForm(ActForm):
    submit = "保存词表"
    general = TextField(
        label="虚话套话",
        required=False,
        rows=14,
        max_length=MOST,
        help_text="一行一句。自查里只有这样的话、没有讲具体事情时，提醒作者补一个实例。",
    )
    template = TextField(
        label="格式用语",
        required=False,
        rows=14,
        max_length=MOST,
        help_text="一行一句。大家都会这样写的话，不算雷同；清单里的条目、说明和问题不必再填。",
    )
