// title_zh: 从产废单位出发的去向
// title_en: Chain from a generator
// group: 危废
// purpose: 危废从一家单位出发，经联单或货物发票流转的去向，最多四跳
// level: L3
// timeout_s: 30
// parameter: id string 产废单位编号
// parameter: from_month string 起始月份（如 2026-09） = 2000-01
// parameter: to_month string 截止月份（如 2026-10） = 2999-12
// column: node_ids strings 途经编号
// column: names strings 途经单位
// column: relations strings 凭据
// column: months strings 月份
// column: hops int 跳数
MATCH p = (g:Organization {id: $id})-[:TRANSFERRED_TO|INVOICED*1..4]->(e:Organization)
WHERE all(r IN relationships(p) WHERE r.month >= $from_month AND r.month <= $to_month
          AND (r.item_group IS NULL OR r.item_group = 'goods'))
  AND all(n IN nodes(p) WHERE single(m IN nodes(p) WHERE m.id = n.id))
  AND all(i IN range(0, length(p) - 2) WHERE relationships(p)[i].month <= relationships(p)[i + 1].month)
RETURN [n IN nodes(p) | n.id] AS node_ids, [n IN nodes(p) | n.name] AS names,
       [r IN relationships(p) | type(r)] AS relations, [r IN relationships(p) | r.month] AS months,
       length(p) AS hops
ORDER BY hops, names
LIMIT $row_limit
