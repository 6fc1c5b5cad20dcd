"""De cada fuente de `notebooks/src` a sus dos ediciones: la de quien participa y la resuelta.

    python notebooks/build.py            construye todos los capítulos y la tabla del README
    python notebooks/build.py 07         construye solo el capítulo 07
    python notebooks/build.py --check    no escribe nada: dice qué está atrasado respecto a su fuente
    python notebooks/build.py --readme   actualiza solo la tabla de capítulos del README

La edición resuelta se ejecuta en un kernel nuevo y conserva sus salidas.
Construir dos veces da los mismos bytes.
"""

import argparse
import ast
import asyncio
import hashlib
import os
import re
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ipykernel.kernelspec
import jupytext  # type: ignore[import-untyped]
import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode, v4

ROOT = Path(__file__).resolve().parent.parent
CELL_SECONDS = 60

CODE_TAGS = {"exercise", "solution", "long", "raises-exception", "nbval-ignore-output"}
MARKDOWN_TAGS = {"instructor"}
CLAIM = re.compile(r"claim:\d\d\.\d+")

MARKER = re.compile(r"# %%(?=\s|$)")
MARKER_PARTS = re.compile(r"# %%(?P<markdown> \[markdown\])?(?: tags=(?P<tags>\[.*\]))?\s*")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}


class BuildError(Exception):
    """Un capítulo no se pudo construir; el mensaje empieza por `archivo:línea`."""


@dataclass
class Cell:
    """Una celda de la fuente: su nodo de nbformat y la línea donde empieza su contenido."""

    node: NotebookNode
    line: int

    @property
    def tags(self) -> list[str]:
        return list(self.node.metadata.get("tags", []))

    @property
    def is_code(self) -> bool:
        return bool(self.node.cell_type == "code")

    def copy(self) -> "Cell":
        return Cell(NotebookNode(nbformat.from_dict(self.node)), self.line)  # type: ignore[no-untyped-call]


@dataclass
class Source:
    """Una fuente `NN_slug.py` ya leída y revisada."""

    path: Path
    cells: list[Cell] = field(default_factory=list)

    def solved(self) -> list[Cell]:
        """Las celdas de la edición resuelta: sin los huecos de los ejercicios."""
        kept = [cell.copy() for cell in self.cells if "exercise" not in cell.tags]
        for cell in kept:
            if not cell.is_code:
                cell.node.source = one_folder_deeper(cell.node.source)
        return kept

    def participant(self) -> list[Cell]:
        """Las celdas de quien participa: sin soluciones ni notas para quien enseña."""
        return [cell.copy() for cell in self.cells if not {"solution", "instructor"} & set(cell.tags)]


@dataclass(frozen=True)
class House:
    """Dónde vive cada cosa, a partir de la raíz del proyecto."""

    root: Path = ROOT

    @property
    def notebooks(self) -> Path:
        return self.root / "notebooks"

    @property
    def readme(self) -> Path:
        return self.root / "README.md"

    def sources(self) -> list[Path]:
        return sorted((self.notebooks / "src").glob("*.py"))

    def participant(self, source: Path) -> Path:
        return self.notebooks / f"{source.stem}.ipynb"

    def solved(self, source: Path) -> Path:
        return self.notebooks / "soluciones" / f"{source.stem}.ipynb"

    def orphans(self) -> list[Path]:
        """Ediciones cuya fuente ya no existe."""
        stems = {source.stem for source in self.sources()}
        editions = [*self.notebooks.glob("*.ipynb"), *(self.notebooks / "soluciones").glob("*.ipynb")]
        return sorted(edition for edition in editions if edition.stem not in stems)


# --- reading a source ---------------------------------------------------------------------------------------


