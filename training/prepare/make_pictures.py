"""Draws pictures that photographs lack, for the cache: text, line art, flat shapes, gradients,
points.

    python -m prepare.make_pictures --out PICTURES --count 40 [--fonts /usr/share/fonts]

People generate such pictures too: posters, signs, comics, logos, charts. Each is a PNG of SIDE
pixels, drawn at twice the size and shrunk, so that its edges are as smooth as a renderer's. A
picture is defined by (seed, index). Without font files Pillow's own font is used.
"""

import argparse
import math
import string
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SIDE = 1088
"""Pixels along a side, as the photographs' short side."""

DRAWN = 2 * SIDE
"""Pixels along a side while drawing."""

WORDS = (
    "the light over quiet water a garden of glass between two rivers morning signal open house "
    "every colour has its name north window paper boat summer market long way home silver road"
).split()

Rng = np.random.Generator
Colour = tuple[int, int, int]


def colour(rng: Rng) -> Colour:
    """Any colour, dark, bright and grey ones as often as vivid ones."""
    base = rng.random(3)
    grey = base.mean()
    mixed = grey + (base - grey) * rng.choice([0.0, 0.6, 1.6])
    shifted = np.clip(mixed + rng.normal(0, 0.25), 0, 1)
    return tuple(int(v) for v in (shifted * 255).round())


def contrasting(rng: Rng, other: Colour) -> Colour:
    """A colour whose mean differs from the other's by a fifth of the range at least."""
    for _ in range(20):
        found = colour(rng)
        if abs(sum(found) - sum(other)) > 150:
            return found
    return (0, 0, 0) if sum(other) > 380 else (255, 255, 255)


def gradient(rng: Rng, side: int = DRAWN) -> Image.Image:
    """Two or three colours along a line or around a point."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    angle = rng.uniform(0, 2 * math.pi)
    if rng.random() < 0.5:
        t = math.cos(angle) * (x - 0.5) + math.sin(angle) * (y - 0.5) + 0.5
    else:
        t = 1.4 * np.hypot(x - rng.random(), y - rng.random())
    stops = [np.array(colour(rng), np.float32) for _ in range(rng.integers(2, 4))]
    places = np.linspace(0, 1, len(stops))
    channels = [np.interp(t, places, [s[c] for s in stops]) for c in range(3)]
    return dither(rng, np.stack(channels, -1))


def dither(rng: Rng, values: np.ndarray) -> Image.Image:
    """[H,W,3], 0..255, as a renderer rounds them: without bands of 8 bits."""
    noise = rng.uniform(-0.5, 0.5, (*values.shape[:2], 1))
    return Image.fromarray((values + noise).clip(0, 255).round().astype(np.uint8))


def ground(rng: Rng) -> tuple[Image.Image, Colour]:
    """A background, flat or a gradient, and about its colour."""
    if rng.random() < 0.3:
        image = gradient(rng)
        return image, image.resize((1, 1)).getpixel((0, 0))
    flat = colour(rng)
    return Image.new("RGB", (DRAWN, DRAWN), flat), flat


def point(rng: Rng) -> tuple[int, int]:
    """A place on the picture or a little beside it."""
    return tuple(int(v) for v in rng.integers(-DRAWN // 10, DRAWN + DRAWN // 10, 2))


def sentence(rng: Rng, letters: int) -> str:
    """Words, now and then in capitals, or letters, digits and signs at random."""
    if rng.random() < 0.25:
        signs = string.ascii_letters + string.digits + ".,:;!?&@#%()+-=/"
        return "".join(rng.choice(list(signs + "   "), letters))
    text = ""
    while len(text) < letters:
        text += str(rng.choice(WORDS)) + " "
    return text.upper() if rng.random() < 0.3 else text.capitalize()


def draw_text(rng: Rng, fonts: list[Path]) -> Image.Image:
    """A page: lines of text of several sizes, some on a label of their own."""
    image, behind = ground(rng)
    draw = ImageDraw.Draw(image)
    y = int(rng.integers(-40, 80))
    while y < DRAWN:
        size = int(2 * 2 ** rng.uniform(3.4, 6.6))
        font = pick_font(rng, fonts, size)
        ink = contrasting(rng, behind)
        if rng.random() < 0.2:
            label = contrasting(rng, ink)
            draw.rectangle([0, y, DRAWN, y + int(1.4 * size)], fill=label)
        x = int(rng.integers(-DRAWN // 8, DRAWN // 3))
        draw.text((x, y), sentence(rng, int(2.4 * DRAWN / size) + 4), font=font, fill=ink)
        y += int(size * rng.uniform(1.1, 1.9))
    turn = rng.uniform(-8, 8) if rng.random() < 0.2 else 0
    return image.rotate(turn, Image.Resampling.BICUBIC)


def pick_font(rng: Rng, fonts: list[Path], size: int) -> ImageFont.FreeTypeFont:
    """One of the font files, or Pillow's own font."""
    if fonts and rng.random() < 0.8:
        try:
            return ImageFont.truetype(str(fonts[rng.integers(len(fonts))]), size)
        except OSError:
            pass  # a bitmap font
    return ImageFont.load_default(size)


