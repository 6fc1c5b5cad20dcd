# %% [markdown]
# # 11 · Recoger el abrigo con el ticket del guardarropa
#
# En este capítulo construirás las tres maneras en que un servicio reconoce a quien vuelve, verás qué guarda cada lado y atacarás tu propio guardarropa hasta que aguante.
#
# **Aprenderás a**
#
# - poner y leer cookies en los dos extremos, y elegir cuánto duran y quién las ve;
# - guardar contraseñas que no se pueden leer y contestar un «no» que no cuente nada de más;
# - llevar sesiones en Redis que sobreviven a la API y se cierran en el acto;
# - firmar un JWT, rechazar los falsos y saber qué no puede hacer.
#
# **Necesitas** los capítulos 05 y 07. **Minutos:** 50.
#
# ## La historia
#
# En la puerta de La Comanda hay un guardarropa: dejas el abrigo, te dan un ticket con un número y, al salir, el número vale por el abrigo. El servicio por internet tiene el mismo problema, porque HTTP no recuerda a nadie: cada petición llega como si fuera la primera. Un viernes alguien se llevó un abrigo ajeno con un ticket escrito a mano, y la gerencia quiso saber qué ticket no se puede falsificar.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (1 min). Pregunta cuántas veces escribió hoy el grupo su contraseña del correo, y cómo supo el correo quiénes eran las demás veces. Si contestan «por la cookie», pregunta qué dice esa cookie y deja la duda abierta; si nadie la nombra, sigue: aparece en la primera celda.

# %% [markdown]
# ## 1. Un ticket en el bolsillo
#
# Una **cookie** es un texto pequeño que el servicio le pide al cliente que guarde. Viaja en dos encabezados: el servicio la da con `Set-Cookie` y el cliente la devuelve, en cada petición siguiente, con `Cookie`. Nada más: quien recuerda es el cliente.
#
# Este servicio cuenta visitas y recuerda un idioma sin guardar nada de su lado. El oído (`tap`, del capítulo 05) escucha el cable.

# %%
from typing import Annotated

import requests
from fastapi import Cookie, FastAPI, Response
from workshop import predict, serve, tap

WELCOME = {"es": "Qué gusto verte", "en": "Nice to see you"}
app = FastAPI(title="La puerta")

# %% [markdown]
# Los nombres empiezan con `comanda_`: las cookies no distinguen puertos, y en 127.0.0.1 también viven las de JupyterLab.


# %%
@app.get("/door")
def door(
    response: Response,
    comanda_visits: Annotated[int, Cookie()] = 0,
    comanda_language: Annotated[str, Cookie()] = "es",
) -> dict:
    response.set_cookie("comanda_visits", str(comanda_visits + 1))
    return {"visita": comanda_visits + 1, "saludo": WELCOME.get(comanda_language, WELCOME["es"])}


@app.put("/language/{code}", status_code=204)
def choose_language(code: str, response: Response) -> None:
    response.set_cookie("comanda_language", code)


api = serve(app, name="puerta")
ear = tap(api)

# %% [markdown]
# **Predice.** `requests.get` es un cliente sin bolsillo: no guarda nada entre una llamada y otra. Toca la puerta tres veces. ¿Qué visita le cuentan a la tercera?

# %%
guess = predict("Sin bolsillo, ¿qué visita es la tercera?", ["la 1", "la 3", "ninguna: da error"])
guess

# %% [markdown]
# **Ejecuta.** Y luego lo mismo con `requests.Session`, que sí tiene bolsillo: un **tarro de cookies** (*cookie jar*).

# %%
for _ in range(3):
    forgetful = requests.get(f"{ear.url}/door")

ear.clear()
browser = requests.Session()
for _ in range(3):
    mindful = browser.get(f"{ear.url}/door")
print("sin bolsillo:", forgetful.json(), " con bolsillo:", mindful.json())

# %% [markdown]
# **Compara.**

# %%
guess.compare(f"la {forgetful.json()['visita']}" if forgetful.ok else "ninguna: da error")

# %% [markdown]
# Míralo en el cable. Abre las tres conversaciones y busca en qué petición aparece `Cookie` por primera vez y de qué respuesta salió su valor.

# %%
ear

# %% [markdown]
# Eso es todo lo que hay: un nombre, un valor y unos cuantos bytes que viajan en cada petición. Los navegadores aceptan unos 4096 por cookie.

# %% tags=["claim:11.1"]
for cookie in browser.cookies:
    print(f"{cookie.name} = {cookie.value!r}, {len(f'{cookie.name}={cookie.value}')} bytes de texto")

# %% [markdown]
# Con dos cookies el servicio ya distingue a una clienta de otra y recuerda lo que prefiere, sin preguntarle quién es.

# %% tags=["claim:11.2"]
browser.put(f"{api.url}/language/en")
print(browser.get(f"{api.url}/door").json())
print(requests.Session().get(f"{api.url}/door").json())

# %% [markdown]
# **Qué acaba de pasar.** El servicio no recuerda a nadie: lee el ticket. Y el ticket lo tiene el cliente, que lo puede escribir a mano.

# %%
requests.get(f"{api.url}/door", cookies={"comanda_visits": "999"}).json()

# %% [markdown]
# Una preferencia puede ir así. «Soy la gerente» o «ya pagué», no.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (5 min). Antes de ejecutar la última celda, pregunta qué impide a una clienta llegar diciendo que es su visita mil. Si contestan que la cookie es del servicio, ejecútala y pregunta quién la llevaba en el bolsillo; si contestan que nada, sigue. Si sale el tema de la publicidad: una imagen de otro sitio también pone cookies, y de ahí salió el seguimiento.

# %% [markdown]
# ## 2. Lo que dice el ticket
#
# Junto al valor, el servicio pone condiciones. **`Max-Age`** dice cuántos segundos dura; sin él, la cookie es **de sesión** (*session cookie*) y se va al cerrar el navegador. **`HttpOnly`** la esconde de los scripts de la página. **`SameSite`** dice si acompaña a lo que se pide desde otro sitio. **`Secure`** la reserva para HTTPS y **`Path`**, para una parte del sitio.

# %%
import time
from http.cookiejar import LWPCookieJar

import requests
from fastapi import FastAPI, Request, Response
from workshop import page, predict, serve
from workshop.restaurant import wallet_page

