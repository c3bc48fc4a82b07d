"""Pictures of the invented news, one a topic, drawn as SVG and taken as JPEG in Chromium."""

import asyncio
import sys
from pathlib import Path

from playwright.async_api import async_playwright

from bot_playground.news.pages import PICTURE_SIDES
from tests.end_to_end.browser import ARGUMENTS, CHROMIUM

WIDTH, HEIGHT = PICTURE_SIDES
SEA = '<path d="M0 236q40-16 80 0t80 0 80 0 80 0 80 0 80 0 80 0 80 0v100H0z" fill="{}"/>'
HILLS = '<path d="M0 250 110 150l90 70 120-110 130 120 80-60 110 80v86H0z" fill="{}"/>'
SUN = '<circle cx="{}" cy="{}" r="{}" fill="{}"/>'

# Colours of the sky, from above to below, and what stands before it.
DRAWINGS: dict[str, tuple[str, str, str]] = {
    "incidents": (
        "#3b4a5e",
        "#8fa1b3",
        SEA.format("#27506b")
        + '<path d="M90 90q10-50 70-40 30-50 90-20 60-20 70 40 50 10 20 50H90q-50-10 0-30z"'
        ' fill="#dfe5ea"/><path d="m190 130-34 60h30l-22 56 70-76h-34l24-40z" fill="#ffd24a"/>'
        '<path d="M452 248V104l76 120z" fill="#f4f1ea"/>'
        '<path d="M444 248V130l-56 94z" fill="#e3d9c6"/>'
        '<path d="M360 250q60 30 190 0l-20 30H386z" fill="#c5462f"/>',
    ),
    "sports": (
        "#4fa3d8",
        "#cdeaf7",
        '<path d="M0 220h640v116H0z" fill="#3f9a4d"/><path d="M0 254h640M0 296h640"'
        ' stroke="#56b065" stroke-width="16"/><path d="M150 220V90h340v130" fill="none"'
        ' stroke="#fff" stroke-width="12"/><path d="M156 130h328M156 170h328M210 96v124M270 96v124'
        'M330 96v124M390 96v124M440 96v124" stroke="#ffffff88" stroke-width="3"/>'
        '<circle cx="380" cy="262" r="38" fill="#fff"/><path d="m380 240 20 15-8 23h-24l-8-23z"'
        ' fill="#26333f"/>',
    ),
    "war": (
        "#f3b26b",
        "#fbe6c4",
        SUN.format(470, 150, 54, "#e9743b")
        + SEA.format("#2e6f8e")
        + '<path d="M120 226h260l-34 52H156z" fill="#37474f"/><path d="M180 186h90v40h-90z"'
        ' fill="#eceff1"/><path d="M290 206h60v20h-60z" fill="#b0bec5"/><path d="M222 186v-70"'
        ' stroke="#37474f" stroke-width="7"/><path d="M226 116h76l-18 22 18 22h-76z" fill="#fff"/>',
    ),
    "politics": (
        "#7e9cc4",
        "#e6eef7",
        '<path d="M0 276h640v60H0z" fill="#b8c7a4"/><path d="m320 56 210 80H110z" fill="#d7c9ae"/>'
        '<path d="M120 136h400v22H120z" fill="#bda983"/><path d="M142 158h40v96h-40zm76 0h40v96h-40'
        'zm76 0h40v96h-40zm76 0h40v96h-40zm76 0h40v96h-40z" fill="#efe6d3"/>'
        '<path d="M110 254h420v24H110z" fill="#bda983"/><path d="M320 56V16" stroke="#5a5243"'
        ' stroke-width="5"/><path d="M322 16h52l-12 12 12 12h-52z" fill="#3773b5"/>',
    ),
    "culture": (
        "#6a4c63",
        "#b48a94",
        '<path d="M150 50h340v230H150z" fill="#c79a4b"/><path d="M168 68h304v194H168z"'
        ' fill="#f2e3bf"/><path d="M168 190q60-50 120-20t80-50 104 10v132H168z" fill="#9fc3b5"/>'
        '<path d="M200 110q60 20 90 60t110 10" fill="none" stroke="#b5523b" stroke-width="6"'
        ' stroke-dasharray="14 12"/><circle cx="420" cy="112" r="26" fill="none" stroke="#7a5b33"'
        ' stroke-width="5"/><path d="m420 90 9 22-9 22-9-22z" fill="#b5523b"/>',
    ),
    "economy": (
        "#2c7d78",
        "#a8d8c8",
        '<path d="M0 276h640v60H0z" fill="#48655f"/><path d="M220 96h200v160H220z" fill="#22343a"/>'
        '<path d="M262 136h116v80H262z" fill="#e0b64c"/><path d="M220 120h-44m44 40h-44m44 40h-44'
        'm44 40h-44m244-120h44m-44 40h44m-44 40h44m-44 40h44M260 96V60m40 36V60m40 36V60m40 36V60"'
        ' stroke="#d9e3e1" stroke-width="11"/>',
    ),
    "health": (
        "#8ed1d6",
        "#eaf8f7",
        '<path d="M0 270h640v66H0z" fill="#9aa9a8"/><path d="M120 110h400q26 0 26 30v110H100V130'
        'q0-20 20-20z" fill="#fff"/><path d="M130 140h70v50h-70zm90 0h70v50h-70zm220 0h80v50h-80z"'
        ' fill="#6db9cf"/><path d="M352 132h26v30h30v26h-30v30h-26v-30h-30v-26h30z"'
        ' fill="#e2503f"/>'
        '<circle cx="190" cy="256" r="32" fill="#2f3b40"/><circle cx="460" cy="256" r="32"'
        ' fill="#2f3b40"/>',
    ),
    "science": (
        "#101a3a",
        "#3a4a86",
        '<g fill="#fff"><circle cx="80" cy="60" r="3"/><circle cx="170" cy="120" r="2"/>'
        '<circle cx="250" cy="44" r="3"/><circle cx="560" cy="70" r="3"/><circle cx="500" cy="150"'
        ' r="2"/><circle cx="90" cy="180" r="2"/></g><path d="m430 60-300 130 22-52z"'
        ' fill="#9fc4ff88"/><circle cx="434" cy="66" r="22" fill="#e8f3ff"/>'
        + HILLS.format("#0b1230")
        + '<path d="M380 250v-50h110v50z" fill="#39476f"/><path d="M380 200a55 55 0 0 1 110 0z"'
        ' fill="#c9d3ee"/><path d="m428 148 14-6 10 58h-20z" fill="#2a3557"/>',
    ),
    "world": (
        "#1f6f9f",
        "#9fd3e6",
        '<circle cx="320" cy="172" r="120" fill="#dff1f7"/>'
        '<path clip-path="circle(120px at 320px 172px)"'
        ' d="M236 110q60-50 110-30t20 60-60'
        " 30-50 50-50-50 30-60zm140 90q50-30 56 10t-50 60-30-40 24-30zM252 236q30-10 40 20t-20 24"
        '-30-30z" fill="#4f9d69"/><path d="M200 172h240M320 52v240" stroke="#1f6f9f55"'
        ' stroke-width="4"/><ellipse cx="320" cy="172" rx="60" ry="120" fill="none"'
        ' stroke="#1f6f9f55" stroke-width="4"/>',
    ),
    "society": (
        "#f0a868",
        "#fdebcf",
        '<path d="M0 220h640v116H0z" fill="#5d93a8"/><path d="M30 206q290-170 580 0" fill="none"'
        ' stroke="#8a4b3a" stroke-width="14"/><path d="M0 206h640v18H0z" fill="#6b3a2e"/>'
        '<path d="M110 206v-44m80 44v-76m80 76v-94m80 94v-94m80 94v-76m80 76v-44" stroke="#8a4b3a"'
        ' stroke-width="6"/><path d="M240 168h160v38H240z" fill="#d9482b"/><path d="M252 174h34v18'
        'h-34zm48 0h34v18h-34zm48 0h34v18h-34z" fill="#fff3d6"/>',
    ),
    "tech": (
        "#5b6fd6",
        "#cfd7fb",
        SEA.format("#3a4aa0")
        + '<path d="M150 210h340l-50 66H200z" fill="#f7f8ff"/><path d="M220 150h190v60H220z"'
        ' fill="#dfe4ff"/><path d="M236 164h42v30h-42zm62 0h42v30h-42zm62 0h36v30h-36z"'
        ' fill="#5b6fd6"/><path d="M316 150v-40" stroke="#2d3a86" stroke-width="7"/>'
        '<path d="M280 92q36-34 72 0M296 108q20-20 40 0" fill="none" stroke="#2d3a86"'
        ' stroke-width="7"/>',
    ),
    "lifestyle": (
        "#8cc6e8",
        "#eef7e6",
        SUN.format(540, 76, 38, "#ffd35c")
        + HILLS.format("#8fbf74")
        + '<path d="M70 232h500v20H70z" fill="#b07a4a"/><path d="M100 252v70m440-70v70"'
        ' stroke="#8a5c35" stroke-width="14"/><path d="M130 232a40 24 0 0 1 80 0z" fill="#d9863b"/>'
        '<circle cx="280" cy="212" r="20" fill="#d64533"/><circle cx="322" cy="214" r="18"'
        ' fill="#e8a23a"/><path d="M380 176h50l-6 56h-38z" fill="#e9eef2"/>'
        '<path d="M470 232a36 30 0 0 1 72 0z" fill="#7a9a3c"/>',
    ),
}


def svg(topic: str) -> str:
    """Return the drawing of a topic."""
    above, below, shapes = DRAWINGS[topic]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<linearGradient id="sky" x2="0" y2="1"><stop stop-color="{above}"/>'
        f'<stop offset="1" stop-color="{below}"/></linearGradient>'
        f'<path d="M0 0h{WIDTH}v{HEIGHT}H0z" fill="url(#sky)"/>{shapes}</svg>'
    )


async def draw(folder: Path) -> None:
    """Draw all pictures into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        for topic in DRAWINGS:
            await page.set_content(f"<style>body{{margin:0}}</style>{svg(topic)}")
            await page.screenshot(path=folder / f"{topic}.jpg", type="jpeg", quality=70)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1])))
