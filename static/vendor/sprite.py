"""Draws static/icons.svg: the icons the product uses, one <symbol> each, out of the lucide-static package.

npm pack lucide-static@1.62.0 && tar xzf lucide-static-1.62.0.tgz
python static/vendor/sprite.py package/icons
"""

import re
import sys
from pathlib import Path

NAMES = """
alert-triangle arrow-left arrow-right-left award ban bell book-open building building-2 calendar calendar-check
camera car chart-column check chevron-down chevron-left chevron-right chevron-up circle-check circle-dot circle-help
circle-x clipboard-check clipboard-list clock copy door-closed door-open download ellipsis external-link eye
eye-off file-spreadsheet file-text filter flag heart-handshake history house image inbox info key-round languages
layers layout-grid link list list-checks loader-circle locate lock log-in log-out mail map map-pin maximize menu
message-square minus network pencil phone plus printer qr-code refresh-cw rotate-ccw save search send settings
shield shield-check siren smartphone square store table-2 tag trash-2 undo-2 upload user user-minus user-plus users
wifi-off x zoom-in zoom-out
""".split()

SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
    'stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
)
# Names people know beside the ones the package moved to.
ALIASES = {"home": "house", "triangle-alert": "alert-triangle"}


def shapes(svg: str) -> str:
    inside = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
    assert inside, "not an SVG"
    return re.sub(r">\s+<", "><", inside.group(1).strip())


def sprite(icons: Path) -> str:
    named = [(name, name) for name in NAMES] + list(ALIASES.items())
    symbols = [
        SYMBOL.format(name=name, shapes=shapes((icons / f"{source}.svg").read_text())) for name, source in sorted(named)
    ]
    return "\n".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg">',
            "<!-- Lucide 1.62.0, ISC and MIT: static/vendor/lucide/LICENSE. Drawn by static/vendor/sprite.py. -->",
            *symbols,
            "</svg>",
            "",
        ]
    )


if __name__ == "__main__":
    target = Path(__file__).parents[1] / "icons.svg"
    target.write_text(sprite(Path(sys.argv[1])))
    print(f"{target}: {len(NAMES) + len(ALIASES)} icons")
