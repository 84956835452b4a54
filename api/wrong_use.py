"""Wrong use of the command line, said in Chinese: the library's own words are English.

Matched by its words, since it gives its kinds of error no public names. What it may say in words
that are not known here is passed on as it is.
"""

import re

# (what the library says, what is said instead); ``near`` are suggestions, ``why`` is said by
# whoever looked at the value, so it is translated in turn.
SAYINGS = tuple(
    (re.compile(pattern, re.DOTALL), words)
    for pattern, words in (
        (r"Missing command\.", "缺少子命令"),
        (
            r"No such command '(?P<name>.*)'\. Did you mean '(?P<near>.*)'\?",
            "没有命令 {name}，是否要用 {near}",
        ),
        (r"No such command '(?P<name>.*)'\.", "没有命令 {name}"),
        (
            r"No such option: (?P<name>.*) \(Possible options: (?P<near>.*)\)",
            "没有选项 {name}，是否要用 {near}",
        ),
        (r"No such option: (?P<name>.*)", "没有选项 {name}"),
        (r"Option '(?P<name>.*)' requires an argument\.", "选项 {name} 后面缺少值"),
        (r"Option '(?P<name>.*)' does not take a value\.", "选项 {name} 不带值"),
        (r"Missing argument '(?P<name>.*)'\.", "缺少参数 {name}"),
        (r"Missing option '(?P<name>.*)'\.", "缺少选项 {name}"),
        (r"Got unexpected extra argument\(s\) \((?P<name>.*)\)", "多余的参数：{name}"),
        (r"Invalid value for '(?P<name>[^']*)': (?P<why>.*)", "{name} 的值有误：{why}"),
        (r"Invalid value: (?P<why>.*)", "{why}"),
        (r"Input should be less than or equal to (?P<limit>.*)", "不能大于 {limit}"),
        (r"Input should be greater than or equal to (?P<limit>.*)", "不能小于 {limit}"),
        (r"Input should be a valid integer.*", "应为整数"),
        (r"Input should be a valid number.*", "应为数字"),
        (
            r"Value error, '(?P<value>.*)' does not match the formats '%Y-%m-%d'\.",
            "“{value}”不是日期，应写成 2026-10-31 的样子",
        ),
    )
)


def in_chinese(text: str) -> str:
    """What the library says about wrong use, in Chinese."""
    for pattern, words in SAYINGS:
        if found := pattern.fullmatch(text):
            parts = found.groupdict()
            if near := parts.get("near"):
                parts["near"] = near.replace("', '", "、").replace(", ", "、")
            if why := parts.get("why"):
                parts["why"] = in_chinese(why)
            return words.format(**parts)
    return text
