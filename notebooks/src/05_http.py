# %% [markdown]
# # 5 · Escuchar el cable
#
# En este capítulo hablarás HTTP con tus propias manos, oirás lo que pasa por el cable entre cliente y servidor, y verás volver de servidores de verdad cada código de estado.
#
# **Aprenderás a**
#
# - escribir una petición y leer una respuesta byte por byte, sin librerías que las escondan;
# - demostrar qué protege HTTPS, qué no, y a quién le niega la entrada;
# - leer en la primera cifra de un código qué pasó y a quién le toca hacer algo;
# - distinguir, por sus bytes, a un servidor que falla de un intermediario que no consigue respuesta.
#
# **Necesitas** el capítulo 00 y saber leer una función de Python. **Minutos:** 45.
#
# ## La historia
#
# La Comanda empezó a tomar reservaciones por internet y un sábado alguien canceló seis mesas con la contraseña de la mesera. Nadie la había adivinado: viajaba escrita, letra por letra, por la red del local, y bastó con escuchar. El domingo la gerencia pidió dos cosas: que nadie de fuera pueda leer el cable y que alguien de dentro sepa leerlo.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (2 min). Pregunta quién ha escrito una contraseña en la red de un café, y qué cree que viajó por el aire. Anota las respuestas: vuelves a esa lista al terminar la sección 2. Si nadie menciona el nombre del sitio, no digas nada; si alguien lo dice, no le des la razón todavía.

# %% [markdown]
# ## 1. HTTP, escrito a mano
#
# Una comanda de papel tiene forma fija: en el primer renglón, qué se pide; debajo, los detalles; luego un renglón en blanco, y si hace falta, una nota. **HTTP** (*Hypertext Transfer Protocol*) es eso mismo entre programas: el **protocolo de aplicación** (*application protocol*) con el que un cliente le habla a un servidor web. Debajo, un **socket** lleva bytes de un lado a otro sin entenderlos; HTTP es el acuerdo sobre qué bytes escribir.
#
# Esta celda pone en marcha un servicio dentro de tu kernel. Cada sección empieza con una celda así: si reinicias el kernel, retoma desde ella.

# %%
import socket

from fastapi import FastAPI
from workshop import bars, predict, serve

app = FastAPI(title="El menú de La Comanda")


@app.get("/menu")
def read_menu() -> list[str]:
    return ["mole", "pozole", "flan"]


api = serve(app)

# %% [markdown]
# Vas a abrir un socket y a escribir la petición tú: un renglón con `GET /menu`, dos encabezados y nada más. `\r\n` es el fin de línea de HTTP: un retorno de carro y un salto, dos bytes heredados de los teletipos. Falta, a propósito, el renglón en blanco del final.
#
# **Predice.** ¿Qué contesta el servidor?

# %%
guess = predict("¿Qué contesta a la petición sin renglón en blanco?", ["200", "400", "nada: sigue esperando"])
guess

# %% [markdown]
# **Ejecuta.** Medio segundo es una eternidad para un servicio que vive en esta misma máquina.

# %%
order = b"GET /menu HTTP/1.1\r\nHost: la-comanda\r\nConnection: close\r\n"
with socket.create_connection(("127.0.0.1", api.port), timeout=0.5) as wire:
    wire.sendall(order)
    try:
        heard = wire.recv(4096).decode()
    except TimeoutError:
        heard = ""

# %% [markdown]
# **Compara.**

# %%
guess.compare(heard.split(" ")[1] if heard else "nada: sigue esperando")

# %% [markdown]
# No falló nada. El servidor no sabe si todavía vas a mandar otro encabezado; solo el renglón en blanco le dice que terminaste. Escribe lo mismo y después ese renglón, y lee la respuesta de byte en byte, hasta que el servidor cuelgue.

# %%
answer = b""
with socket.create_connection(("127.0.0.1", api.port)) as wire:
    wire.sendall(order)
    wire.sendall(b"\r\n")
    while byte := wire.recv(1):
        answer += byte

head, body = answer.split(b"\r\n\r\n")
start, *headers = head.decode().split("\r\n")

# %% [markdown]
# Ya no es un puñado de bytes: es una **línea de estado** (*status line*), unos **encabezados** (*headers*), el renglón en blanco y un **cuerpo** (*body*). La misma forma que la petición.

# %% tags=["claim:05.1"]
print("línea de estado:", start)
for header in headers:
    name, value = header.split(": ")
    print("encabezado:     ", name, "=", "(cambia cada vez)" if name == "date" else value)
print("cuerpo:         ", body.decode())

# %% [markdown]
# La línea de estado tiene tres partes, y la de en medio es la que leen las máquinas: un número de tres cifras que dice cómo le fue a la petición. La frase que sigue es para las personas; HTTP/2 ya ni la envía.

# %% tags=["claim:05.3"]
version, code, phrase = start.split(" ", 2)
print(f"versión {version} · código {code}, de {len(code)} cifras · frase {phrase}")

# %% [markdown]
# Escribiste `Connection: close` para que el servidor colgara al terminar. Sin esa línea, HTTP/1.1 deja la conexión abierta y la siguiente petición la aprovecha: se llama **conexión persistente** (*keep-alive*). ¿Vale la pena? Mídelo con el cliente más desnudo de Python: una conexión por petición, contra la misma para todas.

# %% tags=["long"]
import http.client
import time