TICKETS = {
    "comanda_de_hoy": {},
    "comanda_del_mes": {"max_age": 30 * 24 * 3600},
    "comanda_fugaz": {"max_age": 2},
    "comanda_oculta": {"httponly": True},
    "comanda_estricta": {"samesite": "strict"},
    "comanda_cifrada": {"secure": True},
}

# %% [markdown]
# Cada ticket se pide con POST y se tira con DELETE. Tirar una cookie es darla otra vez, ya caducada.


# %%
app = FastAPI(title="El bolsillo")
app.include_router(wallet_page(TICKETS))


@app.post("/wallet/{name}", status_code=204)
def hand_out(name: str, request: Request, response: Response) -> None:
    path = f"{request.scope['root_path']}/wallet"
    response.set_cookie(name, "77", path=path, **TICKETS[name])


@app.delete("/wallet/{name}", status_code=204)
def take_back(name: str, request: Request, response: Response) -> None:
    response.delete_cookie(name, path=f"{request.scope['root_path']}/wallet")


api = serve(app, name="bolsillo")

# %% [markdown]
# **Predice.** Pides los seis, cierras el navegador y lo vuelves a abrir enseguida. ¿Cuáles siguen ahí?

# %%
guess = predict(
    "Al volver a abrir, ¿cuáles siguen?", ["todos", "los que tienen Max-Age", "los HttpOnly", "ninguno"]
)
guess

# %% [markdown]
# **Ejecuta.** Este navegador guarda su tarro en un archivo, como los de verdad. Cerrarlo es guardar el archivo; abrirlo, leerlo.

# %%
file = str(api.folder / "bolsillo.txt")
browser = requests.Session()
browser.cookies = LWPCookieJar(file)
for name in TICKETS:
    print(browser.post(f"{api.url}/wallet/{name}").headers["Set-Cookie"])
print("\ndevuelve:", *browser.get(f"{api.url}/wallet/received").json())

browser.cookies.save()
reopened = requests.Session()
reopened.cookies = LWPCookieJar(file)
reopened.cookies.load(ignore_expires=True)

# %% [markdown]
# **Compara.**

# %% tags=["claim:11.3"]
kept = sorted(cookie.name for cookie in reopened.cookies)
print("siguen:", ", ".join(kept))
lasting = sorted(name for name, says in TICKETS.items() if "max_age" in says)
guess.compare("los que tienen Max-Age" if kept == lasting else "ninguno" if not kept else "todos")

# %% [markdown]
# La fugaz dura dos segundos. Pasado el plazo, el navegador deja de devolverla. ¿Y si no quisiera obedecer?

# %%
time.sleep(2)
print("el navegador devuelve:", reopened.get(f"{api.url}/wallet/received").json())
by_hand = {"Cookie": "comanda_fugaz=77"}
print("escrita a mano, llega:", requests.get(f"{api.url}/wallet/received", headers=by_hand).json())

# %% [markdown]
# **Qué acaba de pasar.** Las condiciones las cumple el navegador, por cortesía con quien lo usa. El servicio no puede confiar en que un ticket caducado no vuelva: si el plazo importa, lo lleva él. Guarda esta idea para la sección 4.
#
# Vuelve a la lista de arriba: dio seis y devuelve cinco. `comanda_cifrada` lleva `Secure` y este cable es HTTP. Ahora haz la prueba en tu navegador, donde quizá la cifrada sí vuelva: muchos dan por segura a 127.0.0.1, porque ese cable no sale de tu máquina. Pide la oculta y fíjate en quién la ve; pide la del mes y abre esta página en otra pestaña.

# %%
page(api, "/wallet", height=380)

# %% [markdown]
# `HttpOnly` es la condición más barata que hay: un script ajeno que se cuele en tu página no puede llevarse un ticket que no ve.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (6 min). Deja que el grupo use la página viva. Pregunta qué condiciones pondrían al ticket de una sesión. Si solo hablan del plazo, pide la oculta y pregunta qué script podría copiarla. Si dicen `HttpOnly`, `SameSite` y `Secure`, sigue: son las tres.

# %% [markdown]
# ## 3. La contraseña que nadie guarda
#
# Antes de dar un ticket hay que saber a quién. Una contraseña no se guarda: se guarda un **resumen** (*hash*) del que no se puede volver atrás. El de argon2 es lento y ocupa memoria a propósito: a ti te cuesta una fracción de segundo; a quien robe la tabla y quiera probar mil millones, años. `pwdlib` elige los parámetros.

# %%
import requests
from fastapi import FastAPI, HTTPException
from pwdlib import PasswordHash
from pydantic import BaseModel
from workshop import bars, predict, serve

hasher = PasswordHash.recommended()
USERS = {"mesera": hasher.hash("tlayuda-42"), "gerente": hasher.hash("tlayuda-42")}
print("empieza por:", USERS["mesera"][:30])
print("misma contraseña, mismo resumen:", USERS["mesera"] == USERS["gerente"])

# %% [markdown]
# Dos personas con la misma contraseña tienen resúmenes distintos: cada uno lleva su **sal** (*salt*), unos bytes al azar. Así, una tabla robada no dice quiénes comparten contraseña, ni sirve una lista de resúmenes ya calculados.
#
# La primera versión de la entrada contesta lo mismo a un nombre que no existe y a una contraseña equivocada: 401, las mismas palabras.


# %%
class Login(BaseModel):
    user: str
    password: str


app = FastAPI(title="La entrada")


@app.post("/login", status_code=204)
def log_in(form: Login) -> None:
    if form.user not in USERS or not hasher.verify(form.password, USERS[form.user]):
        raise HTTPException(401, "Usuario o contraseña incorrectos.")


api = serve(app, name="entrada")

# %% [markdown]
# **Predice.** Alguien de fuera quiere saber quién trabaja aquí. No sabe ninguna contraseña y la respuesta es idéntica, letra por letra. ¿Cuántas veces más tarda el «no» de un nombre que sí existe?

# %%
guess = predict("¿Cuántas veces más tarda si el nombre existe?", unit="veces")
guess

# %% [markdown]
# **Ejecuta.** Tres rondas: en cada una, un nombre que existe y otro que no, con una contraseña que no es.

# %%
NAMES = {"existe": "mesera", "no existe": "nadie"}


