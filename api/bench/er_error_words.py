"""Chinese words for what is amiss with a generated record, and for how two organisations relate."""

from ingest.simulate.organizations.corruptions import Corruption

CORRUPTION_ZH = {
    Corruption.MISSING_CODE: "无信用代码",
    Corruption.MISSING_DIVISION: "无行政区划",
    Corruption.BOOKKEEPER_PHONE: "电话是代账公司的",
    Corruption.INCUBATOR_ADDRESS: "地址是孵化器的",
    Corruption.SHORT_NAME: "简称",
    Corruption.NO_REGION: "名称缺地名",
    Corruption.WRONG_REGION: "名称地名有误",
    Corruption.NOTATION: "字符写法不同",
    Corruption.TRADITIONAL: "繁体字",
    Corruption.FORMER_NAME: "曾用名",
    Corruption.OUTDATED_PLACE: "搬迁前的地名和地址",
    Corruption.FORMER_REPRESENTATIVE: "前任法定代表人",
    Corruption.HOMOPHONE: "同音字",
    Corruption.TYPO: "错字、漏字、重字",
    Corruption.WRONG_DIVISION: "行政区划有误",
    Corruption.LOOKALIKE_CODE: "代码字符形近",
    Corruption.MISTYPED_CODE: "代码输错",
    Corruption.MISTYPED_REPRESENTATIVE: "法定代表人写错",
    Corruption.TRANSPOSED_NAME: "名称相邻字颠倒*",
    Corruption.OMITTED_INDUSTRY: "名称缺行业词*",
    Corruption.RARE_HOMOPHONE: "生僻同音字*",
    Corruption.TRUNCATED_NAME: "名称被截断*",
    Corruption.SWAPPED_PHONE: "电话相邻位颠倒*",
    Corruption.NEIGHBOUR_ADDRESS: "地址串到邻行*",
    Corruption.SWAPPED_CODE: "代码相邻位颠倒*",
}
CLEAN, CLEAN_ZH = "clean", "无差错"
RELATION_ZH = {
    "sister": "姊妹厂",
    "namesake": "异地同名",
    "subsidiary": "母子公司",
    "branch": "分支机构",
    "common_parent": "同出一家",
    "unrelated": "互不相干",
}
