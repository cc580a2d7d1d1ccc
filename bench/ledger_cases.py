"""What the ledger page is asked for when it is measured."""

# Case → the address; what stands in braces is looked up in the data.
CASES = {
    "逾期，按时限": "view=overdue&sort=due",
    "全部，按编号倒序": "sort=-number",
    "全部，按时限": "sort=due",
    "全部，按单位": "sort=organization",
    "逾期，按单位": "view=overdue&sort=organization",
    "已销号，按编号倒序": "view=closed&sort=-number",
    "筛选状态": "status=rectifying&sort=due",
    "筛选单位": "organization={place}&view=overdue&sort=due",
    "筛选类别": "item={item}&view=overdue&sort=due",
    "筛选来源": "source={source}&view=overdue&sort=due",
    "筛选层级": "level={level}&view=overdue&sort=due",
    "筛选活动": "campaign={campaign}&view=overdue&sort=due",
    "筛选日期": "due_from={since}&due_until={until}&sort=due",
    "四项筛选": "status=rectifying&item={item}&source={source}&due_from={since}&due_until={until}"
    "&sort=due",
    "检索常见词": "q=窗口&view=overdue&sort=due",
    "检索少见词": "q=清溪镇&sort=due",
    "检索编号": "q=-00012&sort=due",
    "检索一个字": "q=王",
    "检索并筛选": "q=窗口&item={item}&status=rectifying&sort=due",
    "第200页": "page=200",
}
