"""Reads single cells of a roster: each reader gives the value to keep and the sentences to say about it."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from grid.core.codes import CODES
from grid.core.i18n import _
from grid.exchange.vocabulary import IGNORED

LONGEST_NAME = 50
LONGEST_NOTE = 2000
MOST_TAGS = 10

_INVISIBLE = re.compile(r"[\u200b-\u200c\u200e-\u200f\u2060\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_DOTS = re.compile(r"[•‧・．·∙⋅]")
_CHINESE_GAP = re.compile(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])")
_NUMBER_SIGNS = re.compile(r"[\s\-()（）—]")
_YES = frozenset(("1", "是", "有", "已签", "已", "y", "yes", "true", "√", "对"))
_NO = frozenset(("0", "否", "无", "未签", "未", "没有", "n", "no", "false", "×", "不"))

# Words that mean a label of a code list; what stands in the standard itself needs no entry.
SYNONYMS: dict[str, Mapping[str, str]] = {
    "sex": {"男": "1", "女": "2", "男性": "1", "女性": "2", "未知": "0"},
    "marital": {"离异": "40", "离婚": "40", "离": "40", "丧": "30", "结婚": "20", "有配偶": "20", "单身": "10"},
    "political": {"党员": "01", "预备党员": "02", "团员": "03", "无党派": "12", "民革党员": "04"},
    "education": {
        "研究生": "10", "硕士": "10", "博士": "10", "硕士研究生": "10", "博士研究生": "10",
        "本科": "20", "大学": "20", "大学本科": "20", "大专": "30", "专科": "30", "大学专科": "30",
        "中专": "40", "技校": "40", "职高": "40", "中技": "40", "中职": "40", "高中": "60", "初中": "70",
        "小学": "80", "文盲": "90", "无": "90", "幼儿园": "90", "学龄前": "90", "不识字": "90",
    },
    "health": {
        "健康": "10", "良好": "10", "健康良好": "10", "一般": "20", "较弱": "20", "体弱": "20",
        "慢性病": "30", "疾病": "30", "患病": "30", "残疾": "60",
    },
    "population_kind": {
        "常住人口": "registered", "户籍人口": "registered", "常住": "registered", "常驻": "registered",
        "流动人口": "floating", "暂住": "floating", "外来人口": "floating", "租住": "floating",
        "境外人员": "overseas", "外籍": "overseas", "留守人员": "left_behind",
    },
    "use": {
        "复式": "dwelling", "住房": "dwelling", "居民": "dwelling", "商用": "shop", "门面": "shop",
        "店铺": "shop", "商业": "shop", "写字楼": "office", "办公用房": "office", "车位": "garage", "储藏室": "other",
    },
    "occupancy": {
        "已入住": "own", "自用": "own", "入住": "own", "自有": "own", "租赁": "rented", "已出租": "rented",
        "租住": "rented", "未入住": "vacant", "空房": "vacant", "空关": "vacant", "闲置": "vacant",
    },
    "rental_use": {"住宅": "02", "居住": "02", "商用": "03", "办公用房": "04"},
    "relation": {
        "户主本人": "02", "本人": "02", "自己": "02", "爱人": "10", "媳妇": "10", "夫妻": "10", "老伴": "10",
        "丈夫": "11", "老公": "11", "妻子": "12", "老婆": "12",
        "儿子": "20", "独子": "21", "大儿子": "22", "二子": "23", "二儿子": "23", "小儿子": "29", "三儿子": "24",
        "养子": "27", "继子": "27", "女婿": "28", "女儿": "30", "独女": "31", "大女儿": "32", "次女": "33",
        "二女儿": "33", "三女儿": "34", "小女儿": "39", "养女": "37", "继女": "37", "儿媳妇": "38", "媳": "38",
        "孙": "41", "孙儿": "41", "孙女儿": "42", "外孙": "43", "孙媳": "45", "重孙": "47", "重孙女": "48",
        "父": "51", "爸爸": "51", "爸": "51", "老父亲": "51", "母": "52", "妈妈": "52", "妈": "52", "老母亲": "52",
        "丈人": "55", "老丈人": "55", "丈母娘": "56", "继父": "57", "养父": "57", "继母": "58", "养母": "58",
        "爷爷": "61", "奶奶": "62", "外公": "63", "姥爷": "63", "外婆": "64", "姥姥": "64",
        "哥": "71", "哥哥": "71", "嫂子": "72", "弟弟": "73", "弟妹": "74", "姐": "75", "妹": "77",
        "伯伯": "81", "叔叔": "83", "婶婶": "84", "舅舅": "85", "舅妈": "86", "姨妈": "88", "姑姑": "90",
        "侄儿": "93", "侄女儿": "94", "亲戚": "97", "亲属": "97", "保姆": "98", "朋友": "98", "同事": "98",
        "非亲属关系": "98", "同居": "98",
    },
}  # fmt: skip
TENANTS = frozenset(("租户", "租客", "承租人", "合租", "合租人", "租住", "租赁人", "承租户"))
LODGERS = frozenset(("寄居", "借住", "寄住"))
OWNERS = frozenset(("业主", "房主", "产权人"))

TAGS = {
    "低保户": "低保", "低保对象": "低保", "独居老人": "独居", "空巢老人": "空巢", "残疾人": "残疾",
    "80岁以上": "高龄", "80岁以上老人": "高龄", "高龄老人": "高龄", "退伍军人": "退役军人", "复退军人": "退役军人",
    "转业军人": "退役军人", "中共党员": "党员", "预备党员": "党员", "失能老人": "失能", "半失能": "失能",
    "特困人员": "特困", "五保户": "特困", "三无人员": "特困", "留守儿童": "留守", "留守老人": "留守",
    "困境未成年人": "困境儿童", "失业人员": "失业", "下岗": "失业", "退休人员": "退休", "社区志愿者": "志愿者",
    "精神障碍": "严重精神障碍", "精神病人": "严重精神障碍", "刑释人员": "刑满释放", "刑满释放人员": "刑满释放",
    "社区矫正人员": "社区矫正", "社区矫正对象": "社区矫正", "戒毒人员": "戒毒康复", "吸毒人员": "戒毒康复",
}  # fmt: skip
# The register has no place for belief, petitioning, political opinion, HIV, contraception or pregnancy.
_FORBIDDEN = re.compile(
    r"信访|上访|访民|信教|宗教|教徒|信徒|基督|天主|佛教|伊斯兰|道教|邪教|法轮|艾滋|HIV|避孕|节育|结扎|上环|怀孕|孕妇|孕检|政治观点|异见",
    re.IGNORECASE,
)

Reading = tuple[Any, list[str]]


def words(cell: Any) -> str:
    """A cell as text: half width, without invisible signs; a whole number without its .0."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", str(cell))).strip()


