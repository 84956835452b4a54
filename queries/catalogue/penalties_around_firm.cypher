// title_zh: 单位及其人员受过的处罚
// title_en: Penalties of a firm and its people
// group: 单位
// purpose: 单位本身，以及同一法定代表人、高管、股东名下其他单位受过的处罚
// timeout_s: 20
// parameter: id string 单位编号
// column: penalty_id string 处罚编号
// column: party string 当事人
// column: via string 经由
// column: decided_on string 决定日期
// column: fine_yuan float 罚款（元）
// column: is_hw bool 涉危废
MATCH (n:Penalty)-[:IMPOSED_ON]->(o:Organization {id: $id})
RETURN DISTINCT n.id AS penalty_id, o.name AS party, '本单位' AS via,
       toString(n.decided_on) AS decided_on, n.fine_yuan AS fine_yuan, n.is_hw AS is_hw
LIMIT $row_limit
UNION
MATCH (:Organization {id: $id})<-[:LEGAL_REP_OF|OFFICER_OF|SHAREHOLDER_OF]-(p:Person)-[:LEGAL_REP_OF|OFFICER_OF|SHAREHOLDER_OF]->(x:Organization)<-[:IMPOSED_ON]-(n:Penalty)
WHERE x.id <> $id
RETURN DISTINCT n.id AS penalty_id, x.name AS party, p.name AS via,
       toString(n.decided_on) AS decided_on, n.fine_yuan AS fine_yuan, n.is_hw AS is_hw
LIMIT $row_limit
