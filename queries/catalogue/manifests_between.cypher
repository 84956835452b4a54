// title_zh: 某段时间的转移联单
// title_en: Manifests of a firm between two dates
// group: 危废
// purpose: 一家单位移出或接受的联单，按时间排列
// timeout_s: 20
// parameter: id string 单位编号
// parameter: from date 起（含）
// parameter: to date 止（含）
// column: manifest_no string 联单编号
// column: shipper string 移出人
// column: receiver string 接受人
// column: handover_at string 交付时间
// column: waste_codes strings 废物代码
// column: qty_out_t float 移出量（吨）
// column: qty_in_t float 接受量（吨）
// column: status string 状态
MATCH (m:Manifest)-[:SHIPPED_BY|RECEIVED_BY]->(o:Organization {id: $id})
WHERE m.handover_at >= datetime($from + 'T00:00:00Z') - duration('PT8H')
  AND m.handover_at < datetime($to + 'T00:00:00Z') + duration('PT16H')
WITH DISTINCT m
OPTIONAL MATCH (m)-[:SHIPPED_BY]->(s:Organization)
OPTIONAL MATCH (m)-[:RECEIVED_BY]->(r:Organization)
RETURN substring(m.id, 9) AS manifest_no, s.name AS shipper, r.name AS receiver,
       toString(m.handover_at) AS handover_at, m.waste_codes AS waste_codes,
       m.qty_out_t AS qty_out_t, m.qty_in_t AS qty_in_t, m.status AS status
ORDER BY handover_at, manifest_no
LIMIT $row_limit