def storable(text: str) -> str:
    """Without NUL, half characters and other signs that nobody sees and no database takes."""
    return _INVISIBLE.sub("", text)


def read_name(cell: Any) -> Reading:
    """The name with one kind of dot and no gaps; None and why when it can't be one."""
    raw = "" if cell is None else _DOTS.sub("·", str(cell))
    name = _CHINESE_GAP.sub("", re.sub(r"\s+", " ", words(raw)))
    name = re.sub(r"(?<=[^\x00-\x7f])\.(?=[^\x00-\x7f])", "·", name)
    if not name:
        return None, [_("没有姓名")]
    if len(name) > LONGEST_NAME:
        return None, [_("姓名有 %(n)s 个字，最多 %(most)s 个", n=len(name), most=LONGEST_NAME)]
    kept = "".join(c for c in name if not _is_emoji(c)).strip()
    if kept != name:
        return kept or None, [_("姓名里有表情符号，已去掉") if kept else _("姓名里只有表情符号")]
    if not any(c.isalpha() for c in name):
        return None, [_("“%(name)s”不像姓名", name=name)]
    return name, []


def _is_emoji(c: str) -> bool:
    return unicodedata.category(c) in ("So", "Sk", "Cs", "Co") or c in "\u200d\ufe0f"


def read_phones(cell: Any) -> Reading:
    """One or several numbers parted by ';'. A doubtful number is kept and said."""
    text = words(cell)
    if not text:
        return None, []
    numbers, remarks = [], []
    for part in re.split(r"[;；,，、/|\n]+|(?<=\d{8})\s+(?=1\d{10})", text):
        number = _phone(part)
        if number is None:
            continue
        if number not in numbers:
            numbers.append(number)
        digits = re.sub(r"\D", "", number)
        if not (re.fullmatch(r"1\d{10}", number) or re.fullmatch(r"0\d{2,3}-?\d{7,8}|\d{7,8}", number)):
            remarks.append(_("电话有 %(n)s 位数字，请核对", n=len(digits)))
    if not numbers:
        return None, [_("“%(what)s”里没有电话号码", what=text[:20])]
    kept = ";".join(numbers)
    if len(kept) > 120:
        return ";".join(numbers[:5]), [_("电话太多，只留前 5 个")]
    return kept, remarks


