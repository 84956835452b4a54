"""Chinese words for the actions of the audit trail."""

ACTION_ZH = {
    "audit.read": "查看审计记录",
    "briefing": "制作专报",
    "cypher": "自由查询",
    "cypher.failed": "自由查询未能执行",
    "cypher.refused": "自由查询被拒绝",
    "entity.neighbours": "展开关联主体",
    "entity.read": "查看主体",
    "entity.unmask": "查看未遮盖的个人信息",
    "entity.why": "查看归并解释",
    "finding.read": "查看发现",
    "findings.list": "查看发现列表",
    "graph": "查看关系图",
    "judgement": "人工判定",
    "judgement.undo": "撤回人工判定",
    "judgements.list": "查看人工判定列表",
    "lead.read": "查看线索",
    "leads.list": "查看线索列表",
    "match": "比对名单",
    "paths": "查找关联路径",
    "purpose": "填写查询事由",
    "quarantine.read": "查看隔离数据",
    "query": "运行查询",
    "review.list": "查看待人工判定",
    "search": "检索",
    "sign_in": "登录",
    "sign_in.refused": "登录被拒绝",
    "sign_out": "退出登录",
}


def action_zh(action: str) -> str:
    """Words for an action; one that is not known here keeps its code."""
    return ACTION_ZH.get(action, action)


def actions_named(text: str) -> tuple[str, ...]:
    """Actions whose words contain ``text``, which is not empty."""
    return tuple(action for action, words in ACTION_ZH.items() if text and text in words)
