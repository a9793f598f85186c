"""Turns a name into the keys it is found by: characters, pinyin and initials, from every character on."""

import re
import unicodedata
from functools import lru_cache

# Surnames read otherwise than the character alone; both readings are found.
SURNAMES = {
    "单": "shan", "解": "xie", "仇": "qiu", "区": "ou", "曾": "zeng", "朴": "piao", "查": "zha",
    "翟": "zhai", "盖": "ge", "种": "chong", "么": "yao", "缪": "miao", "洗": "xian", "冼": "xian",
    "尉": "wei", "燕": "yan", "任": "ren", "华": "hua", "乐": "yue", "员": "yun", "秘": "bi",
    "折": "she", "重": "chong", "万": "wan", "晟": "cheng", "黑": "he", "盛": "sheng", "石": "shi",
    "肖": "xiao", "纪": "ji", "宁": "ning", "应": "ying", "车": "che", "那": "na", "召": "shao",
    "都": "du", "谌": "chen", "逄": "pang", "隗": "wei", "郗": "xi", "阚": "kan", "乜": "nie",
    "卜": "bu", "令": "ling", "祭": "zhai", "繁": "po", "覃": "qin", "訾": "zi", "哈": "ha",
    "炅": "gui", "牟": "mou", "佴": "nai", "撒": "sa", "过": "guo", "瞿": "qu", "葛": "ge",
    "沈": "shen", "长": "zhang",
}  # fmt: skip
OTHER_READINGS = {
    "牟": "mu", "宁": "nin", "隗": "kui", "郗": "chi", "覃": "tan", "谌": "shen", "朴": "pu", "查": "cha",
    "翟": "di", "盖": "gai", "乐": "le", "种": "zhong", "尉": "yu", "长": "chang", "瞿": "ju",
}  # fmt: skip
COMPOUND_SURNAMES = {
    "欧阳": "ou yang", "尉迟": "yu chi", "长孙": "zhang sun", "万俟": "mo qi", "单于": "chan yu",
    "澹台": "tan tai", "令狐": "ling hu", "皇甫": "huang fu", "司马": "si ma", "诸葛": "zhu ge",
    "上官": "shang guan", "慕容": "mu rong", "夏侯": "xia hou", "东方": "dong fang", "独孤": "du gu",
    "南宫": "nan gong", "端木": "duan mu", "公孙": "gong sun", "宇文": "yu wen", "司徒": "si tu",
    "申屠": "shen tu", "呼延": "hu yan", "百里": "bai li", "轩辕": "xuan yuan", "濮阳": "pu yang",
}  # fmt: skip
_SILENT = re.compile(r"[\x00\s·•・.．‧\u200b-\u200f\u2060\ufeff]+")
_LONGEST = 50
_WIDEST = 60


def query_key(text: str) -> str:
    """What somebody typed, written like the keys: half width, lower case, no spaces or dots."""
    return _SILENT.sub("", unicodedata.normalize("NFKC", text)).lower()


@lru_cache(maxsize=20_000)
def keys_of_name(name: str) -> frozenset[str]:
    """王小明 → 王小明, 小明, 明, wangxiaoming, xiaoming, ming, wxm, xm, m; both readings of a surname."""
    letters = query_key(name)[:_LONGEST]
    keys = {letters[start:] for start in range(len(letters))}
    for syllables in _spellings(letters):
        for start in range(len(syllables)):
            tail = syllables[start:]
            keys.add("".join(tail))
            keys.add("".join(syllable[0] for syllable in tail))
    # 60 is the width of the key column; a longer name is found by its beginning.
    return frozenset(key[:_WIDEST] for key in keys)


@lru_cache(maxsize=20_000)
def readings_of(name: str) -> frozenset[str]:
    """Everything a whole name may sound like, and the name as it is written: two that share one may be one name."""
    letters = query_key(name)[:_LONGEST]
    return frozenset({letters, *("".join(syllables) for syllables in _spellings(letters))})


def _spellings(letters: str) -> list[list[str]]:
    """The name in syllables, once for each way its surname is read."""
    compound = COMPOUND_SURNAMES.get(letters[:2])
    default = [_reading(letter) for letter in letters]
    if compound and len(letters) > 2:
        spellings = [compound.split() + default[2:], default]
    elif letters[:1] in SURNAMES:
        first = {SURNAMES[letters[0]], OTHER_READINGS.get(letters[0]), default[0]} - {None}
        spellings = [[reading, *default[1:]] for reading in sorted(filter(None, first))]
    else:
        spellings = [default]
    if "v" in "".join(default):
        # 吕 is typed lv, lü and lu.
        spellings += [[s.replace("v", "u") for s in spelling] for spelling in spellings]
    return spellings


@lru_cache(maxsize=30_000)
def _reading(letter: str) -> str:
    """One syllable; a letter without a reading (Latin, rare characters) stands for itself."""
    if letter.isascii():
        return letter
    from pypinyin import Style, pinyin  # Slow to import, and most requests never spell a name.

    found: str = pinyin(letter, style=Style.NORMAL)[0][0]
    return found.lower() or letter