def _phone(part: str) -> str | None:
    bare = part.strip()
    if re.fullmatch(r"0\d{2,3}[-— ]\d{7,8}", bare):
        return re.sub(r"[— ]", "-", bare)
    bare = re.sub(r"^(?:\+?86|0086)(?=1\d{10}$)", "", _NUMBER_SIGNS.sub("", bare))
    found = re.search(r"\+?\d{5,15}", bare)
    return found[0] if found else None


def read_flag(cell: Any) -> Reading:
    """是/否, 1/0, 有/无, 已签/未签."""
    text = words(cell).lower()
    if not text:
        return None, []
    if text in _YES:
        return True, []
    if text in _NO:
        return False, []
    return None, [_("“%(what)s”看不出是或否，没有采用", what=text[:20])]


def read_code(codes: str, cell: Any, learnt: str | None = None) -> Reading:
    """The code a label or one of its synonyms stands for; None and a sentence when nobody knows it.

    `learnt` is what this community has said it means.
    """
    text = words(cell)
    if not text:
        return None, []
    known = CODES[codes]
    if learnt == IGNORED:
        return None, []
    if learnt in known:
        return learnt, []
    code = SYNONYMS.get(codes, {}).get(text) or known.by_label.get(text)
    if code is None and codes == "ethnic":
        code = known.by_label.get(text + "族")
    if code is None and text in known:
        code = text
    if code is not None:
        return code, []
    return None, [_("%(field)s“%(what)s”不在列表里", field=_(known.label), what=text[:20])]


def read_tags(
    cell: Any, known: Mapping[str, int], learnt: Mapping[str, str] | None = None
) -> tuple[list[str], list[str], list[str]]:
    """Labels the community defines, unknown words to keep in the note, and sentences about both."""
    taught = learnt or {}
    labels: list[str] = []
    unknown: list[str] = []
    remarks: list[str] = []
    for part in re.split(r"[,，、;；/\s]+", words(cell)):
        label = part if _FORBIDDEN.search(part) else taught.get(part[:20]) or TAGS.get(part, part)
        if not part or part in ("无", "没有", "否"):
            continue
        if label in known:
            labels += [label] if label not in labels else []
        elif _FORBIDDEN.search(part):
            remarks.append(_("登记册不设这一类人员类别，没有记录；人照常录入"))
        elif len(unknown) < MOST_TAGS:
            unknown.append(part[:20])
            if label == IGNORED:
                continue
            remarks.append(_("没有“%(tag)s”这个人员类别，记在备注里", tag=part[:20]))
    return labels, unknown, remarks


def read_text(cell: Any, longest: int, label: str) -> Reading:
    """Free words as typed, cut at `longest` and said so."""
    if cell is None:
        return None, []
    text = _INVISIBLE.sub("", str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell)).strip()
    if len(text) > longest:
        told = _("%(field)s有 %(n)s 个字，只留前 %(most)s 个", field=label, n=len(text), most=longest)
        return text[:longest], [told]
    return text or None, []


def read_number(cell: Any, label: str, least: float, most: float) -> Reading:
    """A number within bounds, rounded to two places."""
    text = words(cell)
    if not text:
        return None, []
    found = re.fullmatch(r"(-?\d+(?:\.\d+)?)\s*(?:㎡|m2|平方米|平米|平|层|年)?", text)
    number = round(float(found[1]), 2) if found else None
    if number is None or not least <= number <= most:
        return None, [_("%(field)s“%(what)s”不对，没有采用", field=label, what=text[:20])]
    return number, []