def knock() -> tuple[set[str], dict[str, list[float]]]:
    """Lo que contesta la entrada y lo que tarda con cada nombre, en milisegundos."""
    said, took = set(), {who: [] for who in NAMES}
    for who, user in [*NAMES.items()] * 3:
        answer = requests.post(f"{api.url}/login", json={"user": user, "password": "mole"})
        said.add(f"{answer.status_code} {answer.text}")
        took[who].append(answer.elapsed.total_seconds() * 1000)
    return said, took


said, took = knock()
print("respuestas distintas:", len(said), said)

# %% [markdown]
# **Compara.**

# %%
drawn = bars(took, "ms", title="lo que tarda el «no»")
ratio = drawn.values["existe"] / drawn.values["no existe"]
print(f"El «no» de quien existe tarda más del triple: {ratio > 3}")
guess.compare(ratio)
drawn

# %% [markdown]
# **Qué acaba de pasar.** El texto callaba y el reloj lo contó todo: solo se calcula un resumen cuando hay contra qué comparar. **Repáralo** haciendo el mismo trabajo en los dos casos: a quien no existe se le compara con un resumen de adorno.

# %%
app = FastAPI(title="La entrada")
DECOY = hasher.hash("nadie tiene esta contraseña")


@app.post("/login", status_code=204)
def log_in(form: Login) -> None:
    right = hasher.verify(form.password, USERS.get(form.user, DECOY))
    if not right or form.user not in USERS:
        raise HTTPException(401, "Usuario o contraseña incorrectos.")


api = serve(app, name="entrada")
said, took = knock()
drawn = bars(took, "ms", title="lo que tarda el «no»")
print("Se distinguen por el reloj:", not 1 / 2 < drawn.values["existe"] / drawn.values["no existe"] < 2)
drawn

# %% [markdown]
# Con la contraseña correcta se entra, y es el único caso en que la respuesta cambia.

# %%
requests.post(f"{api.url}/login", json={"user": "mesera", "password": "tlayuda-42"}).status_code

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (5 min). Pregunta qué más delata a un nombre. Si nadie lo ve, recuerda la página de registro («ese correo ya existe») y la de recuperar la contraseña. Si lo ven, remata: entrar cuesta una décima de segundo de CPU; ¿qué pasa con diez mil intentos por segundo? Hace falta un límite por persona y por dirección.

# %% [markdown]
# ## 4. El abrigo se queda adentro
#
# Una **sesión** (*session*) invierte el reparto: los datos se quedan en el servidor y al cliente solo viaja un **identificador** (*session id*), un texto al azar tan largo que no se puede adivinar. La cookie es el ticket; el abrigo nunca sale del guardarropa.
#
# La API corre en un proceso aparte, que se puede matar de verdad. Anota lo que pides en dos sitios: en Redis y en una variable de su memoria.

# %%
import requests
from workshop import predict, redis_server, replicas, xray

coats = redis_server("abrigos").client()

# %% [markdown]
# Lee el módulo de arriba abajo: buscar el abrigo, colgarlo, dar el ticket y usarlo. La contraseña ya la comprobó la sección 3.

# %% tags=["long"]
# %%module guardarropa
import json
import secrets
from typing import Annotated

from fastapi import Cookie, Depends, FastAPI, HTTPException, Response
from workshop import redis_server

app, memory = FastAPI(title="Guardarropa"), []
coats = redis_server("abrigos").client()
Ticket = Annotated[str, Cookie(alias="comanda_ticket")]


def find_coat(ticket: Ticket = "") -> dict:
    if saved := coats.get(f"comanda:session:{ticket}"):
        return json.loads(saved)
    raise HTTPException(401, "No tengo ningún abrigo con ese ticket.")


def hang(ticket: str, coat: dict) -> None:
    coats.set(f"comanda:session:{ticket}", json.dumps(coat), ex=1800)


@app.post("/login/{user}", status_code=204)
def log_in(user: str, response: Response) -> None:
    ticket = secrets.token_urlsafe(32)
    hang(ticket, {"user": user, "order": []})
    response.set_cookie("comanda_ticket", ticket, httponly=True, samesite="lax")


@app.post("/order/{dish}", status_code=204)
def order(dish: str, ticket: Ticket, coat: Annotated[dict, Depends(find_coat)]) -> None:
    memory.append(dish)
    hang(ticket, coat | {"order": [*coat["order"], dish]})


@app.get("/order")
def read_order(coat: Annotated[dict, Depends(find_coat)]) -> dict:
    return coat | {"memory": memory}


# %% [markdown]
# Entra, pide dos platos y pregunta qué llevas: son cuatro peticiones sueltas, y la última sabe lo que dijeron las otras.

# %% tags=["claim:11.2", "claim:11.6"]
front = replicas("guardarropa:app", n=1)
(api,) = front.members
browser = requests.Session()
browser.post(f"{api.url}/login/mesera")
for dish in ("mole", "flan"):
    browser.post(f"{api.url}/order/{dish}")
browser.get(f"{api.url}/order").json()

# %% [markdown]
# ¿Qué tiene cada lado? El ticket es puro azar: no dice quién eres ni qué pediste. Lo demás está en Redis, con su plazo.

# %% tags=["claim:11.5"]
ticket = browser.cookies["comanda_ticket"]
key = f"comanda:session:{ticket}"
print("en el bolsillo:", len(ticket), "letras al azar; dice «mesera»:", "mesera" in ticket)
print("en Redis:", coats.get(key), " caduca:", 0 < coats.ttl(key) <= 1800)

# %% [markdown]
# **Predice.** Matas el proceso de la API y lo vuelves a levantar. La clienta no hace nada: su navegador sigue abierto. ¿Qué pedido le recuerdan?

# %%
guess = predict(
    "Tras matar la API, ¿qué pedido queda?",
    [
        "ninguno",
        "solo el de Redis",
        "solo el de la memoria",
        "los dos",
        "la clienta tiene que entrar otra vez",
    ],
)
guess

# %% [markdown]
# **Ejecuta.**

# %%
api.kill()
api.recover()
answer = browser.get(f"{api.url}/order")
print(answer.status_code, answer.json())

# %% [markdown]
# **Compara.**

# %%
left = answer.json()
kept = (bool(left.get("order")), bool(left.get("memory")))
words = {(1, 0): "solo el de Redis", (0, 1): "solo el de la memoria", (1, 1): "los dos", (0, 0): "ninguno"}
guess.compare(words[kept] if answer.ok else "la clienta tiene que entrar otra vez")

