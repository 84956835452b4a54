// title_zh: 企业画像
// title_en: Profile of a firm
// group: 单位
// purpose: 一家单位的登记信息、证照、车辆、点位、处罚数量，一眼看全
// timeout_s: 20
// parameter: id string 单位编号
// column: name string 名称
// column: uscc string 统一社会信用代码
// column: status string 登记状态
// column: founded_on string 成立日期
// column: insured_count int 参保人数
// column: roles strings 角色
// column: former_names strings 曾用名
// column: licence_count int 证照数
// column: vehicle_count int 车辆数
// column: site_count int 场所数
// column: penalty_count int 处罚数
MATCH (o:Organization {id: $id})
RETURN o.name AS name, o.uscc AS uscc, o.status AS status, toString(o.founded_on) AS founded_on,
       o.insured_count AS insured_count, o.roles AS roles, o.former_names AS former_names,
       COUNT { (o)-[:HOLDS_LICENCE]->(:Licence) } AS licence_count,
       COUNT { (o)-[:OWNS_VEHICLE]->(:Vehicle) } AS vehicle_count,
       COUNT { (o)-[:HAS_SITE]->(:Site) } AS site_count,
       COUNT { (:Penalty)-[:IMPOSED_ON]->(o) } AS penalty_count
LIMIT $row_limit