def milliseconds(times: int, keep: bool) -> float:
    """Lo que tarda cada petición, en milisegundos."""
    began = time.perf_counter()
    client = http.client.HTTPConnection("127.0.0.1", api.port)
    for _ in range(times):
        client.request("GET", "/menu")
        client.getresponse().read()
        if not keep:
            client.close()
    client.close()
    return (time.perf_counter() - began) * 1000 / times


rounds = [(milliseconds(20, keep=False), milliseconds(20, keep=True)) for _ in range(20)]
fresh, kept = zip(*rounds, strict=True)
bars(
    {"una conexión por petición": fresh, "la misma conexión": kept},
    title="lo que tarda una petición",
    claim=f"conservar la conexión fue más rápido: {min(kept) < min(fresh)}",
)

# %% [markdown]
# **Qué acaba de pasar.** Con un socket y cuatro renglones fuiste un cliente web completo: `requests`, `curl` y tu navegador escriben lo mismo. Y abrir una conexión cuesta aunque el servidor esté a un milímetro; a un océano de distancia cuesta un viaje de ida y vuelta entero, cientos de veces más de lo que acabas de medir.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (7 min). Deja que el grupo escriba mal la petición a propósito. Con `GETT` o con un solo `\n` contesta 400; sin `Host`, `uvicorn` la perdona, aunque la norma pide un 400; ninguna rompe al servidor. Pregunta: si nadie mandara el renglón en blanco, ¿cuántos clientes así aguantaría? Si dicen que todos, pregunta dónde se guarda cada conexión a medias; si dicen que pocos, qué plazo pondrían.

# %% [markdown]
# ## 2. Un oído en el cable
#
# Entre la mesera y el servidor hay un enchufe, un router y, quizá, alguien con curiosidad. `tap` ocupa ese lugar: recibe en su propio puerto, pasa cada byte al servicio sin tocarlo y anota todo. No rompe nada ni adivina nada; solo está en medio, como cualquier equipo de la red.

# %%
import requests
import trustme
from fastapi import FastAPI
from workshop import bars, predict, serve, tap, tls_front

app = FastAPI(title="Reservaciones")


@app.post("/login")
def login(form: dict) -> dict:
    return {"token": "T-77", "user": form["user"]}


api = serve(app)
ear = tap(api)

# %% [markdown]
# La mesera entra al sistema. Lo hace por `ear.url`, que para ella es el servicio de siempre.

# %%
credentials = {"user": "mesera", "password": "tlayuda-42"}
requests.post(f"{ear.url}/login", json=credentials)
ear

# %% [markdown]
# Ahí está todo, con su nombre: la línea de petición, cada encabezado y, en el cuerpo, la contraseña. No hubo que descifrar nada, porque HTTP no cifra nada.
#
# **HTTPS** es el mismo HTTP dentro de un túnel cifrado, **TLS** (*Transport Layer Security*). Para abrir el túnel, el servidor presenta un **certificado** (*certificate*): una credencial que dice cómo se llama y que firma una **autoridad** (*certificate authority*) en la que el cliente confía. Aquí la autoridad eres tú.

# %%
authority = trustme.CA(organization_name="La Comanda")
trusted = str(api.folder / "autoridad.pem")
authority.cert_pem.write_to_path(trusted)

door = tls_front(api, authority.issue_cert("localhost"))
street = tap(door, name="calle")
secure_url = street.url.replace("127.0.0.1", "localhost")

# %% [markdown]
# `tls_front` es la puerta: por fuera habla TLS y por dentro le pasa HTTP en claro al mismo servicio. `street` es otro oído, del lado de la calle.
#
# **Predice.** La mesera vuelve a entrar, ahora por HTTPS. De esto, ¿qué entiende el oído?

# %%
guess = predict(
    "¿Qué entiende el oído por HTTPS?",
    ["la contraseña", "la ruta, pero no la contraseña", "solo con qué servidor se habla", "nada"],
)
guess

# %% [markdown]
# **Ejecuta.** `verify` le dice a `requests` en qué autoridad confiar. El oído busca cada palabra, tal cual, entre los bytes que pasaron.

# %% tags=["claim:05.2"]
answer = requests.post(f"{secure_url}/login", json=credentials, verify=trusted)
print("La mesera entró:", answer.status_code)
for words in ("tlayuda-42", "/login", "localhost"):
    print(f"pasó «{words}» en claro: {street.heard(words)}")

# %% [markdown]
# **Compara.**

# %%
if street.heard("tlayuda-42"):
    guess.compare("la contraseña")
elif street.heard("/login"):
    guess.compare("la ruta, pero no la contraseña")
else:
    guess.compare("solo con qué servidor se habla" if street.heard("localhost") else "nada")

# %% [markdown]
# Abre el oído y mira el ruido. Se ven los tamaños y, en el saludo, el nombre del servidor; nada más.

# %%
street

# %% [markdown]
# **Qué acaba de pasar.** TLS protege lo que viaja, no lo que llega: la puerta descifra, y detrás de ella el servicio lee la contraseña como siempre. Tampoco esconde con quién hablas, ni cuánto. Y queda una pregunta: el túnel es secreto, pero ¿con quién lo abriste? Un impostor también sabe cifrar. Lo único que no puede es presentar un certificado firmado por tu autoridad y con el nombre que buscas.

