// title_zh: 涉及某主体的线索
// title_en: Leads about an entity
// group: 线索
// purpose: 提到一家单位、一个人、一辆车或一个点位的全部线索
// level: L3
// timeout_s: 20
// parameter: id string 主体编号
// column: lead_no string 线索编号
// column: grade int 级别
// column: state string 状态
// column: models strings 模型
// column: role string 在线索中的角色
MATCH (l:Lead)-[a:ABOUT]->(e)
WHERE e.id = $id
RETURN substring(l.id, 5) AS lead_no, l.grade AS grade, l.state AS state, l.models AS models,
       a.role AS role
ORDER BY grade, lead_no
LIMIT $row_limit
