// title_zh: 一组单位的共用标识
// title_en: Shared identifiers of a group
// group: 关系
// purpose: 几家单位共用的电话、地址与人员，连同每个标识总共牵涉多少家（越多越可能是代账或孵化器）
// level: L3
// timeout_s: 20
// parameter: ids strings 单位编号，逗号分隔
// column: shared_id string 标识编号
// column: kind string 类别
// column: shared string 标识
// column: firms strings 本组单位
// column: degree int 全省牵涉单位数
UNWIND $ids AS firm_id
MATCH (o:Organization {id: firm_id})-[:HAS_PHONE|LOCATED_AT|LEGAL_REP_OF|OFFICER_OF|SHAREHOLDER_OF]-(s)
WHERE s:Phone OR s:Address OR s:Person
WITH s, collect(DISTINCT o.id) AS firm_ids, collect(DISTINCT o.name) AS firms
WHERE size(firm_ids) > 1
MATCH (s)-[:HAS_PHONE|LOCATED_AT|LEGAL_REP_OF|OFFICER_OF|SHAREHOLDER_OF]-(x:Organization)
WITH s, firms, count(DISTINCT x.id) AS degree
RETURN s.id AS shared_id, labels(s)[0] AS kind,
       CASE WHEN s:Phone THEN substring(s.number, 0, 3) + '****' + right(s.number, 4)
            ELSE coalesce(s.text, s.name) END AS shared,
       firms, degree
ORDER BY degree, shared_id
LIMIT $row_limit
