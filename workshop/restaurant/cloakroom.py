"""El guardarropa del capítulo 11: una página que enseña sus cookies y las rutas que revisan sus sesiones."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from workshop.restaurant.inspection import key_routes

if TYPE_CHECKING:
    from workshop.services.redis.handle import RedisHandle

NEIGHBOUR = "riel:mesa-7"


def wallet_page(names: Iterable[str]) -> APIRouter:
    """Rutas `/wallet` para `app.include_router(...)`: una página que pide, muestra y tira cookies.

    `names` son los de las cookies que la página conoce; no mira ninguna otra, porque en 127.0.0.1 también
    viven las de JupyterLab. La app pone `POST /wallet/{name}`, que da una, y `DELETE /wallet/{name}`.
    """
    known = list(names)
    routes = APIRouter(tags=["bolsillo"])

    @routes.get("/wallet", response_class=HTMLResponse)
    def wallet() -> str:
        return _PAGE.replace("NAMES", json.dumps(known))

    @routes.get("/wallet/received")
    def received(request: Request) -> list[str]:
        """Las cookies conocidas que trae esta petición."""
        return [name for name in known if name in request.cookies]

    return routes


def session_inspection(redis: "RedisHandle") -> APIRouter:
    """Rutas `/inspection/sessions` para `app.include_router(...)`.

    `GET` dice qué llaves hay en `redis` y cuántos segundos les quedan; `DELETE` borra todas y deja una ajena.
    `redis` tiene que ser solo del ejercicio.
    """
    routes = APIRouter(prefix="/inspection", tags=["revisión"])
    routes.include_router(key_routes(redis, "/sessions", NEIGHBOUR))
    return routes


_PAGE = """<!doctype html>
<html lang="es">
<meta charset="utf-8">
<title>El bolsillo del navegador</title>
<style>
  :root { color-scheme: light dark; }
  body { font: 15px/1.5 system-ui, sans-serif; margin: 16px; background: Canvas; color: CanvasText; }
  table { border-collapse: collapse; width: 100%; }
  caption { text-align: left; margin-bottom: 8px; }
  th, td { text-align: left; padding: 6px 10px; border-bottom: 1px solid GrayText; font-weight: normal; }
  thead th { font-weight: 600; }
  button { font: inherit; padding: 2px 12px; }
</style>
<main>
<table>
  <caption>Lo que este navegador guarda de La Comanda</caption>
  <thead><tr><th scope="col">cookie</th><th scope="col">la ve el script de la página</th>
  <th scope="col">le llegó al servicio</th><th scope="col">pedir o tirar</th></tr></thead>
  <tbody></tbody>
</table>
<p role="status"></p>
</main>
<script>
const names = NAMES, body = document.querySelector("tbody"), said = document.querySelector("[role=status]");
const mine = () => document.cookie.split("; ").map(pair => pair.split("=")[0]);
const word = yes => yes ? "sí" : "no";
const base = location.pathname;

async function look() {
  const answer = await fetch(`${base}/received`);
  if (!answer.ok) throw new Error(answer.status);
  const received = await answer.json();
  for (const name of names) {
    const row = document.getElementById(name);
    row.cells[1].textContent = word(mine().includes(name));
    row.cells[2].textContent = word(received.includes(name));
  }
  return received;
}

const gone = "El servicio de esta página ya no está: ejecuta otra vez su sección.";
const lost = () => { said.textContent = gone; };

async function ask(method, name) {
  await fetch(`${base}/${name}`, {method});
  const received = await look();
  setTimeout(() => look().catch(lost), 2500);  // by then, what was given for two seconds is gone
  said.textContent = method === "DELETE" ? `«${name}»: la tiró.`
    : received.includes(name) ? `«${name}»: el servicio la dio y el navegador la devuelve.`
    : `«${name}»: el navegador no la devolvió. Si JupyterLab está abierto en localhost, ábrelo en 127.0.0.1.`;
}

for (const name of names) {
  const row = body.insertRow();
  row.id = name;
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = name;
  row.append(head);
  row.insertCell(); row.insertCell();
  const last = row.insertCell();
  for (const [label, method] of [["Pedir", "POST"], ["Tirar", "DELETE"]]) {
    const button = document.createElement("button");
    button.textContent = label;
    button.setAttribute("aria-label", `${label} ${name}`);
    button.onclick = () => ask(method, name).catch(lost);
    last.append(button, " ");
  }
}
look().catch(lost);
</script>
</html>
"""
