"""Un gato para cada código de estado: la familia le pone la cara; los otros dígitos, el pelaje y la cola."""

from html import escape

_MOODS = {1: "espera", 2: "sonríe", 3: "mira hacia otro lado", 4: "está confundido", 5: "está mareado"}

# Eyes, brows and mouth of each family, drawn in a head of radius 38 around (80, 62).
_FACES = {
    1: '<path d="M58 60h14M88 60h14"/><path d="M61 64h8M91 64h8"/><path d="M74 78h12"/>',
    2: '<path d="M58 62q7-9 14 0M88 62q7-9 14 0"/><path d="M70 75q5 8 10 0q5 8 10 0"/>',
    3: '<ellipse cx="65" cy="60" rx="7" ry="8"/><ellipse cx="95" cy="60" rx="7" ry="8"/>'
    '<circle class="ink" cx="69" cy="60" r="3"/><circle class="ink" cx="99" cy="60" r="3"/>'
    '<ellipse cx="80" cy="78" rx="4" ry="3"/>',
    4: '<circle cx="65" cy="60" r="8"/><circle cx="95" cy="60" r="8"/>'
    '<circle class="ink" cx="65" cy="60" r="2.5"/><circle class="ink" cx="95" cy="60" r="2.5"/>'
    '<path d="M56 46l14-4M90 42l14 8"/><path d="M70 79q5-6 10 0q5 5 10-1"/>',
    5: '<path d="M59 54l12 12M71 54l-12 12M89 54l12 12M101 54l-12 12"/><path d="M70 82q10-10 20 0"/>',
}
# Over the head, what the family says without colour.
_SAYS = {
    1: '<circle class="ink" cx="128" cy="20" r="3"/><circle class="ink" cx="138" cy="20" r="3"/>'
    '<circle class="ink" cx="148" cy="20" r="3"/>',
    2: '<path class="thick" d="M128 22l7 7 15-16"/>',
    3: '<path class="thick" d="M126 20h22m-8-8l8 8-8 8"/>',
    4: '<path class="thick" d="M132 16q0-8 8-8 8 0 8 7 0 5-8 8v4"/>'
    '<circle class="ink" cx="140" cy="33" r="2"/>',
    5: '<path class="thick" d="M142 6l-10 14h12l-10 14"/>',
}
_COATS = (
    "",
    '<path d="M74 26v12M80 24v14M86 26v12"/>',
    '<circle class="soft" cx="60" cy="40" r="6"/><circle class="soft" cx="98" cy="38" r="5"/>'
    '<circle class="soft" cx="106" cy="76" r="5"/>',
    '<ellipse class="soft" cx="95" cy="60" rx="14" ry="15"/>',
    '<path class="soft" d="M80 24a38 38 0 0 0-38 38q0 4 1 8q20-20 37-46z"/>',
    '<path class="soft" d="M60 92q20 40 40 0z"/>',
    '<path d="M43 66h10M44 74h9M107 66h10M107 74h9"/>',
    '<path class="soft" d="M48 14l14 16-11 7zM112 14l-14 16 11 7z"/>',
    '<circle class="ink" cx="62" cy="76" r="1.5"/><circle class="ink" cx="57" cy="80" r="1.5"/>'
    '<circle class="ink" cx="98" cy="76" r="1.5"/><circle class="ink" cx="103" cy="80" r="1.5"/>',
    '<path d="M72 26q4-14 8-2q4-12 8 2"/>',
)
_TAILS = (
    "M112 128q30 4 28-24",
    "M112 128q34-2 30-30q-2-12-12-8",
    "M112 128q20 10 34-6q6-10-4-14",
    "M112 128q14-4 14-20t14-20",
    "M112 128h34q8 0 4-10",
    "M112 128q36-8 12-30q-4 14 14 14",
)
_EARS = ("M46 42L48 12 70 28M114 42L112 12 90 28", "M46 44L38 18 66 28M114 44L122 18 94 28")
_WHISKERS = (
    "M50 72l-22-4M50 78l-22 4M110 72l22-4M110 78l22 4",
    "M50 72l-22-6M50 76h-23M50 80l-22 6M110 72l22-6M110 76h23M110 80l22 6",
)
# A few have something of their own beside them.
_PROPS = {
    201: '<path d="M12 132h28v-18h-28zM12 114l14-10 14 10"/>',
    204: '<ellipse cx="26" cy="130" rx="20" ry="6"/><ellipse cx="26" cy="129" rx="11" ry="3"/>',
    301: '<path d="M8 112h32v24h-32zM8 112l8-8h32l-8 8M40 136l8-8v-24"/>',
    401: '<path d="M12 118h26v18h-26zM17 118v-6a8 8 0 0 1 16 0v6"/>'
    '<circle class="ink" cx="25" cy="127" r="2"/>',
    404: '<path d="M8 112h34v24h-34zM8 112l-4 8M42 112l4 8M25 112v8"/>',
    409: '<path d="M10 110l28 26M38 110l-28 26"/>',
    418: '<path d="M12 116h24v14q0 6-6 6h-12q-6 0-6-6zM36 118q10 0 8 8t-8 6M12 122l-8-6M20 110q-2-4 2-6"/>',
    429: '<path d="M10 136v-22M18 136v-26M26 136v-30M34 136v-34"/>',
    500: '<circle cx="26" cy="124" r="12"/><path d="M15 120q12 8 22 0M16 130q10-10 20-2M38 132q8 4 12-2"/>',
    502: '<path d="M6 124h14l4-8 6 16 4-8h12"/>',
    504: '<circle cx="26" cy="122" r="14"/><path d="M26 112v10l8 5"/>',
}

CSS = """
.comanda-cat { width: 190px; height: auto; fill: none; stroke: var(--jp-content-font-color1);
  stroke-width: 2.2; stroke-linecap: round; stroke-linejoin: round; }
.comanda-cat .fur { fill: var(--jp-layout-color2); }
.comanda-cat .plate { fill: var(--jp-layout-color1); }
.comanda-cat .ink { fill: var(--jp-content-font-color1); stroke: none; }
.comanda-cat .soft { fill: var(--jp-layout-color4); stroke: none; }
.comanda-cat .thick { stroke-width: 4; }
.comanda-cat text { fill: var(--jp-content-font-color1); stroke: none; text-anchor: middle;
  font: 700 19px var(--jp-code-font-family); }
"""


def describe(code: int, name: str) -> str:
    """Qué se ve en el dibujo, para quien no lo ve."""
    return f"El gato del {code}, «{name}», {_MOODS[code // 100]}."


def draw(code: int, name: str) -> str:
    """El gato del código como SVG; el mismo cada vez, y ninguno igual a otro."""
    family, tens, units = code // 100, code // 10 % 10, code % 10
    parts = (
        f'<path d="{_TAILS[tens % len(_TAILS)]}"/>',
        '<path class="fur" d="M50 140q-4-48 30-48t30 48z"/>',
        f'<path class="fur" d="{_EARS[tens % 2]}"/>',
        '<circle class="fur" cx="80" cy="62" r="38"/>',
        _COATS[units],
        f'<path d="{_WHISKERS[units % 2]}"/>',
        _FACES[family],
        _SAYS[family],
        '<rect class="plate" x="54" y="106" width="52" height="26" rx="5"/>',
        f'<text x="80" y="126">{code}</text>',
        _PROPS.get(code, ""),
    )
    return (
        f'<svg class="comanda-cat" viewBox="0 0 160 144" role="img" '
        f'aria-label="{escape(describe(code, name))}">{"".join(parts)}</svg>'
    )