# %%
impostors = {
    "firmado por otra autoridad": trustme.CA().issue_cert("localhost"),
    "a nombre de otro sitio": authority.issue_cert("fonda.example"),
    "el bueno": authority.issue_cert("localhost"),
}
for who, certificate in impostors.items():
    door.renew(certificate)
    try:
        requests.get(f"{door.url.replace('127.0.0.1', 'localhost')}/docs", verify=trusted)
        print(f"{who}: entró")
    except requests.exceptions.SSLError as refusal:
        print(f"{who}: {refusal.args[0].reason.args[0].verify_message}")

# %% [markdown]
# Los motivos los escribe OpenSSL, en inglés: al primero lo firma una autoridad que no conoce; el segundo trae otro nombre. Quien se negó fue el cliente, antes de enviar una sola letra de HTTP. Por eso `verify=False` no es un ajuste: es abrirle la puerta a cualquiera que sepa cifrar.
#
# ¿Y el precio? El saludo de TLS hace cuentas y viajes de más, pero se paga una vez por conexión. La conexión persistente de la sección 1 vuelve, y ahora importa mucho más.

# %% tags=["long"]
import time


def milliseconds(url: str, keep: bool, times: int = 8) -> float:
    """Lo que tarda cada petición, en milisegundos."""
    began = time.perf_counter()
    session = requests.Session()
    for _ in range(times):
        session.get(f"{url}/openapi.json", verify=trusted)
        if not keep:
            session.close()
    session.close()
    return (time.perf_counter() - began) * 1000 / times


inside = door.url.replace("127.0.0.1", "localhost")
taken = {
    "HTTPS, saludando cada vez": [milliseconds(inside, keep=False) for _ in range(9)],
    "HTTPS, un solo saludo": [milliseconds(inside, keep=True) for _ in range(9)],
    "HTTP, una sola conexión": [milliseconds(api.url, keep=True) for _ in range(9)],
}
always, once, _ = map(min, taken.values())
claim = f"saludar cada vez fue más lento que saludar una: {always > once}"
bars(taken, title="lo que tarda una petición", claim=claim)

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (8 min). Es la sección con más dudas. Pregunta qué garantiza el candado del navegador. Si contestan «que el sitio es bueno», vuelve a los impostores: solo garantiza que el nombre coincide. Si contestan bien, tachen juntos, en la lista del principio, lo que TLS esconde. Sin tiempo, salta la última medida.

# %% [markdown]
# ## 3. 1XX y 2XX: todavía no, y ya está
#
# El código va por familias: la primera cifra dice de qué tipo es la noticia. **1XX** informa: «te oí, sigo». **2XX** es éxito. Las primeras son raras de ver porque los clientes se las guardan; aquí las vas a oír pasar.
#
# La mesera sube fotos de los platos, que pesan. Esta ruta decide por los encabezados antes de leer la foto.

# %%
import socket

import requests
from fastapi import FastAPI, HTTPException, Request, Response
from workshop import predict, raw_server, serve, tap

app = FastAPI(title="Fotos de los platos")


@app.post("/photos", status_code=201)
async def save_photo(request: Request, response: Response) -> dict:
    if "authorization" not in request.headers:
        raise HTTPException(401, "Primero di quién eres.", {"WWW-Authenticate": "Bearer"})
    photo = await request.body()
    response.headers["Location"] = "/photos/1"
    return {"bytes": len(photo)}


# %% [markdown]
# Y estas otras dos, para leer y para borrar:


# %%
@app.get("/photos/{photo_id}")
def read_photo(photo_id: int) -> dict:
    return {"id": photo_id, "dish": "mole"}


@app.delete("/photos/{photo_id}", status_code=204)
def delete_photo(photo_id: int) -> None:
    """No hay nada que devolver."""


api = serve(app)
ear = tap(api)

# %% [markdown]
# Un cliente educado pregunta antes de mandar algo pesado: envía los encabezados con `Expect: 100-continue` y espera. Si llega un **100** (*Continue*), manda el cuerpo; si llega otra cosa, se ahorra el viaje. `requests` no sabe hacerlo, así que lo escribes tú.

# %% tags=["long"]
photo = b"\xff\xd8" + b"mole" * 50_000


def offer(photo: bytes, *more: str) -> None:
    """Ofrece la foto y solo la manda si le dicen que siga."""
    lines = ["POST /photos HTTP/1.1", "Host: la-comanda", f"Content-Length: {len(photo)}"]
    lines += ["Expect: 100-continue", "Connection: close", *more, "", ""]
    with socket.create_connection(("127.0.0.1", ear.tap.port)) as wire:
        wire.sendall("\r\n".join(lines).encode())
        if wire.recv(4096).startswith(b"HTTP/1.1 100 "):
            wire.sendall(photo)
        while wire.recv(4096):
            pass


# %% [markdown]
# **Predice.** Ofreces la foto, de unos 200 000 bytes, sin decir quién eres. ¿Cuántos bytes de la foto pasan por el cable?

# %%
guess = predict("¿Cuántos bytes de la foto viajan?", ["todos", "los primeros 4096", "ninguno"])
guess

# %% [markdown]
# **Ejecuta.** Primero sin credencial y luego con ella. El oído separa las respuestas provisionales (*interim*) de la definitiva.

# %%
ear.clear()
offer(photo)
offer(photo, "Authorization: Bearer T-77")
refused, accepted = ear.exchanges
for exchange in (refused, accepted):
    interim = [message.status for message in exchange.interim]
    print(interim, exchange.response.status, f"· viajaron {exchange.request.body.total} bytes de la foto")

# %% [markdown]
# **Compara.**

