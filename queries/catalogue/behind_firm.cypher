// title_zh: 谁在背后
// title_en: Who stands behind a firm
// group: 单位
// purpose: 法定代表人、主要人员与股东，股东向上追三层
// timeout_s: 20
// parameter: id string 单位编号
// column: holder_id string 编号
// column: holder string 姓名或名称
// column: kind string 类别
// column: relation string 关系
// column: company string 所在单位
// column: pct float 持股比例（%）
// column: hops int 层数
MATCH p = (o:Organization {id: $id})<-[:SHAREHOLDER_OF*1..3]-(h)
WITH h, nodes(p)[length(p) - 1] AS c, last(relationships(p)) AS s, length(p) AS hops
RETURN DISTINCT h.id AS holder_id, h.name AS holder, labels(h)[0] AS kind, '股东' AS relation,
       c.name AS company, s.pct AS pct, hops
LIMIT $row_limit
UNION
MATCH (h:Person)-[r:LEGAL_REP_OF|OFFICER_OF]->(c:Organization {id: $id})
RETURN DISTINCT h.id AS holder_id, h.name AS holder, labels(h)[0] AS kind,
       CASE WHEN type(r) = 'LEGAL_REP_OF' THEN '法定代表人'
            WHEN coalesce(r.post, '') = '' THEN '主要人员' ELSE r.post END AS relation,
       c.name AS company, null AS pct, 1 AS hops
LIMIT $row_limit
