"""Text that a layout engine can bear: no endless words, no endless cells."""

import re

# A line of A4 holds about sixty narrow characters.
LONGEST_WORD = 60
# One cell of a form; more than a page of it is not a note any more.
LONGEST_TEXT = 4000
BREAK = "\u200b"
# Marks that turn the order of the letters round: a name is printed in the order in which it was typed.
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
CUT = "…"
# Chinese breaks between any two characters and needs no help.
WORD = re.compile(r"[^\s\u200b\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+")
TEXT_NODE = re.compile(rf"(?<=>)[^<>]{{{LONGEST_WORD + 1},}}(?=<)")
REFERENCE = re.compile(r"&(?:#\w+|\w+);")


def cap_words(text: str, longest: int = LONGEST_WORD, most: int = LONGEST_TEXT) -> str:
    """`text`, with a chance to break in words longer than `longest`, and cut with … after `most` characters."""
    if len(text) > most:
        text = text[: most - 1] + CUT
    return WORD.sub(lambda word: _broken(word.group(), longest), text)


def _broken(word: str, longest: int) -> str:
    if len(word) <= longest:
        return word
    return BREAK.join(word[at : at + longest] for at in range(0, len(word), longest))


def cap_markup(html: str) -> str:
    """The same for every text between two tags of an HTML page, and no mark that turns letters round."""
    return TEXT_NODE.sub(lambda node: _capped_node(node.group()), TURNING.sub("", html))


def _capped_node(markup: str) -> str:
    """Text with entities in it: cut and break between them, never through one."""
    if len(markup) > LONGEST_TEXT:
        markup = _cut(markup)
    pieces, at = [], 0
    for reference in REFERENCE.finditer(markup):
        pieces += [cap_words(markup[at : reference.start()]), reference.group()]
        at = reference.end()
    pieces.append(cap_words(markup[at:]))
    # Entities side by side ("&amp;&amp;…") are a word as well.
    return re.sub(rf"((?:{REFERENCE.pattern}){{{LONGEST_WORD}}})", rf"\1{BREAK}", "".join(pieces))


def _cut(markup: str) -> str:
    kept = markup[: LONGEST_TEXT - 1]
    opened = kept.rfind("&")
    if opened >= 0 and ";" not in kept[opened:] and REFERENCE.match(markup, opened):
        kept = kept[:opened]
    return kept + CUT
