"""Made-up names from a stock of syllables: firms, persons, streets."""

import numpy as np
import polars as pl

from ingest.simulate.streams import pick

BRAND_CHARACTERS = list(
    "宏润泰恒鑫源盛瑞祥达康嘉诚信利丰华凯科洁环清澄蓝碧天海江川通远安顺腾飞跃晟昊旭辉耀翔鸿锦程骏"
    "驰奥维特斯迪普乐百合优创拓博睿思智佳美亿隆茂荣庆和正德义仁中方圆立伟杰元亨贞弘毅铭景逸朗"
)
SURNAMES = list(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏"
    "程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严"
)
GIVEN_CHARACTERS = list(
    "伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林欢佳静敏丽艳娟霞秀兰芳燕玲桂英梅琳"
    "雪慧莉婷颖倩建国志文海晓春东峰云成荣新光永庆德兴正清玉卫根宝金福才祥生"
)
STREETS = [
    a + b
    for a in (
        "宏业",
        "振兴",
        "工业",
        "创新",
        "滨江",
        "沿河",
        "长兴",
        "通港",
        "科技",
        "团结",
        "友谊",
        "富民",
        "锦绣",
        "华盛",
        "新港",
        "望江",
        "兴园",
        "环城",
        "迎宾",
        "东升",
        "康庄",
        "金桥",
    )
    for b in ("路", "大道", "东路", "西路", "街")
]
SUFFIXES = ["有限公司"] * 17 + ["股份有限公司"] * 2 + ["有限责任公司"]
WORDS_BY_ROLE: dict[str, list[str]] = {
    "carrier": ["物流", "危险品运输", "运输", "汽车运输", "化工物流", "供应链"],
    "trader": ["贸易", "化工贸易", "商贸", "金属材料", "化工销售", "国际贸易"],
    "supplier": ["化工原料", "材料", "金属贸易", "供应链管理"],
    "tester": ["检测技术", "环境检测", "检测科技", "环境监测", "检测技术服务"],
    "operator": ["环境科技", "仪器", "自动化", "环境监控", "环保技术服务"],
    "bystander": [
        "包装",
        "机电",
        "餐饮管理",
        "建材",
        "纺织",
        "信息科技",
        "装饰工程",
        "劳务",
        "农业科技",
        "文化传媒",
        "服饰",
        "家具",
        "商贸",
        "物资",
    ],
}


def person_names(rng: np.random.Generator, n: int) -> pl.Series:
    """Names of ``n`` people; common ones repeat, as they do in life."""
    rank = np.minimum(rng.exponential(22.0, n).astype(np.int64), len(SURNAMES) - 1)
    family = pl.Series(SURNAMES).gather(rank)
    first = pick(rng, GIVEN_CHARACTERS, n)
    second = pick(rng, GIVEN_CHARACTERS, n)
    short = pl.Series(rng.random(n) < 0.18)
    return pl.select(
        family + pl.when(short).then(first).otherwise(first + second)
    ).to_series()  # fmt: skip


def brands(rng: np.random.Generator, n: int) -> pl.Series:
    """字号 of two, sometimes three characters."""
    parts = [pick(rng, BRAND_CHARACTERS, n) for _ in range(3)]
    long = pl.Series(rng.random(n) < 0.2)
    return pl.select(
        parts[0] + parts[1] + pl.when(long).then(parts[2]).otherwise(pl.lit(""))
    ).to_series()  # fmt: skip


def bare_region(name: pl.Expr) -> pl.Expr:
    """昆山市 as it stands in firm names: 昆山; two-character ones stay whole."""
    return (
        pl.when(name.str.len_chars() > 2).then(name.str.replace("(市|区|县)$", "")).otherwise(name)
    )


def compose(frame: pl.DataFrame) -> pl.Series:
    """Full names out of region, brand, word, suffix, style (1: region in brackets)."""
    return frame.select(
        pl.when(pl.col("style") == 1)
        .then(pl.col("brand") + "(" + pl.col("region") + ")" + pl.col("word") + pl.col("suffix"))
        .otherwise(pl.col("region") + pl.col("brand") + pl.col("word") + pl.col("suffix"))
    ).to_series()