# %%
sent = refused.request.body.total
guess.compare("ninguno" if sent == 0 else "todos" if sent == len(photo) else "los primeros 4096")

# %% [markdown]
# Míralo en el cable: el 100 viajó solo, sin cuerpo ni encabezados, y después de la foto llegó el definitivo.

# %%
ear

# %% [markdown]
# El otro código provisional de la guía es **102** (*Processing*): «voy despacio, no cuelgues». Ni `uvicorn` ni casi ningún *framework* saben enviarlo, así que para verlo de verdad hay que ser el servidor. `raw_server` te entrega la conexión y tú escribes los bytes.

# %%
import time

import httpx


def oven(wire) -> None:
    wire.recv(4096)
    for _ in range(3):
        wire.sendall(b"HTTP/1.1 102 Processing\r\n\r\n")
        time.sleep(0.1)
    wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nlisto\n")


kitchen = raw_server(oven)
oven_ear = tap(kitchen, name="oido-horno")

# %% [markdown]
# El cliente es `httpx`, que cumple la norma: deja pasar todas las provisionales y entrega la última. El oído las vio todas.

# %% tags=["claim:05.4"]
oven_ear.clear()
answer = httpx.get(oven_ear.url)
(baked,) = oven_ear.exchanges
print("El cliente recibió: ", answer.status_code, answer.text.strip())
print("Por el cable pasó:  ", [message.start for message in (*baked.interim, baked.response)])
print("El 100 de la foto:  ", [message.start for message in accepted.interim])
oven_ear

# %% [markdown]
# Los tres éxitos que más verás se distinguen por lo que traen. **200** (*OK*) trae lo que pediste; **201** (*Created*), además, dónde quedó lo nuevo; **204** (*No Content*) es un éxito sin nada que contar, y por eso no lleva cuerpo.

# %% tags=["claim:05.5"]
ear = tap(api)
requests.get(f"{ear.url}/photos/1")
requests.post(f"{ear.url}/photos", data=photo, headers={"Authorization": "Bearer T-77"})
requests.delete(f"{ear.url}/photos/1")
for exchange in ear.exchanges:
    told = exchange.response
    print(f"{exchange.request.method:7}{told.start}", end=" · ")
    print(f"Location: {told.header('location') or 'no trae'} · cuerpo: {told.content.total} bytes")
ear

# %% [markdown]
# **Qué acaba de pasar.** Una petición puede tener muchas respuestas provisionales y una sola definitiva. Y «éxito» no es un código sino una familia: quien programa el cliente puede tratar igual todo lo que empiece con 2 y, si le interesa, mirar las otras dos cifras.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (6 min). Busca con el grupo, en los tres oídos, el renglón exacto donde el servidor dijo «sigue». Pregunta qué haría un cliente que no conoce el 102. Si creen que esperaría, ejecuta `requests.get(oven_ear.url).status_code`: toma el 102 por la respuesta final y se va sin el plato. Si ya lo sospechaban, pregunta cómo se enterarían en producción.

# %% [markdown]
# ## 4. 3XX: búscalo en otro lado
#
# La Comanda cambió su dirección de pedidos. El servidor viejo sigue atendiendo, pero a todo contesta «ya no es aquí» y el encabezado `Location` dice dónde. Es una **redirección** (*redirect*): el cliente tiene que dar otro paso.

# %%
import httpx
import requests
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse
from workshop import predict, serve, tap

app = FastAPI(title="Pedidos")


@app.api_route("/old/{code}", methods=["GET", "POST"])
def moved(code: int):
    if code == 300:
        return JSONResponse(["/orders", "/orders.xml"], 300)
    return RedirectResponse("/orders", code)


# %% [markdown]
# La dirección nueva dice qué verbo le llegó y con cuántos bytes de cuerpo.


# %%
@app.api_route("/orders", methods=["GET", "POST"])
async def orders(request: Request) -> dict:
    return {"method": request.method, "bytes": len(await request.body())}


api = serve(app)
ear = tap(api)
order = {"dish": "pozole", "table": 7}

# %% [markdown]
# **Predice.** Haces un `POST` a una dirección que contesta **301** (*Moved Permanently*). `requests` sigue la redirección. ¿Qué llega a la dirección nueva?

# %%
guess = predict(
    "¿Qué llega a la dirección nueva tras un 301?",
    ["el mismo POST, con su cuerpo", "un POST sin cuerpo", "un GET sin cuerpo"],
)
guess

# %% [markdown]
# **Ejecuta.** La pregunta no se le hace al cliente, sino al cable.

# %%
ear.clear()
requests.post(f"{ear.url}/old/301", json=order)
first, second = ear.exchanges
print(first.request.start, "→", first.response.status, first.response.header("location"))
print(second.request.start, "→", second.response.status, second.response.content.kept.decode())
ear

# %% [markdown]
# **Compara.**

# %%
if second.request.method == "GET":
    guess.compare("un GET sin cuerpo")
else:
    guess.compare("el mismo POST, con su cuerpo" if second.request.body.total else "un POST sin cuerpo")

# %% [markdown]
# El pedido se perdió y el código final es 200: nadie se entera. No es un error de `requests`. Los navegadores lo hacen así desde los años noventa, y la norma acabó por permitirlo. Para que no haya duda existen **307** (*Temporary Redirect*) y **308** (*Permanent Redirect*), que obligan a repetir la misma petición. Prueba los cuatro de la guía con dos clientes; `httpx` escribe el mismo JSON sin espacios, y por eso le ocupa tres bytes menos.