def draw_lines(rng: Rng, _fonts: list[Path]) -> Image.Image:
    """Line art: curves, hatching, outlines, in one or a few inks on a quiet ground."""
    image, behind = ground(rng)
    draw = ImageDraw.Draw(image)
    inks = [contrasting(rng, behind) for _ in range(rng.integers(1, 4))]
    for _ in range(int(rng.integers(20, 90))):
        ink = inks[rng.integers(len(inks))]
        width = int(2 ** rng.uniform(1, 5))
        kind = rng.integers(4)
        if kind == 0:  # a smooth curve through a few points
            t = np.linspace(0, 1, 120)[:, None]
            p = [np.array(point(rng)) for _ in range(4)]
            curve = (1 - t) ** 3 * p[0] + 3 * t * (1 - t) ** 2 * p[1]
            curve = curve + 3 * t**2 * (1 - t) * p[2] + t**3 * p[3]
            draw.line([tuple(c) for c in curve], fill=ink, width=width, joint="curve")
        elif kind == 1:  # hatching
            (x, y), (dx, dy) = point(rng), rng.integers(-300, 300, 2)
            gap = int(rng.integers(6, 40))
            for i in range(int(rng.integers(5, 30))):
                draw.line(
                    [x + i * gap, y, x + i * gap + dx, y + dy], fill=ink, width=width // 2 + 1
                )
        elif kind == 2:
            x, y = point(rng)
            w, h = (int(v) for v in rng.integers(30, DRAWN // 3, 2))
            draw.ellipse([x, y, x + w, y + h], outline=ink, width=width)
        else:
            draw.line([point(rng), point(rng)], fill=ink, width=width)
    return image


def draw_shapes(rng: Rng, _fonts: list[Path]) -> Image.Image:
    """Flat shapes over each other, as vector graphics have them."""
    image, _ = ground(rng)
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(15, 80))):
        x, y = point(rng)
        size = int(2 ** rng.uniform(4, 9.5))
        ink = colour(rng)
        kind = rng.integers(4)
        if kind == 0:
            draw.ellipse([x, y, x + size, y + int(size * rng.uniform(0.4, 1.6))], fill=ink)
        elif kind == 1:
            radius = int(size * rng.uniform(0, 0.4))
            draw.rounded_rectangle([x, y, x + size, y + size], radius, fill=ink)
        elif kind == 2:
            corners = int(rng.integers(3, 9))
            turn = rng.uniform(0, 2 * math.pi, corners)
            reach = size * rng.uniform(0.3, 1, corners)
            around = sorted(zip(turn, reach, strict=True))
            draw.polygon([(x + r * math.cos(a), y + r * math.sin(a)) for a, r in around], fill=ink)
        else:
            start = int(rng.integers(0, 360))
            draw.pieslice(
                [x, y, x + size, y + size], start, start + int(rng.integers(30, 300)), ink
            )
    return image


