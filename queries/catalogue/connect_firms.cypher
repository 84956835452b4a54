// title_zh: 两家单位如何关联
// title_en: What connects two firms
// group: 关系
// purpose: 两家单位之间不超过四步的最短联系，经由人员、电话、地址、车辆、股权、转移或发票；牵涉超过20家的电话和地址不算
// level: L3
// timeout_s: 30
// parameter: a string 单位甲编号
// parameter: b string 单位乙编号
// column: node_ids strings 途经编号
// column: names strings 途经名称
// column: kinds strings 类别
// column: relations strings 关系
// column: hops int 步数
MATCH (x:Organization {id: $a}), (y:Organization {id: $b})
MATCH p = shortestPath((x)-[:LEGAL_REP_OF|OFFICER_OF|SHAREHOLDER_OF|EMPLOYED_BY|HAS_PHONE|LOCATED_AT|OWNS_VEHICLE|TRANSFERRED_TO|INVOICED|BRANCH_OF*..4]-(y))
WITH p
WHERE none(n IN nodes(p) WHERE labels(n)[0] IN ['Phone', 'Address']
           AND COUNT { (n)-[:HAS_PHONE|LOCATED_AT]-(:Organization) } > 20)
RETURN [n IN nodes(p) | n.id] AS node_ids,
       [n IN nodes(p) | coalesce(n.name, n.plate, n.text, left(n.number, 3) + '****' + right(n.number, 4), n.id)] AS names,
       [n IN nodes(p) | labels(n)[0]] AS kinds,
       [r IN relationships(p) | type(r)] AS relations,
       length(p) AS hops
LIMIT $row_limit
