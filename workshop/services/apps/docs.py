"""`/docs` y `/redoc` sin red: las páginas que FastAPI trae de una CDN, servidas desde esta máquina."""

from functools import cached_property
from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

_ASSETS = "/static-offline-docs"


class OfflineDocs:
    """Aparta las peticiones de documentación de una app de FastAPI; a las demás apps no les hace nada."""

    def __init__(self, app: Any) -> None:
        self._app = app if isinstance(app, FastAPI) and app.openapi_url else None
        # Looked at before every request: nothing to work out then.
        self._paths = (
            {app.docs_url, app.redoc_url, app.swagger_ui_oauth2_redirect_url} if self._app else set()
        )

    def app_for(self, scope: Any) -> Any | None:
        """La app que debe contestar esta petición, o None si le toca a la del servicio."""
        if self._app is None or scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return None
        path = scope["path"].removeprefix(scope["root_path"])
        return self._pages if path in self._paths or path.startswith(_ASSETS) else None

    @cached_property
    def _pages(self) -> FastAPI:
        assert self._app is not None
        # openapi_url is only the address that the page asks for: the contract comes from the real app.
        return FastAPIOffline(
            docs_url=self._app.docs_url,
            redoc_url=self._app.redoc_url,
            title=self._app.title,
            openapi_url=self._app.openapi_url,
            swagger_ui_oauth2_redirect_url=self._app.swagger_ui_oauth2_redirect_url,
            static_url=_ASSETS,
            telemetry={"tracing": False, "metrics": False, "logs": False},
        )