def read_source(path: Path) -> Source:
    """Lee una fuente py:percent. Errores: `BuildError` con el archivo y la línea de lo que no se entiende."""
    lines = path.read_text("utf-8").splitlines()
    markers = [number for number, line in enumerate(lines, 1) if MARKER.match(line)]
    if not markers:
        raise BuildError(f"{path}:1: no hay ninguna celda: falta un marcador «# %%»")
    tags = [read_marker(path, number, lines[number - 1]) for number in markers]
    try:
        nodes = jupytext.reads("\n".join(lines) + "\n", fmt="py:percent").cells
    except Exception as error:
        raise BuildError(f"{path}:{markers[0]}: jupytext no pudo leer la fuente: {error}") from error
    if len(nodes) != len(markers):
        raise BuildError(
            f"{path}:{markers[0]}: hay {len(markers)} marcadores «# %%» y jupytext leyó {len(nodes)} celdas: "
            "busca texto antes de la primera celda o un «# %%» dentro de una cadena"
        )
    cells = []
    ends = [*markers[1:], len(lines) + 1]
    for number, end, cell_tags, node in zip(markers, ends, tags, nodes, strict=True):
        start = next((n for n in range(number + 1, end) if lines[n - 1].strip()), number)
        cells.append(Cell(clean_node(node, cell_tags), start))
    source = Source(path, cells)
    check_cells(source)
    number_cells(cells)
    return source


def read_marker(path: Path, number: int, line: str) -> list[str]:
    parts = MARKER_PARTS.fullmatch(line)
    if not parts:
        raise BuildError(
            f"{path}:{number}: marcador que no se entiende: «{line}»; se espera "
            '«# %%», «# %% [markdown]» o «# %% tags=["…"]»'
        )
    try:
        tags = ast.literal_eval(parts["tags"] or "[]")
        assert all(isinstance(tag, str) for tag in tags)
    except (AssertionError, SyntaxError, ValueError):
        raise BuildError(f"{path}:{number}: las etiquetas no son una lista de textos: «{line}»") from None
    for tag in tags:
        check_tag(f"{path}:{number}", tag, "markdown" if parts["markdown"] else "code", tags)
    return list(tags)


def check_tag(where: str, tag: str, kind: str, tags: Sequence[str]) -> None:
    if tags.count(tag) > 1:
        raise BuildError(f"{where}: la etiqueta «{tag}» está repetida en la misma celda")
    on_code = tag in CODE_TAGS or CLAIM.fullmatch(tag)
    if not on_code and tag not in MARKDOWN_TAGS:
        known = ", ".join([*sorted(CODE_TAGS | MARKDOWN_TAGS), "claim:NN.k"])
        raise BuildError(f"{where}: etiqueta desconocida «{tag}»; las que hay: {known}")
    if on_code and kind != "code":
        raise BuildError(f"{where}: la etiqueta «{tag}» solo va en una celda de código")
    if tag in MARKDOWN_TAGS and kind != "markdown":
        raise BuildError(f"{where}: la etiqueta «{tag}» solo va en una celda de texto ([markdown])")
    if tag in {"exercise", "solution"} and {"exercise", "solution"} <= set(tags):
        raise BuildError(f"{where}: una celda no puede ser «exercise» y «solution» a la vez")
    if CLAIM.fullmatch(tag) and "exercise" in tags:
        raise BuildError(
            f"{where}: «{tag}» no puede ir en «exercise»: esa celda no está en la edición resuelta"
        )


def clean_node(node: NotebookNode, tags: list[str]) -> NotebookNode:
    make = v4.new_code_cell if node.cell_type == "code" else v4.new_markdown_cell
    clean: NotebookNode = make(node.source.strip("\n"))  # type: ignore[no-untyped-call]
    if tags:
        clean.metadata["tags"] = tags
    return clean


def check_cells(source: Source) -> None:
    """Cada celda se lee como Python y cada ejercicio tiene su solución justo después."""
    for cell, following in zip(source.cells, [*source.cells[1:], None], strict=True):
        where = f"{source.path}:{cell.line}"
        if not cell.node.source.strip():
            raise BuildError(f"{where}: celda vacía")
        if "exercise" in cell.tags and (following is None or "solution" not in following.tags):
            raise BuildError(f"{where}: al ejercicio le falta su celda «solution» justo después")
        if cell.is_code and "raises-exception" not in cell.tags:
            check_python(source.path, cell)
    for previous, cell in zip([None, *source.cells[:-1]], source.cells, strict=True):
        if "solution" in cell.tags and (previous is None or "exercise" not in previous.tags):
            raise BuildError(f"{source.path}:{cell.line}: solución sin una celda «exercise» justo antes")


