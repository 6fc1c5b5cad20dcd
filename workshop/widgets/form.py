"""El formulario de una petición: los controles de la consola y lo que hay en ellos."""

from collections.abc import Mapping
from html import escape

import ipywidgets as widgets

from workshop.widgets.errors import WidgetError
from workshop.widgets.request import BODILESS, METHODS, Draft, is_json_type, parse_headers, review_body

_WIDE = {"description_width": "initial"}


class Form(widgets.VBox):  # type: ignore[misc]  # ipywidgets ships no types
    """Método, ruta, encabezados, cuerpo y opciones; `draft` es lo que hay escrito."""

    def __init__(self) -> None:
        self.method = widgets.Dropdown(options=METHODS, description="Método", style=_WIDE)
        self.path = widgets.Combobox(value="/", description="Ruta", style=_WIDE, placeholder="/dishes")
        self.send = widgets.Button(description="Enviar", icon="paper-plane", button_style="primary")
        self.stop = widgets.Button(description="Detener", icon="stop", disabled=True)
        self.headers = widgets.Textarea(description="Encabezados", placeholder="Nombre: valor", rows=5)
        self.body = widgets.Textarea(description="Cuerpo (JSON)", placeholder='{"name": "Tacos"}', rows=5)
        self.path.add_class("comanda-path")
        self.follow = _check("Seguir redirecciones")
        self.as_is = _check("Enviar tal cual")
        self.xray = _check("Rayos X")
        self.hint = widgets.HTML()
        self.validity = widgets.HTML()
        line = widgets.HBox([self.method, self.path, self.send, self.stop]).add_class("comanda-line")
        fields = widgets.HBox([self.headers, self.body]).add_class("comanda-fields")
        options = widgets.HBox([self.follow, self.as_is, self.xray, self.validity]).add_class(
            "comanda-options"
        )
        super().__init__([line, self.hint, fields, options])
        self.body.observe(self._grow, "value")
        for control in (self.method, self.headers, self.body, self.as_is):
            control.observe(self._revalidate, "value")

    @property
    def draft(self) -> Draft:
        """Lo que hay en el formulario."""
        return Draft(
            self.method.value,
            self.path.value,
            self.headers.value,
            self.body.value,
            self.as_is.value,
            self.follow.value,
        )

    def fill(self, draft: Draft) -> None:
        """Pone una petición en el formulario."""
        self.method.value, self.path.value = draft.method, draft.path
        self.headers.value, self.body.value = draft.headers, draft.body
        self.as_is.value, self.follow.value = draft.as_is, draft.follow

    def verdict(self) -> tuple[str, str]:
        """Un signo y una frase sobre el cuerpo y los encabezados: ✓ bien, ✗ mal, · nada que revisar."""
        try:
            headers: Mapping[str, str] = parse_headers(self.headers.value)
        except WidgetError as error:
            return "✗", str(error)
        if not self.body.value.strip():
            return "·", ""
        if self.method.value in BODILESS and not self.as_is.value:
            return "·", f"{self.method.value} no lleva cuerpo: este no se enviará."
        if not is_json_type(headers):
            return "·", "El Content-Type no es JSON: no reviso el cuerpo."
        problem = review_body(self.draft, headers)
        if problem and self.as_is.value:
            return "·", f"{problem} Se enviará tal cual."
        return ("✗", problem) if problem else ("✓", "JSON válido.")

    def _grow(self, _: object = None) -> None:
        self.body.rows = min(14, max(5, self.body.value.count("\n") + 2))

    def _revalidate(self, _: object = None) -> None:
        sign, words = self.verdict()
        self.validity.value = (
            f'<span class="comanda-verdict" role="status">{sign} {escape(words)}</span>' if words else ""
        )


def _check(label: str) -> widgets.Checkbox:
    return widgets.Checkbox(value=False, description=label, indent=False, style=_WIDE)
