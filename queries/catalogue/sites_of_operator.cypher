// title_zh: 运维单位负责的点位
// title_en: Sites of an operator
// group: 第三方
// purpose: 一家运维单位负责的排放口、所属企业与合同
// timeout_s: 20
// parameter: id string 运维单位编号
// column: outlet_id string 排放口编号
// column: outlet_code string 排放口
// column: medium string 介质
// column: owner string 企业
// column: owner_id string 企业编号
// column: contract_count int 合同数
MATCH (b:Organization {id: $id})-[:OPERATES]->(u:Outlet)
OPTIONAL MATCH (o:Organization)-[:HAS_SITE]->(:Site)-[:HAS_OUTLET]->(u)
RETURN DISTINCT u.id AS outlet_id, u.outlet_code AS outlet_code, u.medium AS medium,
       o.name AS owner, o.id AS owner_id,
       COUNT { (:Contract)-[:COVERS_OUTLET]->(u) } AS contract_count
ORDER BY owner IS NULL, owner, outlet_code
LIMIT $row_limit