# %% [markdown]
# **Qué acaba de pasar.** El proceso nuevo no vio nunca a esa clienta, y la reconoció: el estado no era suyo. Por eso la sesión sirve también con diez copias de la API detrás de un balanceador, y la memoria del proceso no.
#
# Y hay algo que la cookie sola no podía: echar a alguien en el acto. Borra su sesión en Redis.

# %%
before = browser.get(f"{api.url}/order").status_code
coats.delete(key)
print(before, "→", browser.get(f"{api.url}/order").status_code)

# %% [markdown]
# La clienta conserva el ticket, y ya no vale por ningún abrigo. El precio lo muestran los rayos X: cada petición pregunta a Redis.

# %%
browser.post(f"{api.url}/login/mesera")
with xray("¿qué llevo?") as trace:
    browser.get(f"{api.url}/order")

trace

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (8 min). Pregunta por qué el ticket no es 1, 2, 3… Si dicen que para que no se repita, deja que alguien proponga probar el siguiente número. Si dicen que se adivinaría, pasa al plazo: ¿se renueva con cada petición o no? Las dos son razonables; los bancos ponen además un máximo absoluto.

# %% [markdown]
# ## 5. Un pase que se lee y no se altera
#
# La otra salida es no guardar nada en el servidor y darle al cliente los datos mismos, con un sello. Un **JWT** (*JSON Web Token*) son tres trozos de texto separados por puntos: el **encabezado**, los **datos** (*claims*), ambos en JSON, y la **firma** (*signature*).

# %%
import base64
import hashlib
import hmac
import json
import time

import jwt
from workshop import predict

KEY = "el sello del guardarropa nunca sale de la caja fuerte"
claims = {"sub": "mesera", "role": "piso", "aud": "la-comanda", "exp": 4_102_444_800}
token = jwt.encode(claims, KEY, algorithm="HS256")
print(token.replace(".", "\n.\n"))

# %% [markdown]
# `sub` es de quién trata; `role`, su rol; `aud`, para quién vale (*audience*); `exp`, cuándo caduca, en segundos desde 1970.
#
# **Predice.** Encuentras ese texto en el suelo y no tienes la llave. ¿Qué puedes leer?

# %%
guess = predict("Sin la llave, ¿qué se lee?", ["nada", "solo el encabezado", "todo menos la firma"])
guess

# %% [markdown]
# **Ejecuta.** Base64 no es un cifrado: es otra forma de escribir los mismos bytes.


# %% tags=["claim:11.7"]
def read(piece: str) -> dict:
    return json.loads(base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4)))


head, data, signature = token.split(".")
print(read(head), read(data), f"{len(token)} letras", sep="\n")

# %% [markdown]
# **Compara.**

# %%
guess.compare("todo menos la firma" if read(data) == claims else "solo el encabezado")

# %% [markdown]
# Legible para cualquiera: ahí no van contraseñas ni números de tarjeta. Y portátil: para comprobarlo no hace falta esta librería ni este lenguaje, solo la llave y una función que existe en todos. Son tres renglones de la biblioteca estándar, y en Kotlin o en Swift no serían muchos más:


# %% tags=["claim:11.9"]
def seal(text: str, key: str) -> str:
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


print("sin PyJWT, la firma coincide:", hmac.compare_digest(seal(f"{head}.{data}", KEY), signature))
print("se puede copiar en una URL o un encabezado:", token.isascii() and " " not in token)

# %% [markdown]
# La firma se calcula con los dos primeros trozos y la llave. Cambia una letra y deja de coincidir. `jwt.decode` solo es segura si le dices qué esperas: qué algoritmo, para quién y qué datos son obligatorios.


# %%
def inspect(token: str) -> str:
    rules = {"algorithms": ["HS256"], "audience": "la-comanda", "options": {"require": ["exp", "sub"]}}
    try:
        return f"pasa {jwt.decode(token, KEY, **rules)['sub']}"
    except jwt.InvalidTokenError as refusal:
        return f"{type(refusal).__name__}: {refusal}"


# %% [markdown]
# La sala de falsificación. Cada pase está hecho de la mejor manera que se le ocurrió a alguien:

# %% tags=["claim:11.8"]
promoted = base64.urlsafe_b64encode(json.dumps(claims | {"role": "gerencia"}).encode()).rstrip(b"=").decode()
forgeries = {
    "el bueno": token,
    "con otro rol": f"{head}.{promoted}.{signature}",
    "con una letra cambiada": f"{head}.{data[:-5]}{'A' if data[-5] != 'A' else 'B'}{data[-4:]}.{signature}",
    "sin firma (alg: none)": jwt.encode(claims, None, algorithm="none"),
    "con otra llave": jwt.encode(claims, "un sello parecido, hecho en la papelería", algorithm="HS256"),
    "para otro restaurante": jwt.encode(claims | {"aud": "la-fonda"}, KEY, algorithm="HS256"),
    "sin fecha": jwt.encode({"sub": "mesera", "aud": "la-comanda"}, KEY, algorithm="HS256"),
}
for name, forged in forgeries.items():
    print(f"{name:24}{inspect(forged)}")

# %% [markdown]
# «Sin firma» es un ataque real: el propio pase dice con qué algoritmo está firmado, y hubo librerías que le creían. Por eso `algorithms` se escribe aquí y no se lee de ahí.
#
# Falta el tiempo. Este pase vale un segundo:

# %% tags=["claim:11.10"]
brief = jwt.encode(claims | {"exp": int(time.time()) + 1}, KEY, algorithm="HS256")
print("recién hecho:", inspect(brief))
time.sleep(1.1)
print("un segundo después:", inspect(brief))

# %% [markdown]
# **Qué acaba de pasar.** El pase se comprueba sin preguntar a nadie: ni Redis, ni base de datos. Al contrario que la cookie de la sección 2, su plazo va dentro de lo firmado, y quien lo hace cumplir es el servidor. Firmado no es cifrado: cualquiera lo lee, nadie lo cambia.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (6 min). Pregunta si un pase así va cifrado. Si alguien dice que sí, que lo lea en voz alta con `read`; si nadie, que cada quien cambie una letra donde quiera y llame a `inspect`. Si alguien pega su pase en una página para «decodificarlo», pregunta qué acaba de regalar.