# %% tags=["claim:05.6"]
CLIENTS = {
    "requests": lambda url: requests.post(url, json=order),
    "httpx": lambda url: httpx.post(url, json=order, follow_redirects=True),
}
ear = tap(api)
for code in (300, 301, 307, 308):
    for name, post in CLIENTS.items():
        ear.clear()
        post(f"{ear.url}/old/{code}")
        steps = [
            f"{x.request.method} de {x.request.body.total} B: {x.response.status}" for x in ear.exchanges
        ]
        print(f"{name:9}", " → ".join(steps))

# %% [markdown]
# **Qué acaba de pasar.** **300** (*Multiple Choices*) no redirige: ofrece opciones y espera que alguien elija, así que ningún cliente lo siguió solo. Los demás combinan dos preguntas: ¿es para siempre o por ahora?, ¿puede cambiar el verbo? Con 301 el cliente puede cambiarlo; con 307 y 308, no. Regla práctica: para páginas, 301; para una API que recibe `POST`, 308.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (5 min). Pide que alguien explique en voz alta la segunda línea del primer oído: un pedido que terminó en 200 sin pedido. Pregunta: ¿por qué un 301 es peligroso de probar en producción? Si contestan que se pierde el pedido, pregunta si un 308 sería inofensivo: tampoco, porque el navegador recuerda los dos y borrar ese recuerdo no está en tu mano. Si ya lo saben, sigue.

# %% [markdown]
# ## 5. 4XX y 5XX: de quién es el problema
#
# Cuando algo sale mal, lo primero es saber quién tiene que moverse. **4XX**: tu petición tiene algo que corregir; repetirla igual no suele servir. **5XX**: tu petición está bien y falló el servidor; repetirla más tarde, quizá.

# %%
import requests
from fastapi import FastAPI, HTTPException, Request
from workshop import gateway, predict, raw_server, serve, tap

app = FastAPI(title="Reservaciones")
taken = {4}


@app.get("/tables/{table}")
def read_table(table: int) -> dict:
    if not 1 <= table <= 9:
        raise HTTPException(404, f"No hay mesa {table}.")
    return {"table": table, "taken": table in taken}


# %% [markdown]
# Antes de anotar una reservación se preguntan tres cosas, y el orden importa: primero quién eres, después si se entiende lo que dices y al final si se puede.


# %% tags=["long"]
@app.post("/reservations", status_code=201)
async def reserve(request: Request) -> dict:
    if request.headers.get("authorization") != "Bearer T-77":
        raise HTTPException(401, "¿Quién eres?", {"WWW-Authenticate": "Bearer"})
    try:
        order = await request.json()
        table = int(order["table"])
    except (ValueError, KeyError, TypeError):
        raise HTTPException(400, "Se esperaba un JSON con «table».") from None
    if table in taken:
        raise HTTPException(409, f"La mesa {table} ya está tomada.")
    share = 100 / order["people"]
    taken.add(table)
    return {"table": table, "share": share}


api = serve(app)

# %% [markdown]
# Entre el cliente y el servicio pones un **gateway**, un intermediario como los de cualquier sitio de verdad. Es un Caddy; recibe en una sola dirección y le pasa la petición al servicio de atrás.

# %%
front = gateway(api, timeout=0.5, retries=False)
ear = tap(front)
badge = {"Authorization": "Bearer T-77"}

# %% [markdown]
# Cuatro errores del cliente: **400** (*Bad Request*), **401** (*Unauthorized*), **404** (*Not Found*) y **409** (*Conflict*). En cada uno, el cuerpo dice qué corregir.

# %% tags=["claim:05.7"]
url = f"{ear.url}/reservations"
mistakes = [
    requests.post(url, data="mesa siete", headers=badge),
    requests.post(url, json={"table": 7}),
    requests.get(f"{ear.url}/tables/70"),
    requests.post(url, json={"table": 4, "people": 2}, headers=badge),
]
for answer in mistakes:
    print(answer.status_code, answer.reason, "·", answer.json()["detail"])
ear

# %% [markdown]
# Ahora los del servidor. Una reservación para cero personas divide entre cero: **500** (*Internal Server Error*). Es un error en el código, y el cliente no puede hacer nada.
#
# Los otros dos los dice el gateway, no el servicio. Para provocarlos pones detrás a dos servidores escritos a mano que se portan mal: uno contesta algo que no es HTTP y el otro toma la petición y calla.


# %%
def babbling(wire) -> None:
    wire.recv(4096)
    wire.sendall(b"marchando un pozole, sale y vale\r\n")


def silent(wire) -> None:
    while wire.recv(4096):
        pass


behind = {"se rompe": api, "habla mal": raw_server(babbling), "calla": raw_server(silent)}
nobody = {"table": 5, "people": 0}

# %% [markdown]
# **Predice.** El servicio de atrás tomó la petición y no contesta. ¿Qué recibe el cliente del gateway?

# %%
guess = predict("Si el de atrás calla, ¿qué llega?", ["nada", "500", "502", "504"])
guess

# %% [markdown]
# **Ejecuta.** La misma petición, tres veces; lo que cambia es quién está detrás del gateway. `Server` es el encabezado con el que firma quien escribió la respuesta.

