"""Write environment.yml and binder/environment.yml with the pins of requirements.txt: `make lock` runs it."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILES = {"environment.yml": ".", "binder/environment.yml": ".."}  # file -> the project's root, seen from it

# What the workshop promises to install, in the order of its page; the rest of what it runs on comes after.
SHOWN = [
    "jupyterlab",
    "fastapi",
    "uvicorn",
    "requests",
    "sqlmodel",
    "pyjwt",
    "redis",
    "rq",
    "ipywidgets",
    "nbval",
]


def name_of(requirement: str) -> str:
    """`uvicorn[standard]>=0.54` -> `uvicorn`."""
    return re.split(r"[\s\[<>=!~;]", requirement, maxsplit=1)[0].lower()


def pins() -> dict[str, str]:
    """Package -> version, as requirements.txt fixes it."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    found = (re.match(r"([A-Za-z0-9._-]+)==([^\s;]+)", line) for line in lines)
    return {m[1].lower(): m[2] for m in found if m}


def requirements() -> dict[str, str]:
    """Package -> its exact requirement, for all that a learner's notebooks import, and nbval."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(d for d in project["optional-dependencies"]["dev"] if name_of(d) == "nbval"),
    ]
    pinned = pins()
    return {
        name_of(w): f"{re.split(r'[<>=!~;]', w, maxsplit=1)[0].strip()}=={pinned[name_of(w)]}" for w in wanted
    }


def render(root: str) -> str:
    """The file's text; `root` is the project's root seen from the file's folder."""
    exact = requirements()
    own = ["      - --editable ."] if root == "." else []  # in Binder, postBuild installs it
    return "\n".join(
        [
            "# Lo escribe `make lock` con las versiones de requirements.txt: no se edita a mano.",
            "name: la-comanda",
            "channels:",
            "  - conda-forge",
            "dependencies:",
            "  - python=3.12",
            "  - pip",
            "  - pip:",
            f"      - --constraint {'' if root == '.' else root + '/'}requirements.txt",
            *(f"      - {exact.pop(name)}" for name in SHOWN),
            "      # lo demás que usan los cuadernos",
            *(f"      - {exact[name]}" for name in sorted(exact)),
            *own,
            "",
        ]
    )


if __name__ == "__main__":
    for file, root in FILES.items():
        (ROOT / file).write_text(render(root))