def check_python(path: Path, cell: Cell) -> None:
    if cell.node.source.startswith("%%"):
        return  # what a cell magic holds is for the magic to read
    try:
        code = TransformerManager().transform_cell(cell.node.source)  # type: ignore[no-untyped-call]
        compile(code, str(path), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST)
    except SyntaxError as error:
        raise BuildError(f"{path}:{cell.line + (error.lineno or 1) - 1}: SyntaxError: {error.msg}") from None


def number_cells(cells: Iterable[Cell]) -> None:
    """Identificadores que salen del contenido: estables entre construcciones e iguales en ambas ediciones."""
    seen: Counter[str] = Counter()
    for cell in cells:
        digest = hashlib.sha256(f"{cell.node.cell_type}\n{cell.node.source}".encode()).hexdigest()[:12]
        seen[digest] += 1
        cell.node.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def one_folder_deeper(markdown: str) -> str:
    """Los enlaces se escriben desde `notebooks/`; la edición resuelta está una carpeta más adentro."""
    return re.sub(r"""(\]\(|(?:src|href)=["'])(\.\./)""", r"\1../\2", markdown)


# --- executing ----------------------------------------------------------------------------------------------


class ThisEnvironment(KernelSpecManager):
    """El kernel es el intérprete que construye, diga lo que diga la carpeta de kernels de la persona."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(
            resource_dir=ipykernel.kernelspec.RESOURCES, **ipykernel.kernelspec.get_kernel_dict()
        )


def execute(source: Path, cells: Sequence[Cell], folder: Path, cell_seconds: int = CELL_SECONDS) -> None:
    """Ejecuta las celdas, en orden, en un kernel nuevo desde `folder` y con el progreso en blanco.

    Deja las salidas en las celdas. Errores: `BuildError` con la línea de la fuente que falló.
    """
    with tempfile.TemporaryDirectory(prefix="comanda-") as home:
        # A personal IPython profile or an earlier progress would change the outputs.
        environment = {**os.environ, "COMANDA_HOME": f"{home}/estado", "IPYTHONDIR": f"{home}/ipython"}
        log = Path(home) / "kernel.log"
        with log.open("w") as stderr:
            run = execute_cells(
                source, cells, cell_seconds, {"env": environment, "cwd": str(folder), "stderr": stderr}
            )
            try:
                asyncio.run(run)
            except DeadKernelError as error:
                raise BuildError(f"{error}\n{log.read_text('utf-8', 'replace')[-2000:]}") from None


async def execute_cells(
    source: Path, cells: Sequence[Cell], cell_seconds: int, kernel: dict[str, Any]
) -> None:
    client = NotebookClient(
        v4.new_notebook(cells=[cell.node for cell in cells], metadata=METADATA),  # type: ignore[no-untyped-call]
        km=AsyncKernelManager(kernel_spec_manager=ThisEnvironment()),
        timeout=cell_seconds,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        raise_on_iopub_timeout=True,
    )
    client.log.disabled = True  # its news are told below, with the source's line
    async with client.async_setup_kernel(cleanup_kc=True, **kernel):
        for index, cell in enumerate(cells):
            where = f"{source}:{cell.line}"
            try:
                await client.async_execute_cell(cell.node, index)
            except CellTimeoutError:
                raise BuildError(
                    f"{where}: la celda no terminó en {cell_seconds} s\n{quoted(cell)}"
                ) from None
            except DeadKernelError:
                raise DeadKernelError(f"{where}: el kernel murió en esta celda\n{quoted(cell)}") from None
            except CellExecutionError as error:
                line = cell.line + failing_line(error.traceback, client.code_cells_executed) - 1
                reason = f"{error.ename}: {ANSI.sub('', error.evalue)}"
                raise BuildError(f"{source}:{line}: {reason}\n{quoted(cell)}") from None


def failing_line(traceback: str, count: int) -> int:
    """La línea de la celda `count` donde se detuvo, según la pila; 1 si la pila no la nombra."""
    found = re.findall(rf"Cell In\[{count}\], line (\d+)", ANSI.sub("", traceback))
    return int(found[-1]) if found else 1


def quoted(cell: Cell) -> str:
    return "\n".join(f"    {line}" for line in cell.node.source.splitlines())


def clean_outputs(source: Path, cell: Cell) -> None:
    """Quita de las salidas lo que cambia de una ejecución a otra y lo que nombra a esta máquina."""
    if "nbval-ignore-output" in cell.tags:
        cell.node.outputs = []  # nobody compares it, so it would only be noise in each build
    for output in cell.node.outputs:
        if output.output_type == "stream" and output.name == "stderr":
            raise BuildError(f"{source}:{cell.line}: la celda escribió en stderr:\n{output.text}")
        if output.output_type == "error":
            # Frames outside the notebook hold this machine's paths and the libraries' line numbers.
            output.traceback = [
                part for part in output.traceback if not ANSI.sub("", part).startswith("File ")
            ]
        data: dict[str, Any] = output.get("data", {})
        data.pop(WIDGET_VIEW, None)  # random model ids; the text twin stays


# --- both editions ------------------------------------------------------------------------------------------


def as_bytes(cells: Iterable[Cell]) -> bytes:
    notebook = v4.new_notebook(cells=[cell.node for cell in cells], metadata=METADATA)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    text: str = nbformat.writes(notebook, version=4, indent=1, ensure_ascii=False, sort_keys=True)  # type: ignore[no-untyped-call]
    return (text.rstrip("\n") + "\n").encode("utf-8")


def build(house: House, path: Path) -> None:
    """Escribe las dos ediciones de una fuente, o ninguna si algo falla (`BuildError`)."""
    source = read_source(path)
    solved = source.solved()
    folder = house.solved(path).parent
    folder.mkdir(parents=True, exist_ok=True)
    execute(path, solved, folder)
    for cell in solved:
        if cell.is_code:
            clean_outputs(path, cell)
    editions = {house.participant(path): as_bytes(source.participant()), house.solved(path): as_bytes(solved)}
    for edition, content in editions.items():
        edition.write_bytes(content)


def shape(cells: Iterable[NotebookNode]) -> list[tuple[str, str, list[str], str]]:
    """Lo que una edición resuelta toma de su fuente: todo menos las salidas."""
    return [(cell.id, cell.cell_type, list(cell.metadata.get("tags", [])), cell.source) for cell in cells]


def out_of_step(house: House, path: Path) -> list[str]:
    """Qué ediciones de una fuente no son las que ella da hoy (sin ejecutar nada)."""
    source = read_source(path)
    late = []
    participant = house.participant(path)
    if not participant.exists() or participant.read_bytes() != as_bytes(source.participant()):
        late.append(f"{participant}: no es lo que da {path}: ejecuta «make notebooks»")
    solved = house.solved(path)
    if not solved.exists() or shape(nbformat.read(solved, as_version=4).cells) != shape(  # type: ignore[no-untyped-call]
        cell.node for cell in source.solved()
    ):
        late.append(f"{solved}: sus celdas no son las de {path}: ejecuta «make notebooks»")
    return late


# --- the README's table -------------------------------------------------------------------------------------

TABLE_START = "<!-- capítulos: los escribe notebooks/build.py -->"
TABLE_END = "<!-- fin de los capítulos -->"


def chapters(house: House) -> list[dict[str, Any]]:
    text = (house.root / "data" / "curriculum.toml").read_text("utf-8")
    return list(tomllib.loads(text)["chapter"])


def readme_table(house: House) -> str:
    """La tabla de capítulos en Markdown: título, minutos, qué está en vivo y si ya se puede abrir."""
    ready = {source.stem for source in house.sources()}
    rows = ["| | capítulo | minutos | en vivo | estado |", "|---|---|---|---|---|"]
    for chapter in chapters(house):
        stem = f"{chapter['number']:02d}_{chapter['slug']}"
        title = f"[{chapter['title']}](notebooks/{stem}.ipynb)" if stem in ready else chapter["title"]
        state = "listo" if stem in ready else "por venir"
        subject = f"{chapter['guide_title']} · {title}" if chapter["number"] else title
        rows.append(
            f"| {chapter['number']:02d} | {subject} | {chapter['minutes']} | {chapter['live']} | {state} |"
        )
    return "\n".join(rows)


def readme_in_step(house: House) -> str:
    """El README con la tabla al día. Errores: `BuildError` si faltan los marcadores."""
    text = house.readme.read_text("utf-8")
    before, start, rest = text.partition(TABLE_START)
    _, end, after = rest.partition(TABLE_END)
    if not start or not end:
        raise BuildError(f"{house.readme}:1: faltan los marcadores «{TABLE_START}» y «{TABLE_END}»")
    return f"{before}{TABLE_START}\n\n{readme_table(house)}\n\n{TABLE_END}{after}"


def update_readme(house: House, check: bool) -> list[str]:
    wanted = readme_in_step(house)
    if house.readme.read_text("utf-8") == wanted:
        return []
    if check:
        return [f"{house.readme}: su tabla de capítulos está atrasada: ejecuta «make notebooks»"]
    house.readme.write_text(wanted, "utf-8")
    return []


# --- the command --------------------------------------------------------------------------------------------


def choose(house: House, numbers: Sequence[str]) -> list[Path]:
    sources = house.sources()
    if not sources:
        raise BuildError(f"{house.notebooks / 'src'}: no hay ninguna fuente")
    for source in sources:
        if not re.match(r"\d\d_[a-z0-9_]+$", source.stem):
            raise BuildError(f"{source}:1: el nombre de una fuente es NN_slug.py")
    known = {source.stem[:2]: source for source in sources}
    unknown = [number for number in numbers if number.zfill(2) not in known]
    if unknown:
        raise BuildError(f"no hay fuente para {', '.join(unknown)}; las que hay: {', '.join(known)}")
    return [known[number.zfill(2)] for number in numbers] or sources


def build_all(house: House, sources: Sequence[Path]) -> list[str]:
    failures = []
    for source in sources:
        print(f"{source.stem} … ", end="", flush=True)
        start = time.perf_counter()
        try:
            build(house, source)
            print(f"{time.perf_counter() - start:.1f} s", flush=True)
        except BuildError as error:
            print("FALLÓ", flush=True)
            failures.append(str(error))
    return failures


def check_all(house: House, sources: Sequence[Path]) -> list[str]:
    failures = [f"{edition}: no tiene fuente en notebooks/src: bórrala" for edition in house.orphans()]
    for source in sources:
        try:
            failures += out_of_step(house, source)
        except BuildError as error:
            failures.append(str(error))
    return failures


def main(arguments: Sequence[str] | None = None, house: House | None = None) -> int:
    """La orden de terminal. Devuelve 0 si todo salió bien y 1 si algo falló o está atrasado."""
    house = house or House()
    parser = argparse.ArgumentParser(prog="build.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("numbers", nargs="*", metavar="NN", help="números de capítulo; sin ninguno, todos")
    parser.add_argument("--check", action="store_true", help="solo compara; no ejecuta ni escribe")
    parser.add_argument("--readme", action="store_true", help="solo la tabla de capítulos del README")
    chosen = parser.parse_args(arguments)
    try:
        failures = []
        if not chosen.readme:
            sources = choose(house, chosen.numbers)
            failures = check_all(house, sources) if chosen.check else build_all(house, sources)
        failures += update_readme(house, chosen.check)
    except BuildError as error:
        failures = [str(error)]
    for failure in failures:
        print(failure.replace(f"{house.root}{os.sep}", ""), file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
