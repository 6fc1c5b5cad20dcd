"""The guard itself: a sound chapter lacks nothing, and each planted defect is told by its own message."""

import pytest

from notebooks import build
from tests.structure.bones import lacks

CHAPTER = {
    "number": 7,
    "title": "Construir una API",
    "minutes": 20,
    "claims": [{"id": "07.1", "text": ""}, {"id": "07.2", "text": ""}],
}

LIVE = """
# %% [markdown]
# ## {n}. Una sección
#
# Por qué. **Predice.** ¿Qué pasará?

# %%{tags}
bet = predict("¿Cuánto?", unit="ms")

# %% [markdown]
# **Ejecuta.** Así.

# %%
x = {n}

# %% [markdown]
# **Compara.** La medida.

# %%
bet.compare(x)

# %% [markdown]
# **Qué acaba de pasar.** Eso.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (3 min). Pregunta.
"""

START = """# %% [markdown]
# # 7 · Construir una API
#
# En este capítulo construirás una API.
#
# **Aprenderás a**
#
# - crear;
# - leer.
#
# **Necesitas** nada. **Minutos:** 20.
#
# ## La historia
#
# Había una vez. Pasó algo. ¿Y qué hicieron?
"""

END = """
# %% [markdown]
# ## Sala de averías
#
# Rompe.

# %%
api.stop()

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (2 min). Pregunta.

# %% [markdown]
# ## Ejercicios
#
# Uno.

# %% tags=["exercise"]
a = None

# %% tags=["solution"]
a = 1

# %% [markdown]
# Revisa; `hint("07.1")` da una pista.

# %%
check("07.1", a)

# %% [markdown]
# Dos.

# %% tags=["exercise"]
b = None

# %% tags=["solution"]
b = 1

# %% [markdown]
# Revisa.

# %%
check("07.2", b); hint("07.2")

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (5 min). Pregunta.

# %% [markdown]
# ## Cuestionario
#
# Contesta.

# %%
quiz("07")

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (1 min). Pregunta.

# %% [markdown]
# ## ¿Dónde se rompe la analogía?
#
# Aquí.
#
# ## Resumen
#
# - Crear es esto.
# - Leer es esto otro.
#
# ## En la práctica
#
# Se hace así. El capítulo siguiente sigue.

# %%
stop_all()

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (0 min). Cierra.
"""

TAGS = ['tags=["claim:07.1"]', 'tags=["claim:07.2"]', "", ""]
SOUND = (
    START + "".join(LIVE.format(n=n, tags=f" {tags}" if tags else "") for n, tags in enumerate(TAGS, 1)) + END
)

DEFECTS = {
    "module first": ("x = 1\n", "# %%module kitchen\nx = 1\n", "no %%module, after a restart"),
    "title": ("# # 7 · Construir una API", "# # 07 · Construir una API", "title: «# 07 · Construir una API»"),
    "no promise": ("En este capítulo construirás", "Aquí hay", "promise: the paragraph"),
    "long promise": ("construirás una API.", "construirás una API. Y más.", "promise: it is one sentence"),
    "minutes said": ("**Minutos:** 20", "**Minutos:** 25", "map: no «**Minutos:** 20»"),
    "five points": ("# - crear;", "# - crear;\n# - a;\n# - b;\n# - c;", "map: 5 points"),
    "needs": ("**Necesitas**", "Hace falta", "map: no «**Necesitas**»"),
    "learns": ("**Aprenderás a**", "Verás", "map: no «**Aprenderás»"),
    "no story": ("## La historia", "## Otra cosa", "story: no «## La historia»"),
    "short story": ("Pasó algo. ", "", "story: 2 sentences"),
    "fewer sections": ("# ## 4. Una sección\n#\n", "", "live sections: 3"),
    "no prediction": ("**Predice.** ", "", "«1. Una sección»: no Predice"),
    "wrong order": ("Por qué. **Predice.**", "Por qué. **Compara.** **Predice.**", "in that order"),
    "no compare": ("bet.compare(x)", "x", "no predict(…) with its .compare(…)"),
    "no breakdown": ("## Sala de averías", "## Sala", "no section «Sala de averías»"),
    "no exercises": ("## Ejercicios", "## Tareas", "no section «Ejercicio»"),
    "no analogy": ("¿Dónde se rompe la analogía?", "Analogía", "no section «¿Dónde se rompe"),
    "order": ("## Resumen\n", "## En la práctica\n", "no section «Resumen»"),
    "no practice": ("## En la práctica", "## Después", "no section «En la práctica»"),
    "no next": ("El capítulo siguiente sigue.", "Fin.", "the next chapter is not named"),
    "summary": ("# - Leer es esto otro.\n", "", "summary: 1 points for the 2"),
    "one exercise": (
        '# %% tags=["exercise"]\na = None\n\n# %% tags=["solution"]\n',
        "# %%\n",
        "1 cells tagged",
    ),
    "other check": ('check("07.2"', 'check("08.2"', "check(…) is called for"),
    "no hint": ('; hint("07.2")', "", "hint(…) is called for"),
    "no quiz": ('quiz("07")', "quiz()", 'no quiz("07")'),
    "no claim": (' tags=["claim:07.2"]', "", "claims: missing ['07.2'], unknown []"),
    "other claim": ("claim:07.2", "claim:07.3", "claims: missing ['07.2'], unknown ['07.3']"),
    "sum": ("(5 min)", "(6 min)", "minutes: the notes add up to 21"),
    "note": (
        "> **Para quien enseña** (5 min).",
        "> **Para quien enseña**, 5 min.",
        "the note does not start",
    ),
    "16 lines": ("x = 1\n", "x = 1\n" + "".join(f"y{n} = {n}\n" for n in range(15)), "16 lines of code"),
    "31 lines": (
        "# %%\nx = 1\n",
        '# %% tags=["long"]\n' + "".join(f"y{n} = {n}\n" for n in range(31)),
        "more than 30",
    ),
    "nbval": ("x = 1\n", "# NBVAL_IGNORE_OUTPUT\nx = 1\n", "a «# NBVAL_» comment"),
    "no reason": (
        "# %%\nx = 1\n",
        '# %% tags=["nbval-ignore-output"]\nx = 1\n',
        "no «# Salida no comparada: …»",
    ),
    "no text": ("# %%\nx = 1\n", "# %%\nx = 1\n\n# %%\nz = 1\n", "no text before the code"),
    "no stop": ("stop_all()\n", "running()\n", "does not end with stop_all()"),
}