# %% tags=["claim:05.8"]
ear, answers = tap(front), {}
for fault, server in behind.items():
    gateway(server, timeout=0.5, retries=False)
    answers[fault] = requests.post(f"{ear.url}/reservations", json=nobody, headers=badge)
    told = answers[fault]
    print(f"el de atrás {fault:10} {told.status_code} {told.reason:22} firma {told.headers['Server']}")

front = gateway(api, timeout=0.5, retries=False)

# %% [markdown]
# **Compara.**

# %%
guess.compare(str(answers["calla"].status_code))

# %% [markdown]
# **Qué acaba de pasar.** Los tres empiezan con 5 y se reparan en lugares distintos. El 500 lo firma el servicio: busca en su bitácora. El **502** (*Bad Gateway*) lo firma el intermediario: recibió algo que no es una respuesta. El **504** (*Gateway Timeout*), también: nadie contestó a tiempo. Esos dos no aparecen en la bitácora del servicio, y quien la busca ahí pierde la tarde. Despliega los tres y compara quién firma:

# %%
ear

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (5 min). Pregunta: tras un 504, ¿se guardó la reservación? Si dicen que no, el de atrás tomó la petición entera: nadie lo sabe, ni el gateway. Si lo ven claro, conecta con la idempotencia del capítulo 07. Si sobra tiempo, sube `timeout` y repite: el cliente espera más y el código es el mismo.

# %% [markdown]
# ## 6. Todos los demás
#
# La guía nombra dieciséis códigos y avisa que hay muchos más. Están en un registro público, el de la IANA (*Internet Assigned Numbers Authority*), la misma que reparte las direcciones de internet.
#
# **Predice.** ¿Cuántos hay registrados hoy?

# %%
from workshop import predict, status_explorer

guess = predict(
    "¿Cuántos códigos hay registrados?", ["menos de 20", "entre 20 y 40", "entre 41 y 60", "más de 60"]
)
guess

# %% [markdown]
# **Ejecuta.** El explorador los tiene todos, con un servicio que contesta el que le pidas. Elige uno, lee qué significa y pídelo: los bytes son los del socket.

# %% tags=["claim:05.10"]
explorer = status_explorer(418)
explorer

# %% [markdown]
# Cada familia tiene su cara, y cada código, su gato: la idea es de [HTTP Cats](https://http.cat), la manera más divertida de aprenderlos; los de aquí los dibujamos nosotros. Pídelos todos, uno por uno, y comprueba que cada quien contesta con su número.

