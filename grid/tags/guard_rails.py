"""What no tag may say of anybody, however it is worded, and why not."""

import unicodedata
from collections.abc import Iterable

from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused

# Words that give a forbidden subject away, and the sentence for whoever meant it.
FORBIDDEN: tuple[tuple[str, str], ...] = (
    (
        "信仰 宗教 信教 教徒 佛教 道教 基督 天主教 伊斯兰 穆斯林 法轮 礼拜 religio belief",
        N_("不能登记信仰：那是各人自己的事，社区的工作用不着。"),
    ),
    (
        "信访 上访 访民 缠访 闹访 维权 petition",
        N_("不能登记谁信访、上访过：这是居民的权利。要办的诉求请立成事件。"),
    ),
    (
        "政见 政治观点 政治倾向 政治立场 政治态度 思想动态 思想状况 politicalopinion politicalview",
        N_("不能登记政治观点。"),
    ),
    ("艾滋 hiv aids 感染者", N_("不能登记艾滋病等感染情况：法律为当事人保密，由医疗机构掌握。")),
    (
        "避孕 节育 结扎 上环 计生 计划生育 contracep birthcontrol",
        N_("不能登记避孕节育：这是家庭的私事。"),
    ),
    ("孕 产检 胎次 pregnan", N_("不能登记怀孕情况：这是家庭的私事，由医疗机构服务。")),
    (
        "黑名单 可疑人 不良人员 重点防范 blacklist suspect",
        N_("不能给人建黑名单。发生的事请立成事件，写清楚事实。"),
    ),
)


def refuse_forbidden(about: str, texts: Iterable[str]) -> None:
    """Refused, with the reason, where one of the texts touches what is nobody's business; `about` is the field."""
    for text in texts:
        plain = _plain(text)
        for words, sentence in FORBIDDEN:
            if any(word in plain for word in words.split()):
                raise Refused(_(sentence), about)


def _plain(text: str) -> str:
    """Without blanks and signs between the letters: H.I.V is HIV."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())