# %% [markdown]
# ## 6. Roles, teléfonos y un despido
#
# Con el rol dentro del pase, la API decide sin consultar nada: **401** si no sabe quién eres y **403** si lo sabe y no te toca. El pase viaja en `Authorization: Bearer …`, que ningún cliente envía solo: quien quiera identificarse lo escribe.

# %%
import time
import uuid
from typing import Annotated

import httpx
import jwt
import requests
from fastapi import Cookie, Depends, FastAPI, HTTPException, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from workshop import console, predict, redis_server, serve

KEY = "el sello del guardarropa nunca sale de la caja fuerte"
RULES = {"algorithms": ["HS256"], "audience": "la-comanda", "options": {"require": ["exp", "sub", "jti"]}}
STAFF = {"mesera": "piso", "gerente": "gerencia"}
bearer = HTTPBearer(auto_error=False)

# %% [markdown]
# `jti` es el número de serie del pase; lo usarás al final. Dos ayudas: hacer un pase y leerlo.


# %%
def new_pass(user: str) -> str:
    if user not in STAFF:
        raise LookupError(f"«{user}» no está en STAFF. Para volver a contratar, ejecuta la celda de STAFF.")
    claims = {"sub": user, "role": STAFF[user], "aud": "la-comanda", "jti": str(uuid.uuid4())}
    return jwt.encode(claims | {"exp": int(time.time()) + 900}, KEY, algorithm="HS256")