# %% tags=["claim:05.9"]
told = {code: explorer.ask(code) for code in explorer.codes}
honest = all(code in {message.status for message in told[code].messages} for code in told)
by_family = {f"{digit}XX": sum(code // 100 == digit for code in told) for digit in range(1, 6)}
print("códigos:", len(told), by_family)
print("cada uno contestó con su número:", honest)
explorer.choose(418)

# %% [markdown]
# **Compara.**

# %%
sizes = {20: "menos de 20", 41: "entre 20 y 40", 61: "entre 41 y 60"}
guess.compare(next((words for size, words in sizes.items() if len(told) < size), "más de 60"))

# %% [markdown]
# **Qué acaba de pasar.** No hay que saberlos de memoria. Ante un código que no conoces, la primera cifra ya te dice a quién le toca moverse, y el resto se busca. Y cuando escribas una API, esa misma cifra es el mensaje más barato que le puedes dejar a quien tenga que diagnosticarla a las tres de la mañana.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (2 min). Juego: una persona dice un código al azar, otra dice a quién le toca moverse, y se comprueba pidiéndolo. Pregunta por el 429 y por el 503, que se esperan igual y se reparan distinto. Si dudan entre 4XX y 5XX, repite con esas dos familias; si no, deja el explorador abierto durante el descanso.

# %% [markdown]
# ## Sala de averías
#
# Dos averías de las que despiertan a la gente. En la primera no cambió ni una línea de código: pasó el tiempo. Un certificado tiene fecha de caducidad, y el de La Comanda caducó ayer.

# %%
from datetime import datetime, timedelta

import requests
import trustme
from workshop import gateway, plan, predict, replicas, serve, tls_front

# %% [markdown]
# El servicio vive en un módulo, para que también otros procesos puedan correrlo.

# %%
# %%module reservaciones
from fastapi import FastAPI

app = FastAPI(title="Reservaciones")


@app.get("/tables")
def tables() -> list[int]:
    return [1, 2, 3]


# %% [markdown]
# La puerta se presenta con un certificado que venció ayer.

# %%
from reservaciones import app

api = serve(app, name="mesas")
authority = trustme.CA(organization_name="La Comanda")
trusted = str(api.folder / "autoridad.pem")
authority.cert_pem.write_to_path(trusted)
yesterday = datetime.now() - timedelta(days=1)
expired = authority.issue_cert("localhost", not_before=datetime(2024, 1, 1), not_after=yesterday)
door = tls_front(api, expired)
url = f"{door.url.replace('127.0.0.1', 'localhost')}/tables"

# %% [markdown]
# **Predice.** El servicio está sano. ¿Qué código de estado recibe quien reserva?

# %%
guess = predict("¿Qué código recibe?", ["401", "500", "502", "ninguno"])
guess

# %% [markdown]
# **Ejecuta.** Primero se pregunta desde la calle y después desde dentro, sin pasar por la puerta.

# %%
try:
    seen = str(requests.get(url, verify=trusted).status_code)
except requests.exceptions.SSLError as refusal:
    seen = "ninguno"
    print("Se negó el cliente:", refusal.args[0].reason.args[0].verify_message)
print("El servicio, por dentro:", requests.get(f"{api.url}/tables").status_code)

# %% [markdown]
# **Compara.**

# %%
guess.compare(seen)

# %% [markdown]
# No hubo código porque no hubo HTTP: el saludo falló antes. El servicio no se enteró y sus medidores están en verde, mientras afuera nadie puede entrar. **Repárala:** un certificado nuevo, en la misma dirección y sin reiniciar nada.

# %%
door.renew(authority.issue_cert("localhost"))
requests.get(url, verify=trusted).status_code

# %% [markdown]
# **La segunda avería.** Ahora el servicio es un proceso de verdad detrás del gateway. Se le puede congelar, que es seguir ahí sin hacer nada, o matar.

# %%
kitchen = replicas("reservaciones:app", n=1)
front = gateway(kitchen, timeout=0.5, retries=False)
(cook,) = kitchen.members


def knock() -> str:
    try:
        answer = requests.get(f"{front.url}/tables", timeout=2)
    except requests.RequestException as failure:
        return f"ningún código: {type(failure).__name__}"
    return f"{answer.status_code} {answer.reason}"


knock()

# %% [markdown]
# Antes de ejecutar, di en voz alta los dos códigos. A quien está congelado se le puede hablar; a quien murió, ya no.

# %%
cook.freeze()
print("congelado: ", knock())
cook.kill()
print("muerto:    ", knock())
cook.recover()
print("recuperado:", knock())

# %% [markdown]
# Congelado, el sistema operativo siguió aceptando la conexión por él, y el gateway esperó en vano: 504. Muerto, la conexión se rechazó al instante: 502. El mismo servicio, dos averías y dos códigos; con eso ya sabes qué ir a mirar. Ahora rompe tú, el servicio o el gateway, desde los botones:

# %%
plan(cook, front)

# %% [markdown]
# Vuelve a ejecutar esta celda después de cada avería. ¿Con cuál no llega ningún código? Ahí no queda nadie que lo diga.

# %%
knock()

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (4 min). La del certificado es la avería más común y más tonta de internet. Pregunta quién recibe el aviso de caducidad en su equipo. Si nadie responde, ya tienen tarea; si alguien responde, pregunta quién lo recibe cuando esa persona está de vacaciones.

# %% [markdown]
# ## Ejercicio 1 · Arregla esta API
#
# **Meta.** Alguien hizo una API que contesta 200 a todo y cuenta en el cuerpo cómo le fue. Haz que lo diga el código:
#
# - `GET /tables/{table}`: 200, o 404 si no hay esa mesa;
# - `POST /reservations`: 201 con `Location: /tables/<mesa>`; 401 con `WWW-Authenticate` si no trae `Authorization: Bearer T-77`; 400 si el cuerpo no dice una mesa que exista; 409 si ya está tomada;
# - `DELETE /reservations/{table}`: 204, sin cuerpo.
#
# Al reservar, pregunta en este orden: quién eres, si se entiende, si se puede. Mientras todo siga en 200, la revisión lo considera sin intentar.

# %%
from fastapi import FastAPI, HTTPException, Request, Response
from workshop import check, hint, serve

BADGE = "Bearer T-77"
TABLES = range(1, 10)

# %% [markdown]
# Corrige esta celda y ejecútala cuantas veces quieras: el servicio cambia solo.


# %% tags=["exercise", "long"]
fix_app, taken = FastAPI(title="Ejercicio 1"), set()


@fix_app.get("/tables/{table}")
def read_table(table: int):
    return {"table": table, "taken": table in taken} if table in TABLES else {"error": "no existe"}


@fix_app.post("/reservations")
async def reserve(request: Request, response: Response):
    if request.headers.get("authorization") != BADGE:
        return {"error": "no sé quién eres"}
    try:
        table = (await request.json())["table"]
    except (ValueError, KeyError, TypeError):
        return {"error": "no te entiendo"}
    if table not in TABLES or table in taken:
        return {"error": "no se puede"}
    taken.add(table)
    return {"table": table}


@fix_app.delete("/reservations/{table}")
def release(table: int):
    taken.discard(table)
    return {"ok": True}


fixed = serve(fix_app)


# %% tags=["solution", "long"]
fix_app, taken = FastAPI(title="Ejercicio 1"), set()


@fix_app.get("/tables/{table}")
def read_table(table: int):
    if table not in TABLES:
        raise HTTPException(404, "No hay esa mesa.")
    return {"table": table, "taken": table in taken}


@fix_app.post("/reservations", status_code=201)
async def reserve(request: Request, response: Response):
    if request.headers.get("authorization") != BADGE:
        raise HTTPException(401, "¿Quién eres?", {"WWW-Authenticate": "Bearer"})
    try:
        table = (await request.json())["table"]
    except (ValueError, KeyError, TypeError):
        table = None
    if table not in TABLES:
        raise HTTPException(400, "Falta una mesa que exista.")
    if table in taken:
        raise HTTPException(409, "Ya está tomada.")
    taken.add(table)
    response.headers["Location"] = f"/tables/{table}"
    return {"table": table}


@fix_app.delete("/reservations/{table}", status_code=204)
def release(table: int) -> None:
    taken.discard(table)


fixed = serve(fix_app)

# %% [markdown]
# La revisión reserva y libera una mesa que esté libre; al terminar, todo queda como estaba.

# %%
check("05.1", fixed)

# %% [markdown]
# Si te atoras, `hint("05.1")` da una pista; vuelve a llamarla para la siguiente.

# %% [markdown]
# ## Ejercicio 2 · Un servidor sin ayuda
#
# **Meta.** Escribe `answer`: recibe los bytes de una petición y devuelve los de la respuesta. Sin *framework*.
#
# - `GET /menu`: 200, `Content-Type: application/json` y el menú como JSON;
# - `HEAD /menu`: lo mismo, sin el cuerpo;
# - otro verbo en `/menu`: 405 con `Allow: GET, HEAD`; otra ruta: 404; si la primera línea no tiene tres partes, 400.
#
# Toda respuesta dice su `Content-Length`, y lo que dice es verdad.

# %%
import json

from workshop import check, hint, raw_server

MENU = ["mole", "jalapeño relleno", "café de olla"]


def attend(wire) -> None:
    wire.sendall(answer(wire.recv(65536)))


# %% [markdown]
# Escribe aquí tu solución.


# %% tags=["exercise"]
def answer(request: bytes) -> bytes:
    return b"HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


handmade = raw_server(attend, name="a-mano")


# %% tags=["solution", "long"]
def answer(request: bytes) -> bytes:
    line = request.split(b"\r\n")[0].decode("latin-1").split(" ")
    body, more = b"", ""
    if len(line) != 3:
        status = "400 Bad Request"
    elif line[1] != "/menu":
        status = "404 Not Found"
    elif line[0] not in ("GET", "HEAD"):
        status, more = "405 Method Not Allowed", "Allow: GET, HEAD\r\n"
    else:
        status, more = "200 OK", "Content-Type: application/json\r\n"
        body = json.dumps(MENU, ensure_ascii=False).encode()
    head = f"HTTP/1.1 {status}\r\n{more}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + (b"" if line[0] == "HEAD" else body)


handmade = raw_server(attend, name="a-mano")

# %% [markdown]
# La revisión le habla por un socket y lee cada byte.

# %%
check("05.2", handmade)

# %% [markdown]
# También aquí hay pistas: `hint("05.2")`. Y si quieres ver lo que contestas, pon un oído: `tap(handmade)`.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (5 min). Empiecen el primero en clase, un código por persona, y cada quien lo termina en casa; el segundo es para casa, salvo en grupos rápidos. Pregunta mientras escriben: ¿qué verían hoy las alarmas de esta API? Si alguien dice que los errores, que busque uno en sus códigos. Error estrella del segundo: contar letras en lugar de bytes; quien caiga en él no vuelve a olvidar qué es UTF-8.

# %% [markdown]
# ## Comprueba lo que sabes
#
# Cada respuesta equivocada corresponde a una confusión conocida; si caes en una, lee por qué.

# %%
from workshop import quiz

quiz("05")

# %% [markdown]
# ## ¿Dónde se rompe la analogía?
#
# - Una comanda de papel está entera o no está. Una petición llega a pedazos, y el servidor tiene que saber cuándo terminó: para eso son el renglón en blanco y `Content-Length`.
# - Quien escucha en una mesa vecina oye algunas palabras. Quien escucha un cable las oye todas, siempre, y las guarda.
# - Un mesero que no contesta está en algún lado. Un servidor que no contesta puede haber hecho ya lo que le pediste.
#
# ## Resumen
#
# - **Escribir y leer HTTP:** línea inicial, encabezados, renglón en blanco y cuerpo, en las dos direcciones; la conexión se conserva porque abrirla cuesta.
# - **HTTPS:** cifra el camino y comprueba con quién hablas; no esconde con qué servidor ni cuánto, y un certificado caducado cierra la puerta antes de que haya HTTP.
# - **La primera cifra:** 1 informa, 2 es éxito, 3 pide otro paso (y 301 puede cambiar el verbo), 4 le toca al cliente, 5 le toca al servidor.
# - **Servidor o intermediario:** el 500 lo firma el servicio; el 502 y el 504, quien está delante y recibió algo inválido o nada.
#
# ## En la práctica
#
# - HTTP/2 y HTTP/3 dicen lo mismo con otra letra: los códigos y los encabezados son estos, pero van en binario y muchas peticiones comparten una conexión.
# - Los certificados los firma una autoridad pública, casi siempre gratis y por unas semanas, y un programa los renueva solo. Lo que se vigila es que ese programa siga vivo.
# - TLS suele terminar en el gateway, como en tu puerta. Si la red de adentro no es de fiar, se cifra también ese tramo.
# - Nadie escribe un oído: existen Wireshark, mitmproxy y las herramientas del navegador. Ahora sabes qué están mostrando.
# - La semántica de los códigos está en la RFC 9110; el 102, en la RFC 2518, y el 308, en la RFC 7538, ya integrada en la primera.
#
# **El siguiente capítulo,** *Firmar el contrato entre dos programas*, usa este protocolo para que dos servicios se entiendan sin que medie una persona.
#
# Antes de irte, mira tu avance y apaga lo que encendiste.

# %%
from workshop import progress

progress("05")

# %% [markdown]
# Nada de lo que arrancó este cuaderno sobrevive a su kernel, pero apagar la luz al salir es buena costumbre.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (1 min). Cierra con una pregunta: de los códigos que viste hoy, ¿cuál contesta mal tu sistema? Casi todos tienen un 200 que debería ser otra cosa.

# %%
from workshop import stop_all

stop_all()
