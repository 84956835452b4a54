// title_zh: 一辆车的联单趟次
// title_en: Trips of a plate
// group: 车辆
// purpose: 某车牌承运的联单、驾驶员、起讫单位
// level: L3
// timeout_s: 20
// parameter: plate string 车牌（如 苏A12345）
// parameter: from date 起（含）
// parameter: to date 止（含）
// column: manifest_no string 联单编号
// column: handover_at string 交付时间
// column: shipper string 移出人
// column: receiver string 接受人
// column: carrier string 承运人
// column: driver string 驾驶员
// column: qty_out_t float 移出量（吨）
MATCH (v:Vehicle {plate: $plate})<-[:USED_VEHICLE]-(m:Manifest)
WHERE m.handover_at >= datetime($from + 'T00:00:00Z') - duration('PT8H')
  AND m.handover_at < datetime($to + 'T00:00:00Z') + duration('PT16H')
OPTIONAL MATCH (m)-[:SHIPPED_BY]->(s:Organization)
OPTIONAL MATCH (m)-[:RECEIVED_BY]->(r:Organization)
OPTIONAL MATCH (m)-[:CARRIED_BY]->(c:Organization)
OPTIONAL MATCH (m)-[b:DRIVEN_BY]->(d:Person)
WHERE b.role = 'driver'
RETURN DISTINCT substring(m.id, 9) AS manifest_no, toString(m.handover_at) AS handover_at,
       s.name AS shipper, r.name AS receiver, c.name AS carrier, d.name AS driver,
       m.qty_out_t AS qty_out_t
ORDER BY handover_at, manifest_no
LIMIT $row_limit
