"""The form that takes a workbook of people."""

from django import forms

from reform.forms.act import ActForm
from reform.forms.register import ReasonForm


class PeopleUploadForm(ActForm):
    submit = "上传并核对"
    file = forms.FileField(
        label="人员表", help_text=".xlsx、.xls或.csv。栏目名称、次序不限，须有姓名和单位。"
    )


class UndoForm(ReasonForm):
    submit = "撤销导入"