def read_pass(sent: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> dict:
    try:
        return jwt.decode(sent.credentials if sent else "", KEY, **RULES)
    except jwt.InvalidTokenError:
        raise HTTPException(401, "Pase no válido.", {"WWW-Authenticate": "Bearer"}) from None


Pass = Annotated[dict, Depends(read_pass)]

# %% [markdown]
# Y la API: el menú lo ve quien trabaja aquí; quitar un plato, solo la gerencia.

# %%
app, dishes = FastAPI(title="El pase"), {1: "mole", 2: "flan"}


@app.get("/dishes")
def read_dishes(who: Pass) -> dict[int, str]:
    return dishes


@app.delete("/dishes/{dish_id}", status_code=204)
def delete_dish(dish_id: int, who: Pass) -> None:
    if who["role"] != "gerencia":
        raise HTTPException(403, "Eso lo hace la gerencia.")
    dishes.pop(dish_id, None)


api = serve(app, name="pase")

# %% [markdown]
# La misma petición, tres personas:

# %%
for user in (None, "mesera", "gerente"):
    badge = {"Authorization": f"Bearer {new_pass(user)}"} if user else {}
    print(user or "sin pase", requests.delete(f"{api.url}/dishes/2", headers=badge).status_code)

# %% [markdown]
# Hazlo tú desde la consola, que trae el pase de la mesera. Envía, cambia una letra, quita el encabezado. Después cambia `"mesera"` por `"gerente"` en la celda, ejecútala y borra el plato 1.

# %%
console(api, "GET", "/dishes", headers={"Authorization": f"Bearer {new_pass('mesera')}"})

# %% [markdown]
# ¿Y en un teléfono? La guía dice que las cookies son cosa del navegador. Una app móvil habla HTTP con una librería: alguna trae tarro, como `URLSession` en iOS, y otra no lo tiene hasta que se lo pones, como `OkHttp` en Android. Esta ruta recuerda con una cookie a quien vuelve:


# %%
@app.get("/hours")
def read_hours(response: Response, comanda_seen: Annotated[str, Cookie()] = "") -> str:
    response.set_cookie("comanda_seen", "yes")
    return "te conozco" if comanda_seen else "no te conozco"


# %% [markdown]
# Tres clientes piden el horario dos veces y después muestran el mismo pase.

# %% tags=["claim:11.4"]
token = new_pass("mesera")
badge = {"Authorization": f"Bearer {token}"}
clients = {"navegador": requests.Session(), "app sin tarro": requests, "app con tarro": httpx.Client()}
for name, client in clients.items():
    client.get(f"{api.url}/hours")
    seen = client.get(f"{api.url}/hours").json()
    answer = client.get(f"{api.url}/dishes", headers=badge)
    print(f"{name:15}con cookie: {seen:15}con pase: {answer.status_code}")
clients["app con tarro"].close()

# %% [markdown]
# Nada prohíbe las cookies en un teléfono; lo que no hay es un tarro seguro en todos. El pase vale en los tres clientes porque cada uno lo escribe, y por eso en móviles se suele preferir.

# %% [markdown]
# **Predice.** La mesera deja el trabajo a mediodía y se borra del personal. Su pase caduca en quince minutos. A las doce y un minuto lo usa: ¿qué contesta la API?

# %%
guess = predict("¿Qué recibe la mesera después del despido?", ["200", "401", "403", "500"])
guess

# %% [markdown]
# **Ejecuta.**

# %%
STAFF.pop("mesera", None)
answer = requests.get(f"{api.url}/dishes", headers=badge)

# %% [markdown]
# **Compara.**

# %%
guess.compare(str(answer.status_code))

# %% [markdown]
# **Qué acaba de pasar.** La ventaja era no preguntar a nadie, y por eso nadie le avisó a la API. Un pase firmado **no se revoca**: vale hasta que caduca. Lo que se hace es darlos de pocos minutos y, si hay que cortar antes, anotar los números de serie prohibidos.
#
# `dependency_overrides` cambia una dependencia sin volver a escribir las rutas. FastAPI lo pensó para las pruebas; en tu servicio, la consulta va dentro de `read_pass`.

# %%
banned = redis_server("abrigos").client()


def read_pass_asking(sent: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> dict:
    who = read_pass(sent)
    if banned.exists(f"comanda:banned:{who['jti']}"):
        raise HTTPException(401, "Ese pase fue retirado.", {"WWW-Authenticate": "Bearer"})
    return who


app.dependency_overrides[read_pass] = read_pass_asking

# %% [markdown]
# Cada número se guarda solo mientras su pase siga vigente: después ya no hace falta prohibirlo.

# %%
who = jwt.decode(token, KEY, **RULES)
banned.set(f"comanda:banned:{who['jti']}", "se fue", exat=who["exp"])
answer = requests.get(f"{api.url}/dishes", headers=badge)
print(answer.status_code, answer.json()["detail"])

# %% [markdown]
# Funciona, y vuelve a preguntar a Redis en cada petición: es una sesión con otro nombre. Elegir entre sesión y pase es elegir quién recuerda y cuánto aceptas esperar para cortar.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (5 min). Pide que voten antes del despido. Si casi nadie apuesta por el 200, pregunta cuántos minutos de pase aceptarían para quien lee el menú y para quien firma pagos; si aciertan, pregunta dónde guardaría el pase un navegador: en una cookie `HttpOnly`, y entonces vuelve todo lo de la sección 2.

# %% [markdown]
# ## Sala de averías
#
# Dos maneras de perder: que el guardarropa se quede sin abrigos y que alguien se lleve el tuyo. La caja de La Comanda, con su página, sus sesiones en Redis y un bote de propinas:

# %%
import secrets
from typing import Annotated

import jwt
import requests
from fastapi import APIRouter, Cookie, Depends, FastAPI, Form, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse
from workshop import page, plan, predict, redis_server, serve

redis = redis_server("averias", private=True)
coats = redis.client()
till = APIRouter(prefix="/till")

# %% [markdown]
# Entrar y saber quién eres:


# %%
@till.post("/login", response_class=PlainTextResponse)
def log_in(request: Request, response: Response) -> str:
    ticket, path = secrets.token_urlsafe(32), f"{request.scope['root_path']}/till"
    coats.set(f"comanda:session:{ticket}", "mesera", ex=1800)
    response.set_cookie("comanda_till", ticket, path=path, httponly=True, samesite="lax")
    return "Ya entraste."


def who_is(comanda_till: Annotated[str, Cookie()] = "") -> str:
    if user := coats.get(f"comanda:session:{comanda_till}"):
        return user
    raise HTTPException(401, "No sé quién eres.")


# %% [markdown]
# Dejar una propina, con un formulario de los de siempre:


# %%
@till.get("", response_class=HTMLResponse)
def home() -> str:
    return """<!doctype html><html lang="es"><meta charset="utf-8"><title>La caja</title><h1>La caja</h1>
    <form method="post" action="till/login"><button>Entrar</button></form>
    <form method="post" action="till/tips"><input type="hidden" name="amount" value="20">
    <button>Dejar 20 pesos</button></form>"""


@till.post("/tips", response_class=PlainTextResponse)
def give_tip(amount: Annotated[int, Form()], user: Annotated[str, Depends(who_is)]) -> str:
    return f"{user} dejó {amount} pesos"


app = FastAPI(title="La caja")
app.include_router(till)
api = serve(app, name="caja")
browser = requests.Session()
browser.post(f"{api.url}/till/login").text

# %% [markdown]
# **Predice.** Redis muere y vuelve enseguida, en el mismo sitio. La mesera no cerró nada. ¿Qué recibe al dejar una propina?

# %%
guess = predict("Con Redis de vuelta, ¿qué recibe?", ["200", "401", "500"])
guess

# %% [markdown]
# **Ejecuta.**


# %%
def tip(client: requests.Session) -> int:
    answer = requests.post(f"{api.url}/till/tips", data={"amount": 20}, cookies=client.cookies)
    return answer.status_code


codes = {"sano": tip(browser)}
redis.kill()
codes["muerto"] = tip(browser)
redis.recover()
codes["de vuelta"] = tip(browser)
codes

# %% [markdown]
# **Compara.**

# %%
guess.compare(str(codes["de vuelta"]))

# %% [markdown]
# Sin Redis, la caja no puede saber quién es nadie y contesta 500; en producción sería un 503. Con Redis de vuelta contesta 401: guarda en memoria, volvió vacío y todo el mundo está fuera a la vez. **Repáralo:** que arranque anotando cada cambio en disco (`appendonly`).

# %%
redis.config(appendonly=True).restart()
browser.post(f"{api.url}/till/login")
redis.kill()
redis.recover()
tip(browser)

# %% [markdown]
# Ahora rompe tú. Pulsa «Ralentizar» y ejecuta la celda que sigue al plano; pulsa «Reparar la red» y ejecútala otra vez.

# %%
plan(redis)

# %% [markdown]
# Una propina, con su demora:

# %%
answer = requests.post(f"{api.url}/till/tips", data={"amount": 20}, cookies=browser.cookies)
print(answer.status_code, " tardó más de 0.3 s:", answer.elapsed.total_seconds() > 0.3)

# %% [markdown]
# Con el guardarropa lento, toda la API es lenta. Un pase firmado no lo habría notado, porque no pregunta a nadie.

# %% [markdown]
# **El ticket robado.** Un ticket no dice de quién es: quien lo trae, recoge. Alguien lo copió de una pantalla compartida.

# %%
redis.recover()
browser.post(f"{api.url}/till/login")
thief = requests.Session()
thief.cookies.set("comanda_till", browser.cookies["comanda_till"])
print("el ladrón:", tip(thief))

# %% [markdown]
# No hay manera de distinguirlo, y por eso se dificulta el robo (`HttpOnly`, `Secure`, HTTPS) y se tiene a mano la salida: cerrar todas las sesiones de esa persona. Aquí basta recorrer las llaves; con un millón de sesiones se lleva además una lista por persona.

# %%
for key in coats.scan_iter("comanda:session:*"):
    if coats.get(key) == "mesera":
        coats.delete(key)
print("el ladrón:", tip(thief), " la mesera:", tip(browser))
browser.post(f"{api.url}/till/login")
print("la mesera entra otra vez:", tip(browser), " el ladrón:", tip(thief))

# %% [markdown]
# **El formulario ajeno.** Nadie roba nada: otra página hace que tu propio navegador envíe la orden, con tu cookie puesta. Se llama **CSRF** (*cross-site request forgery*). Esta página regala recetas:

# %%
trap_app = FastAPI(title="Recetas gratis")


@trap_app.get("/", response_class=HTMLResponse)
def recipes() -> str:
    return f"""<!doctype html><html lang="es"><meta charset="utf-8"><title>Recetas gratis</title><h1>Recetas gratis</h1>
    <form method="post" action="{api.url}/till/tips"><input type="hidden" name="amount" value="500">
    <button>Ver la receta del mole</button></form>"""


trap = serve(trap_app, name="recetas")

# %% [markdown]
# Entra en la caja y deja una propina: «Actualizar» te devuelve a la página. Luego pide la receta. (En Binder las dos páginas salen de la misma dirección y la trampa no alcanza a la caja; hazlo en tu máquina.)

# %%
page(api, "/till", height=200)

# %% [markdown]
# Y ahora, la receta:

# %%
page(trap, height=160)

# %% [markdown]
# Entró, a pesar de `SameSite=Lax`. Un **sitio** (*site*) no es un **origen** (*origin*): en el sitio no cuenta el puerto, así que estas dos páginas son del mismo. Abre la trampa en otra pestaña, cambia `127.0.0.1` por `localhost` en la dirección y pide la receta: ahora son dos sitios, la cookie no viaja y recibes un 401.
#
# La defensa que falta está en el servidor. El navegador cuenta de dónde salió cada petición en `Sec-Fetch-Site`, un encabezado que ninguna página puede escribir. Lo envía por HTTPS y dentro de tu máquina; para los navegadores antiguos, que no lo envían, se esconde además un número secreto en cada formulario.

# %%
guarded = FastAPI(title="La caja, con guardia")


@guarded.middleware("http")
async def only_from_here(request: Request, call_next):
    source = request.headers.get("Sec-Fetch-Site", "none")
    if request.method not in ("GET", "HEAD") and source not in ("same-origin", "none"):
        return PlainTextResponse("Esa orden no salió de una página mía.", 403)
    return await call_next(request)


guarded.include_router(till)

# %% [markdown]
# La misma orden, como la envía un navegador desde cada lugar, sin guardia y con ella:

# %%
order = {"data": {"amount": 500}, "cookies": browser.cookies}
for guard, served in {"sin guardia": app, "con guardia": guarded}.items():
    api = serve(served, name="caja")
    for source in ("same-origin", "same-site", "cross-site"):
        answer = requests.post(f"{api.url}/till/tips", **order, headers={"Sec-Fetch-Site": source})
        print(f"{guard} {source:12} {answer.status_code}")

# %% [markdown]
# Los renglones `cross-site` llevan la cookie porque este cliente es de Python y no hace caso a SameSite; tu navegador no la habría enviado. La guardia ya está puesta: pulsa «Actualizar» en la página de las recetas y pide otra.
#
# **El pase alterado.** Una API con prisa lee el pase sin comprobarlo. Con eso basta un papel y un lápiz:

# %%
forged = jwt.encode({"sub": "mesera", "role": "gerencia"}, "una llave inventada por quien ataca, 32 letras")
print("con prisa:", jwt.decode(forged, options={"verify_signature": False})["role"])
try:
    jwt.decode(forged, "el sello del guardarropa nunca sale de la caja fuerte", algorithms=["HS256"])
except jwt.InvalidTokenError as refusal:
    print("con cuidado:", type(refusal).__name__)

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (6 min). El formulario ajeno es el que más discusión da: pregunta quién hizo algo mal. Si culpan al navegador, obedeció; si culpan a la página ajena, solo tiene un botón. Si señalan a la caja, sigue: recibió una orden bien identificada y no preguntó de dónde salía. Sin tiempo, salta el plano de Redis.

# %% [markdown]
# ## Ejercicio 1 · El guardarropa completo
#
# **Meta.** Sesiones de verdad, en Redis:
#
# - `POST /login` con `{"user": …, "password": …}`: 204 y la cookie `comanda_session`, `HttpOnly` y `SameSite`, con un identificador nuevo al azar; si no, 401, igual en texto y en tiempo para quien no existe y para quien se equivoca;
# - `GET /me`: 200 con `{"user": …}`, o 401;
# - `POST /logout`: 204, y esa sesión, solo esa, deja de existir.
#
# La sesión vive en Redis y caduca en una hora o menos. Mientras `POST /login` conteste 501, la revisión lo considera sin intentar.

# %%
import secrets
from typing import Annotated

from fastapi import Cookie, FastAPI, HTTPException, Response
from pwdlib import PasswordHash
from pydantic import BaseModel
from workshop import check, hint, redis_server, serve
from workshop.restaurant import session_inspection

hasher = PasswordHash.recommended()
USERS = {"mesera": hasher.hash("tlayuda-42"), "gerente": hasher.hash("pozole-17")}
redis = redis_server("ejercicio", private=True)
coats = redis.client()

# %% [markdown]
# Viene hecho lo que llega por la puerta y lo que usa la revisión para mirar Redis.


# %%
class Credentials(BaseModel):
    user: str
    password: str


coat_app = FastAPI(title="Ejercicio 1")
coat_app.include_router(session_inspection(redis))

# %% [markdown]
# Escribe aquí tu solución y ejecuta la celda cuantas veces quieras: el servicio cambia solo.


# %% tags=["exercise"]
@coat_app.post("/login", status_code=204)
def log_in(sent: Credentials, response: Response) -> None:
    raise HTTPException(501, "Ejercicio 11.1, sin intentar")


@coat_app.get("/me")
def me(comanda_session: Annotated[str, Cookie()] = "") -> dict:
    raise HTTPException(501, "Ejercicio 11.1, sin intentar")


@coat_app.post("/logout", status_code=204)
def log_out(comanda_session: Annotated[str, Cookie()] = "") -> None:
    raise HTTPException(501, "Ejercicio 11.1, sin intentar")


cloakroom = serve(coat_app)


# %% tags=["solution", "long"]
DECOY = hasher.hash("un resumen para quien no existe")


@coat_app.post("/login", status_code=204)
def log_in(sent: Credentials, response: Response) -> None:
    right = hasher.verify(sent.password, USERS.get(sent.user, DECOY))
    if not right or sent.user not in USERS:
        raise HTTPException(401, "Usuario o contraseña incorrectos.")
    ticket = secrets.token_urlsafe(32)
    coats.set(f"session:{ticket}", sent.user, ex=1800)
    response.set_cookie("comanda_session", ticket, httponly=True, samesite="lax")


@coat_app.get("/me")
def me(comanda_session: Annotated[str, Cookie()] = "") -> dict:
    user = coats.get(f"session:{comanda_session}")
    if user is None:
        raise HTTPException(401, "No sé quién eres.")
    return {"user": user}


@coat_app.post("/logout", status_code=204)
def log_out(comanda_session: Annotated[str, Cookie()] = "") -> None:
    coats.delete(f"session:{comanda_session}")


cloakroom = serve(coat_app)

# %% [markdown]
# La revisión entra, sale, inventa tickets y borra sesiones por detrás.

# %%
check("11.1", cloakroom)

# %% [markdown]
# Si te atoras, `hint("11.1")` da una pista; vuelve a llamarla para la siguiente.

# %% [markdown]
# ## Ejercicio 2 · El pase que no se deja engañar
#
# **Meta.** La API recibe pases en `Authorization: Bearer …`, firmados con `KEY` y HS256, para `la-comanda`, con `sub`, `role` y `exp`.
#
# - `GET /me`: 200 con `{"sub": …, "role": …}`;
# - `DELETE /dishes/{dish_id}`: 204 si el rol es `gerencia`; 403 si es otro;
# - sin un pase válido, 401 con `WWW-Authenticate: Bearer`, sea cual sea el engaño.

# %%
from typing import Annotated

import jwt
from fastapi import FastAPI, Header, HTTPException
from workshop import check, hint, serve

KEY = "el sello del ejercicio once, que solo conocen la API y la revisión"
pass_app = FastAPI(title="Ejercicio 2")


# %% [markdown]
# Escribe aquí tu solución.


# %% tags=["exercise"]
@pass_app.get("/me")
def me(authorization: Annotated[str, Header()] = "") -> dict:
    raise HTTPException(501, "Ejercicio 11.2, sin intentar")


@pass_app.delete("/dishes/{dish_id}", status_code=204)
def delete_dish(dish_id: int, authorization: Annotated[str, Header()] = "") -> None:
    raise HTTPException(501, "Ejercicio 11.2, sin intentar")


gate = serve(pass_app)


# %% tags=["solution", "long"]
REQUIRED = {"require": ["sub", "role", "exp", "aud"]}


def read_pass(authorization: str) -> dict:
    token = authorization.removeprefix("Bearer ")
    try:
        return jwt.decode(token, KEY, algorithms=["HS256"], audience="la-comanda", options=REQUIRED)
    except jwt.InvalidTokenError:
        raise HTTPException(401, "Pase no válido.", {"WWW-Authenticate": "Bearer"}) from None


@pass_app.get("/me")
def me(authorization: Annotated[str, Header()] = "") -> dict:
    claims = read_pass(authorization)
    return {"sub": claims["sub"], "role": claims["role"]}


@pass_app.delete("/dishes/{dish_id}", status_code=204)
def delete_dish(dish_id: int, authorization: Annotated[str, Header()] = "") -> None:
    if read_pass(authorization)["role"] != "gerencia":
        raise HTTPException(403, "Eso lo hace la gerencia.")


gate = serve(pass_app)

# %% [markdown]
# La revisión conoce la llave: hace pases buenos y una docena de malos.

# %%
check("11.2", gate)

# %% [markdown]
# También aquí hay pistas: `hint("11.2")`.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (7 min). El segundo cabe en clase; el primero, en grupos rápidos o para casa. Pregunta mientras escriben: ¿qué se contesta a quien sí se identificó y no le toca? Si dicen 401, que repitan la celda de las tres personas de la sección 6; si dicen 403, sigue. Errores que verás: `GET /me` que lee el nombre de la propia cookie, una sesión sin plazo, olvidar `algorithms` y atrapar solo `ExpiredSignatureError`.

# %% [markdown]
# ## Comprueba lo que sabes
#
# Cada respuesta equivocada corresponde a una confusión conocida; si caes en una, lee por qué.

# %%
from workshop import quiz

quiz("11")

# %% [markdown]
# ## ¿Dónde se rompe la analogía?
#
# - Un ticket de papel está en un bolsillo o en otro. Una cookie se copia, y la copia vale lo mismo mientras la original sigue en su sitio.
# - Quien cuida los abrigos te ve la cara y puede dudar. El servicio solo ve el ticket: por eso se pide la contraseña otra vez antes de algo grave.
# - Para llevarse un abrigo hay que ir al guardarropa. En la red, una página ajena puede mandarte a ti a recogerlo sin que te enteres.
#
# ## Resumen
#
# - **Cookies:** un texto que da el servicio y devuelve el cliente; las condiciones (`Max-Age`, `HttpOnly`, `SameSite`) las cumple el navegador, y el valor lo puede escribir cualquiera.
# - **Contraseñas:** se guarda un resumen lento y con sal; el «no» es igual en texto y en tiempo, exista o no la persona.
# - **Sesiones:** al cliente va un identificador al azar y en Redis se queda lo demás; sobreviven a la API, se cierran en el acto y cuestan una consulta por petición.
# - **JWT:** se lee sin llave y no se altera sin ella; caduca, sirve en cualquier cliente y no se revoca sin volver a preguntar.
#
# ## En la práctica
#
# - La cookie de una sesión lleva `HttpOnly`, `Secure`, `SameSite=Lax` y, si puede, el prefijo `__Host-`, con el que el navegador exige HTTPS y que no la comparta ningún otro subdominio.
# - Al entrar, y al ganar permisos, se da un identificador nuevo: si no, quien te dejó el suyo puesto de antemano entra contigo (*session fixation*).
# - Los pases duran minutos y se renuevan con otro más largo (*refresh token*), que sí se guarda y sí se revoca: las dos ideas juntas.
# - Con muchos servicios se firma con un par de llaves: una privada, que firma, y otra pública, que cualquiera usa para comprobar (RS256, EdDSA). Las llaves se cambian cada cierto tiempo y no se escriben en el código, como aquí: viven en una variable de entorno o en un gestor de secretos.
# - Casi nadie escribe todo esto: se delega en OpenID Connect, que reparte JWT. Ahora sabes qué comprobar cuando llega uno.
#
# **El siguiente capítulo,** *Organizar la despensa*, va al fondo del restaurante: dónde se guarda lo que no se puede perder.
#
# Antes de irte, mira tu avance y apaga lo que encendiste.

# %%
from workshop import progress

progress("11")

# %% [markdown]
# Nada de lo que arrancó este cuaderno sobrevive a su kernel; las cookies que pediste, sí: son de tu navegador. Tíralas desde la página de la sección 2, o deja que caduquen.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (1 min). Cierra con una pregunta: si hoy hubiera que echar a una persona de todos tus sistemas, ¿en cuántos seguiría dentro mañana? Si dicen que en ninguno, pregunta cómo lo saben; si no lo saben, ya tienen tarea.

# %%
from workshop import stop_all

stop_all()
