// title_zh: 单位持有的证照
// title_en: Licences of a firm
// group: 单位
// purpose: 排污许可、危废经营许可与运输许可，及有效期
// timeout_s: 20
// parameter: id string 单位编号
// column: licence_id string 证照编号
// column: kind string 种类
// column: status string 状态
// column: valid_to_on string 有效期止
// column: categories strings 危废类别
MATCH (o:Organization {id: $id})-[:HOLDS_LICENCE]->(l:Licence)
RETURN l.id AS licence_id, l.kind AS kind, l.status AS status,
       toString(l.valid_to_on) AS valid_to_on, l.categories AS categories
ORDER BY coalesce(valid_to_on, '') DESC, licence_id
LIMIT $row_limit