def lacks_of(tmp_path, text: str, chapter: dict | None = None) -> list[str]:
    path = tmp_path / "07_prueba.py"
    path.write_text(text, "utf-8")
    return lacks(build.read_source(path), chapter or CHAPTER)


def test_a_sound_chapter_lacks_nothing(tmp_path):
    assert lacks_of(tmp_path, SOUND) == []


@pytest.mark.parametrize(("before", "after", "message"), DEFECTS.values(), ids=DEFECTS)
def test_a_planted_defect_is_told(tmp_path, before, after, message):
    assert before in SOUND
    told = lacks_of(tmp_path, SOUND.replace(before, after, 1))
    assert any(message in each for each in told), told


def test_two_ignored_outputs_are_too_many_even_with_reasons(tmp_path):
    ignored = '# %% tags=["nbval-ignore-output"]\n# Salida no comparada: cambia con el reloj.\nx ='
    assert lacks_of(tmp_path, SOUND.replace("# %%\nx =", ignored, 1)) == []
    assert lacks_of(tmp_path, SOUND.replace("# %%\nx =", ignored)) == ["more than one ignored output"]


@pytest.mark.parametrize(
    ("minutes", "message"),
    [
        (3, "minutes: no note in «1. Una sección»"),
        (2, "minutes: no note in «Sala de averías»"),
        (5, "minutes: no note in the exercises"),
    ],
)
def test_a_part_without_a_note_is_told(tmp_path, minutes, message):
    note = f'# %% [markdown] tags=["instructor"]\n# > **Para quien enseña** ({minutes} min). Pregunta.\n'
    assert note in SOUND
    assert message in lacks_of(tmp_path, SOUND.replace(note, "", 1), {**CHAPTER, "minutes": 20 - minutes})


def test_sections_out_of_design_s_order_are_told(tmp_path):
    swapped = (
        SOUND.replace("## Resumen", "## X")
        .replace("## En la práctica", "## Resumen")
        .replace("## X", "## En la práctica")
    )
    assert "the sections after the live ones are not in DESIGN.md's order" in lacks_of(tmp_path, swapped)


def test_the_welcome_needs_less(tmp_path):
    welcome = START.replace("# 7 ·", "# 0 ·") + "\n# %%\nstop_all()\n"
    welcome += '\n# %% [markdown] tags=["instructor"]\n# > **Para quien enseña** (20 min). Saluda.\n'
    chapter = {**CHAPTER, "number": 0, "claims": []}
    assert lacks_of(tmp_path, welcome, chapter) == []
    assert (
        len(
            lacks_of(tmp_path, welcome.replace("stop_all", "running").replace("(20 min)", "(2 min)"), chapter)
        )
        == 2
    )