def draw_gradients(rng: Rng, _fonts: list[Path]) -> Image.Image:
    """Smooth fields side by side, with soft or sharp borders."""
    image = gradient(rng)
    for _ in range(int(rng.integers(1, 5))):
        x, y = point(rng)
        w, h = (int(v) for v in rng.integers(DRAWN // 8, DRAWN // 2, 2))
        patch = gradient(rng, max(w, h)).crop((0, 0, w, h))
        image.paste(patch, (x, y))
    return image


def draw_points(rng: Rng, _fonts: list[Path]) -> Image.Image:
    """Soft points, a few bright and most faint: stars, snow, sparks, or dark specks. LUAs that had
    seen no such pictures drew stars as worms."""
    image, behind = night(rng) if rng.random() < 0.6 else ground(rng)
    canvas = np.asarray(image, np.float32).copy()
    ink = np.array(contrasting(rng, behind), np.float32)
    usual = 2 ** rng.uniform(0.2, 2.2)
    for _ in range(int(2 ** rng.uniform(9, 12.5))):
        sigma = usual * 2 ** rng.normal(0, 0.3)
        share = min(1.0, 0.07 * (1 + rng.pareto(1.1)))
        tint = np.clip(ink + rng.normal(0, 25, 3), 0, 255)
        blend_point(canvas, rng.uniform(0, DRAWN, 2), sigma, share, tint)
    return Image.fromarray(canvas.round().astype(np.uint8))


def night(rng: Rng) -> tuple[Image.Image, Colour]:
    """A gradient darkened to a tenth to a third, and about its colour."""
    dark = np.asarray(gradient(rng)) * rng.uniform(0.1, 0.33)
    image = dither(rng, dark)
    return image, image.resize((1, 1)).getpixel((0, 0))


def blend_point(
    canvas: np.ndarray, place: np.ndarray, sigma: float, share: float, ink: np.ndarray
) -> None:
    """Blends a Gaussian point into the canvas [H,W,3], `share` of `ink` in its middle. place: (y,
    x), pixels, of any fraction."""
    reach = math.ceil(3 * sigma)
    top, left = (max(int(c) - reach, 0) for c in place)
    part = canvas[top : int(place[0]) + reach + 1, left : int(place[1]) + reach + 1]
    y, x = (np.arange(n, dtype=np.float32) for n in part.shape[:2])
    squared = (y + top - place[0])[:, None] ** 2 + (x + left - place[1])[None] ** 2
    part += (share * np.exp(-squared / (2 * sigma**2)))[..., None] * (ink - part)


Drawing = Callable[[Rng, list[Path]], Image.Image]

DRAWINGS: list[Drawing] = [
    draw_text,
    draw_lines,
    draw_shapes,
    draw_gradients,
    draw_text,
    draw_points,
]
"""In turn; text twice, as it is where detail is judged most."""


KINDS: dict[str, list[Drawing]] = {"all": DRAWINGS, "points": [draw_points]}
"""What may be asked for. A sixth of all pictures are too few points to learn stars from."""


def draw_picture(seed: int, index: int, fonts: list[Path], kind: str = "all") -> Image.Image:
    """The picture with this index: RGB, SIDE x SIDE."""
    rng = np.random.default_rng([seed, index])
    drawings = KINDS[kind]
    drawn = drawings[index % len(drawings)](rng, fonts)
    return drawn.resize((SIDE, SIDE), Image.Resampling.BOX)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--fonts", type=Path, help="folder of free font files (.ttf, .otf)")
    parser.add_argument("--kind", choices=list(KINDS), default="all")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    found = sorted(args.fonts.rglob("*")) if args.fonts else []
    fonts = [p for p in found if p.suffix in {".ttf", ".otf"}]
    for index in range(args.count):
        picture = draw_picture(args.seed, index, fonts, args.kind)
        picture.save(args.out / f"drawn-{index:04d}.png")
    print(f"{args.count} pictures, {len(fonts)} font files")


if __name__ == "__main__":
    main()
