# %% [markdown]
# # 6 · Firmar el contrato entre dos programas
#
# En este capítulo construirás dos servicios que se piden cosas entre sí, romperás el acuerdo que los une y lo repararás sin que nadie tenga que parar.
#
# **Aprenderás a**
#
# - distinguir quién es cliente y quién servidor en cada llamada, y qué promete una API;
# - nombrar direcciones como las de la guía y como recursos, y ver qué cambia;
# - empaquetar los mismos datos en JSON y en XML, y leer XML ajeno sin peligro;
# - cambiar un contrato sin romper a quien ya lo usa.
#
# **Necesitas** el capítulo 00 y saber leer una función de Python. **Minutos:** 40.
#
# ## La historia
#
# En La Comanda, la caja imprime la cuenta con el nombre de quien atendió, y ese nombre lo guarda el sistema de personal, que es de otro equipo. Un martes ese equipo decidió que `name` se llamaría `full_name`, y a la hora de la comida no salió ni una cuenta. Nadie había escrito un error: faltaba un contrato.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (2 min). Pregunta qué aplicación del grupo dejó de servir sin que nadie de su equipo la tocara. Anota las causas. Si una es «cambiaron la API», déjala a la vista y vuelve a ella en la sección 6; si no sale, cuenta la del martes; si abundan, sigue.

# %% [markdown]
# ## 1. Un programa le pide a otro
#
# Una **API** (*application programming interface*) es un conjunto de reglas: qué se puede pedir, cómo se pide y qué se recibe. Quien pide es el **cliente** (*client*); quien recibe la petición, la ejecuta y contesta, el **servidor** (*server*). En el restaurante, la ventanilla de la cocina: hay cosas que se piden por ahí y cosas que no, y nadie entra a ver cómo se cocinan.
#
# Esta celda pone en marcha el servicio de personal dentro de tu kernel. Cada sección empieza con una celda así: si reinicias el kernel, retoma desde ella.

# %%
import requests
from fastapi import FastAPI, HTTPException
from workshop import predict, serve, xray

staff_app = FastAPI(title="Personal")
STAFF = {1: "Mesera de la terraza", 2: "Jefa de cocina", 3: "Cajero"}


@staff_app.get("/users/{user_id}")
def read_user(user_id: int) -> dict:
    if user_id not in STAFF:
        raise HTTPException(404, f"No hay un usuario con id {user_id}.")
    return {"id": user_id, "name": STAFF[user_id]}


staff = serve(staff_app, name="personal")

# %% [markdown]
# La caja es otro servicio, en otro puerto. Para armar una cuenta necesita un nombre, y lo pide como lo pedirías tú.

# %%
cash_app = FastAPI(title="Caja")


@cash_app.get("/bills/{table}")
def read_bill(table: int) -> dict:
    waiter = requests.get(f"{staff.url}/users/1").json()
    return {"table": table, "total": 480, "waiter": waiter["name"]}


cash = serve(cash_app, name="caja")

# %% [markdown]
# **Predice.** Vas a pedirle a la caja la cuenta de la mesa 7. En esa historia hay tres programas: este cuaderno, la caja y el servicio de personal. ¿Cuántos hacen de cliente?

# %%
guess = predict("¿Cuántos hacen de cliente?", ["1", "2", "3"])
guess

# %% [markdown]
# **Ejecuta.** Los **rayos X** (*tracing*) siguen la petición de un programa a otro. Léelos de arriba abajo: cada renglón cuelga de quien lo hizo.

# %% tags=["claim:06.2", "claim:06.3"]
with xray("la cuenta de la mesa 7") as trace:
    bill = requests.get(f"{cash.url}/bills/7").json()

print(bill)
trace

# %% [markdown]
# **Compara.** La medida son las llamadas que salieron de un programa hacia otro.

# %%
guess.compare(str(sum(span.layer == "cliente" for span in trace.spans)))

# %% [markdown]
# «Cliente» y «servidor» no son clases de programas: son papeles, y duran lo que dura una llamada. La caja fue servidor para ti y cliente para personal. Mira la pestaña de la secuencia: la caja está en medio, con flechas hacia los dos lados.
#
# ¿Y dónde está la API? No es el programa, sino las reglas. Compruébalo: el equipo de personal tira su código y lo escribe de otra manera, con otra librería y otra forma de guardar los datos. Lo único que conserva es la ventanilla.

# %% tags=["claim:06.1"]
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

PEOPLE = ["Mesera de la terraza", "Jefa de cocina", "Cajero"]


async def find(request):
    number = request.path_params["n"]
    return JSONResponse({"name": PEOPLE[number - 1], "id": number})


staff = serve(Starlette(routes=[Route("/users/{n:int}", find)]), name="personal")
print("La caja no notó el cambio:", requests.get(f"{cash.url}/bills/7").json() == bill)

# %% [markdown]
# **Qué acaba de pasar.** Cambió todo menos el contrato, y la caja siguió igual. Para eso sirve una API: cada lado puede cambiar por dentro cuanto quiera mientras cumpla lo que dijo por fuera. La historia del martes es la otra mitad: por dentro no cambió nada, cambió una palabra de la ventanilla, y se rompió todo.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (5 min). Pide al grupo que diga, renglón por renglón, quién es cliente y quién servidor. Si alguien contesta «el navegador es el cliente y el backend es el servidor», pregúntale qué es la caja.

# %% [markdown]
# ## 2. Una dirección por función
#
# Cada cosa que una API ofrece tiene su **dirección** (*endpoint*). La guía pone de ejemplo un servicio de usuarios con tres: `/users` da la lista, `/users/create` crea uno y `/users/:id` da el que tenga ese identificador. Aquí están, tal cual; FastAPI escribe `{user_id}` donde la guía escribe `:id`.

# %%
import requests
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from workshop import console, predict, serve

app = FastAPI(title="Usuarios, como en la guía")
users = {1: {"id": 1, "name": "Mesera de la terraza"}, 2: {"id": 2, "name": "Jefa de cocina"}}


class NewUser(BaseModel):
    name: str


# %% [markdown]
# Las dos primeras funciones: la lista y el alta.


# %%
@app.get("/users")
def list_users() -> list[dict]:
    return list(users.values())


@app.post("/users/create")
def create_user(user: NewUser) -> dict:
    number = max(users, default=0) + 1
    users[number] = {"id": number, "name": user.name}
    return users[number]


# %% [markdown]
# La tercera lleva un hueco en la dirección, y lo que llegue en él tiene que ser un número:


# %%
@app.get("/users/{user_id}")
def read_user(user_id: int) -> dict:
    if user_id not in users:
        raise HTTPException(404, f"No hay un usuario con id {user_id}.")
    return users[user_id]


api = serve(app)

# %% [markdown]
# Tres funciones, tres direcciones. Por dentro no tienen nada que un programa cualquiera no tenga; lo que las hace API es que se llega a ellas por la red.

# %% tags=["claim:06.4"]
print("GET  /users        ", requests.get(f"{api.url}/users").json())
print("POST /users/create ", requests.post(f"{api.url}/users/create", json={"name": "Cajero"}).json())
print("GET  /users/3      ", requests.get(f"{api.url}/users/3").json())

# %% [markdown]
# **Predice.** Alguien se equivoca de verbo y hace `GET /users/create`. ¿Qué código contesta el servidor?

# %%
guess = predict("¿Qué contesta GET /users/create?", ["200", "404", "405", "422"])
guess

# %% [markdown]
# **Ejecuta.**

# %%
wrong_verb = requests.get(f"{api.url}/users/create")
print(wrong_verb.status_code, wrong_verb.json()["detail"][0]["loc"], wrong_verb.json()["detail"][0]["input"])

# %% [markdown]
# **Compara.**

# %%
guess.compare(str(wrong_verb.status_code))

# %% [markdown]
# **Qué acaba de pasar.** El servidor entendió otra cosa: que pedías al usuario llamado `create`. `/users/create` y `/users/:id` tienen la misma forma, y lo único que las separaba era el verbo. El 422 (*Unprocessable Content*) dice que `create` no es un número; si los identificadores fueran texto, habría sido un 404, y con un usuario llamado `create`, un 200 con los datos de otra persona. Dentro de una misma familia de direcciones, los nombres de las acciones y los de las cosas compiten por el mismo lugar.
#
# Prueba con la consola: crea un usuario y luego pídelo.

# %%
console(api, method="POST", path="/users/create", body={"name": "Mesero del patio"})

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (4 min). Pregunta qué contesta `GET /users/create` y por qué. Si la mayoría dice 404 o 405, pide que lean el 422 en voz alta: qué campo, dónde y qué llegó. Si acierta, pregunta qué pasaría con un usuario cuyo nombre de cuenta fuera `create`; si no, sigue.

# %% [markdown]
# ## 3. Lo mismo, como recursos
#
# Hay otra manera de nombrar. En lugar de una dirección por acción, una por **cosa**, y que la acción la diga el verbo de HTTP. Es la idea de **REST** (*Representational State Transfer*): `/users` es la colección, `/users/1` es una persona, y sobre ellas se hace `GET`, `POST`, `PUT` o `DELETE`. El **recurso** (*resource*) es un sustantivo; el verbo ya existía.
#
# Primero, la versión de las acciones. Ya le agregaron cómo dar de baja, y alguien la hizo con `GET` para poder probarla desde la barra del navegador.

# %% tags=["long"]
import requests
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from workshop import predict, serve


def five_users() -> dict:
    return {number: {"id": number, "name": f"Comensal {number}"} for number in range(1, 6)}


actions, by_action = FastAPI(title="Usuarios, por acciones"), five_users()


@actions.get("/users")
def list_users() -> list:
    return list(by_action.values())


@actions.get("/users/{user_id}")
def read_user(user_id: int) -> dict:
    if user_id not in by_action:
        raise HTTPException(404, f"No hay un usuario con id {user_id}.")
    return by_action[user_id]


@actions.get("/users/delete/{user_id}")
def delete_user(user_id: int) -> None:
    by_action.pop(user_id, None)


action_api = serve(actions)

# %% [markdown]
# Y la versión de los recursos. Crear es `POST` sobre la colección y dar de baja, `DELETE` sobre la persona: ninguna dirección nueva.

# %% tags=["long"]
resources, by_resource = FastAPI(title="Usuarios, como recursos"), five_users()


class NewUser(BaseModel):
    name: str


@resources.post("/users", status_code=201)
def create_user(user: NewUser) -> dict:
    number = max(by_resource, default=0) + 1
    by_resource[number] = {"id": number, "name": user.name}
    return by_resource[number]


@resources.get("/users")
def list_users() -> list:
    return list(by_resource.values())


@resources.get("/users/{user_id}")
def read_user(user_id: int) -> dict:
    if user_id not in by_resource:
        raise HTTPException(404, f"No hay un usuario con id {user_id}.")
    return by_resource[user_id]


@resources.delete("/users/{user_id}", status_code=204)
def delete_user(user_id: int) -> None:
    by_resource.pop(user_id, None)


resource_api = serve(resources)

# %% [markdown]
# Ahora llega un robot de los que recorren la red: un buscador, o un navegador que adelanta las páginas que quizá pidas. Es educado y cumple la norma: como `GET` solo lee, hace `GET` de todo lo que encuentra y nunca otra cosa.


# %%
def crawl(api) -> None:
    """Hace GET de cada dirección que el contrato anuncia, con los identificadores del 1 al 5."""
    contract = requests.get(f"{api.url}/openapi.json").json()
    for path, verbs in contract["paths"].items():
        for user_id in range(1, 6):
            if "get" in verbs:
                requests.get(api.url + path.format(user_id=user_id))


# %% [markdown]
# **Predice.** Cada servicio tiene cinco usuarios. Después de que el robot recorre el de las acciones, ¿cuántos le quedan?

# %%
guess = predict("¿Cuántos usuarios le quedan al de las acciones?", ["5", "4", "0"])
guess

# %% [markdown]
# **Ejecuta.** El mismo robot, en los dos servicios.

# %% tags=["claim:06.6"]
for api in (action_api, resource_api):
    crawl(api)
    left = len(requests.get(f"{api.url}/users").json())
    contract = requests.get(f"{api.url}/openapi.json").json()
    offers = [f"{verb.upper()} {path}" for path, verbs in contract["paths"].items() for verb in verbs]
    print(f"{contract['info']['title']}: quedan {left} usuarios\n   {', '.join(offers)}")

# %% [markdown]
# **Compara.**

# %%
guess.compare(str(len(by_action)))

# %% [markdown]
# **Qué acaba de pasar.** El robot no hizo nada malo: creyó lo que dice el verbo. `GET` es un método **seguro** (*safe*), y con esa promesa cuentan los buscadores, las cachés y los navegadores. La historia es real: en 2005, un acelerador de navegación hizo desaparecer páginas de la gente: seguía por adelantado los enlaces que decían «borrar». Usar los verbos de HTTP sobre recursos no es cuestión de gusto: es decirles la verdad a los programas que están en medio.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (4 min). Pregunta qué verbo usan en su trabajo para «cancelar un pedido» y cuál sería el recurso. Si alguien dice `GET`, pregúntale qué haría el robot con esa dirección. Si dicen `DELETE /orders/7` o `POST /orders/7/cancellation`, las dos se defienden: sigue, que el capítulo 07 continúa por aquí.

# %% [markdown]
# ## 4. El empaque: JSON o XML
#
# Por el cable no viajan diccionarios, viajan bytes. Para que el otro lado los entienda hay que acordar un empaque. **JSON** (*JavaScript Object Notation*) y **XML** (*Extensible Markup Language*) son los dos que nombra la guía: el primero está en casi toda API de hoy; el segundo, en facturas, bancos y gobiernos.
#
# Este servicio tiene 300 usuarios y habla los dos. Empaquetar en XML es armar un árbol de etiquetas:

# %%
import json
import xml.etree.ElementTree as ET
from typing import Annotated

import requests
from fastapi import FastAPI, Header, Response
from fastapi.responses import JSONResponse
from workshop import bars, predict, serve

DINERS = [{"id": n, "name": f"Comensal {n}", "visits": n % 7, "member": n % 2 == 0} for n in range(1, 301)]


def as_xml(rows: list[dict]) -> bytes:
    root = ET.Element("users")
    for row in rows:
        user = ET.SubElement(root, "user")
        for field, value in row.items():
            ET.SubElement(user, field).text = str(value)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


# %% [markdown]
# La dirección es una sola. Cuál de los dos empaques va de vuelta lo pide el cliente en el encabezado `Accept` y lo dice el servidor en `Content-Type`: se llama **negociación de contenido** (*content negotiation*). `Vary` avisa a las cachés que la misma dirección tiene más de una respuesta.

# %%
app = FastAPI(title="Comensales")


@app.get("/users")
def list_users(accept: Annotated[str, Header()] = "*/*"):
    headers = {"Vary": "Accept"}
    if "application/xml" in accept:
        return Response(as_xml(DINERS), media_type="application/xml", headers=headers)
    return JSONResponse(DINERS, headers=headers)


api = serve(app)

# %% [markdown]
# **Predice.** Los mismos 300 usuarios, en los dos empaques. ¿Cuál ocupa más bytes en el cable? «Casi lo mismo» es un 10 % de diferencia o menos.

# %%
guess = predict("¿Cuál ocupa más?", ["JSON", "XML", "casi lo mismo"])
guess

# %% [markdown]
# **Ejecuta.** La misma dirección, dos veces; solo cambia `Accept`.

# %% tags=["claim:06.5"]
packed = {}
for kind in ("application/json", "application/xml"):
    packed[kind] = requests.get(f"{api.url}/users", headers={"Accept": kind})
    print(packed[kind].headers["Content-Type"])
    print("  ", packed[kind].text.removeprefix("<?xml version='1.0' encoding='utf-8'?>\n")[:98], "…")

# %% [markdown]
# **Compara.**

# %%
in_json, in_xml = (answer.content for answer in packed.values())
ratio = len(in_xml) / len(in_json)
guess.compare("XML" if ratio > 1.1 else "JSON" if ratio < 1 / 1.1 else "casi lo mismo")

# %% [markdown]
# XML escribe el nombre de cada campo dos veces, al abrir y al cerrar. Pero lo repetido se comprime bien, y casi todo lo que viaja por HTTP viaja comprimido:

# %%
import gzip

small_json, small_xml = len(gzip.compress(in_json)), len(gzip.compress(in_xml))
print("XML pesa más:", len(in_xml) > len(in_json))
print("comprimidos, la diferencia es mucho menor:", small_xml / small_json - 1 < (ratio - 1) / 2)
bars(
    {"JSON": len(in_json), "XML": len(in_xml), "JSON comprimido": small_json, "XML comprimido": small_xml},
    "bytes",
    title="lo que ocupan 300 usuarios",
)

# %% [markdown]
# Falta lo que cuesta abrir el paquete. Para XML hay dos lectores: el de la biblioteca estándar y `defusedxml`, que además desconfía. Por qué hace falta desconfiar lo verás en la sala de averías.

# %%
from timeit import repeat

import defusedxml.ElementTree as careful


def milliseconds(read, packet: bytes) -> list[float]:
    """Lo que tarda cada lectura: siete medidas, de veinte lecturas cada una."""
    return [seconds * 1000 / 20 for seconds in repeat(lambda: read(packet), number=20, repeat=7)]


readers = {"JSON": json.loads, "XML": ET.fromstring, "XML con cuidado": careful.fromstring}
taken = {name: milliseconds(read, in_json if name == "JSON" else in_xml) for name, read in readers.items()}
faster = min(taken["JSON"]) < min(taken["XML"]) and min(taken["JSON"]) < min(taken["XML con cuidado"])
bars(taken, title="lo que tarda leer 300 usuarios", claim=f"leer JSON fue lo más rápido: {faster}")

# %% [markdown]
# Y la diferencia que más duele no está en los bytes ni en los milisegundos:

# %%
diner, same = json.loads(in_json)[1], careful.fromstring(in_xml)[1]
print("JSON: visits es", type(diner["visits"]).__name__, "y member es", type(diner["member"]).__name__)
print("XML:  visits es", type(same.findtext("visits")).__name__, "y member es", repr(same.findtext("member")))

# %% [markdown]
# **Qué acaba de pasar.** JSON trae unos pocos tipos: número, texto, verdadero o falso, lista, objeto y nada. XML solo trae texto, así que alguien tiene que decir que `visits` es un número: por eso el XML serio va acompañado de un documento aparte con las reglas de cada campo. A cambio, XML tiene atributos, espacios de nombres y firmas dentro del mismo documento, y para una factura que pasa por cinco manos eso vale los bytes.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (5 min). Pide ejemplos de XML que el grupo use sin saberlo: la factura electrónica, un `.docx`, un `.svg`. Si alguien dice «XML es viejo», pregunta qué le falta a JSON para llevar una firma por dentro.

# %% [markdown]
# ## 5. El contrato, por escrito
#
# Hasta aquí las reglas de cada API estaban en su código, y quien quisiera usarla tenía que preguntar. **OpenAPI** es una manera acordada de escribirlas: qué direcciones hay, qué verbos, qué entra y qué sale. FastAPI lo redacta a partir de tus tipos. Lo leen personas y lo leen programas.

# %%
from enum import StrEnum

import requests
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from workshop import generate_client, page, predict, serve, xray


class Role(StrEnum):
    WAITER = "mesero"
    COOK = "cocina"


class NewUser(BaseModel):
    name: str
    role: Role = Role.WAITER


class User(NewUser):
    id: int


# %% [markdown]
# Fíjate en las anotaciones: dicen qué entra y qué sale, y el contrato sale de ellas. `generate_unique_id_function` le da a cada operación el nombre de su función, y no uno larguísimo con la ruta entera.

# %%
app = FastAPI(title="Usuarios", generate_unique_id_function=lambda route: route.name)
users = {1: User(id=1, name="Mesera de la terraza")}


@app.get("/users/{user_id}")
def read_user(user_id: int) -> User:
    """Una persona por su id."""
    if user_id not in users:
        raise HTTPException(404, f"No hay un usuario con id {user_id}.")
    return users[user_id]


@app.post("/users", status_code=201)
def create_user(user: NewUser) -> User:
    """Da de alta a una persona."""
    number = max(users, default=0) + 1
    users[number] = User(id=number, **user.model_dump())
    return users[number]


api = serve(app)

# %% [markdown]
# Para las personas, FastAPI lo dibuja en `/docs`. Abre `POST /users`, presiona `Try it out` y da de alta a alguien: es el servicio de verdad, y no hace falta internet.

# %%
page(api, "/docs", height=560)

# %% [markdown]
# Para los programas está el mismo contrato en `/openapi.json`. Un **generador** lo lee y escribe un cliente en el lenguaje que haga falta. El de aquí es [`openapi-python-client`](https://github.com/openapi-generators/openapi-python-client); lo único que sabe de tu API es ese documento.

# %%
made = generate_client(api, "users_client")
print(made)
print("escribió modelos y operaciones en más de 500 líneas:", made.lines > 500)
print([path for path in made.files if path.startswith(("api/default/", "models/user", "models/role"))])

# %% [markdown]
# Y ahora úsalo. No hay direcciones, ni verbos, ni JSON: hay funciones y clases con los nombres de tu contrato.

# %%
import inspect

from users_client import Client
from users_client.api.default import create_user as ask_create
from users_client.api.default import read_user as ask_read
from users_client.models import NewUser as NewUserForm
from users_client.models import Role as RoleChoice

client = Client(base_url=api.url)
print(ask_read.sync(1, client=client))
print("La forma de dar de alta:", list(inspect.signature(NewUserForm).parameters))

# %% [markdown]
# **Predice.** Das de alta a alguien con el rol «pirata», que no existe. Si la petición la escribes a mano, el servidor contesta 422. ¿Y si usas el cliente generado? ¿Quién se da cuenta?

# %%
guess = predict(
    "¿Quién detiene al pirata?",
    ["el servidor, con un 422", "el cliente, sin enviar nada", "nadie: se guarda"],
)
guess

# %% [markdown]
# **Ejecuta.** Los rayos X dicen qué salió hacia la red.

# %%
print("a mano:", requests.post(f"{api.url}/users", json={"name": "Barbanegra", "role": "pirata"}).status_code)

with xray("un pirata, con el cliente generado") as trace:
    try:
        ask_create.sync(client=client, body=NewUserForm(name="Barbanegra", role=RoleChoice("pirata")))
    except ValueError as refusal:
        print("generado:", refusal)

print("llamadas que salieron:", len(trace.spans))

# %% [markdown]
# **Compara.**

# %%
saved = any(user.name == "Barbanegra" for user in users.values())
if saved:
    guess.compare("nadie: se guarda")
else:
    guess.compare("el servidor, con un 422" if trace.spans else "el cliente, sin enviar nada")

# %% [markdown]
# **Qué acaba de pasar.** El contrato viajó: la lista de roles estaba en tu servidor y ahora también está en el cliente, que se negó antes de gastar un viaje. Con el editor pasa lo mismo mientras se escribe. El servidor revisa de todos modos, porque nunca sabe quién le habla: el contrato ayuda a los clientes honrados y no detiene a los demás.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (6 min). Muestra en una celda nueva `print(made.files["models/user.py"])`: largo, aburrido y sin errores, justo lo que conviene no escribir a mano. Pregunta si con este cliente el servidor puede dejar de revisar. Si dicen que sí, repite la petición a mano; si dicen que no, pregunta qué pasa cuando el contrato miente y sigue: la sección 6 lo contesta.

# %% [markdown]
# ## 6. Romper el contrato sin querer
#
# Volvamos al martes. La caja usa un cliente generado del contrato de entonces. Esta celda arranca el servicio de personal con esa primera versión y genera ese cliente.

# %%
import requests
from fastapi import APIRouter, FastAPI, Response
from pydantic import BaseModel
from workshop import generate_client, predict, serve, xray


class User(BaseModel):
    id: int
    name: str


def staff_with(*routers: APIRouter) -> FastAPI:
    app = FastAPI(title="Personal", generate_unique_id_function=lambda route: route.name)
    for router in routers:
        app.include_router(router)
    return app


# %% [markdown]
# Un `APIRouter` es un puñado de rutas que después se cuelga de una app. Este es el de la primera versión:

# %%
first = APIRouter()


@first.get("/users/{user_id}")
def read_user(user_id: int) -> User:
    return User(id=user_id, name="Mesera de la terraza")


api = serve(staff_with(first), name="personal")
print(generate_client(api, "cash_client"))

# %% [markdown]
# El cliente de la caja, ya instalado y funcionando:

# %%
from cash_client import Client
from cash_client.api.default import read_user as ask_user

client = Client(base_url=api.url)
signed = requests.get(f"{api.url}/openapi.json").json()
print(ask_user.sync(1, client=client).name)

# %% [markdown]
# Llega el martes: en la versión nueva, `name` se llama `full_name`, y además hay un campo que antes no estaba. Se publica en el mismo lugar.


# %%
class FullUser(BaseModel):
    id: int
    full_name: str
    shift: str


renamed = APIRouter()


@renamed.get("/users/{user_id}")
def read_user(user_id: int) -> FullUser:
    return FullUser(id=user_id, full_name="Mesera de la terraza", shift="noche")


api = serve(staff_with(renamed), name="personal")

# %% [markdown]
# **Predice.** La caja, con el cliente del lunes, pide al usuario 1. ¿Con qué código le contesta el servidor?

# %%
guess = predict("¿Con qué código le contestan a la caja?", ["200", "404", "422", "500"])
guess

# %% [markdown]
# **Ejecuta.** Los rayos X cuentan lo que pasó en la red; el `except`, lo que pasó en la caja.

# %%
with xray("la caja pide un nombre") as trace:
    try:
        ask_user.sync(1, client=client)
    except KeyError as missing:
        print("La caja se rompió: no encuentra", missing)

trace

# %% [markdown]
# **Compara.**

# %%
guess.compare(str(client.get_httpx_client().get("/users/1").status_code))

# %% [markdown]
# Para el servidor no hubo error: su bitácora está limpia y sus medidores, en verde. Se rompió el de enfrente. Y no por el campo nuevo: un cliente bien hecho ignora lo que no conoce. Lo que rompe es quitar, renombrar o cambiar de tipo, y eso una máquina lo puede avisar antes de publicar:


# %%
def fields(contract: dict, path: str) -> set[str]:
    """Los campos que promete el 200 de un GET."""
    content = contract["paths"][path]["get"]["responses"]["200"]["content"]
    model = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
    return set(contract["components"]["schemas"][model]["properties"])


offered = requests.get(f"{api.url}/openapi.json").json()
before, after = fields(signed, "/users/{user_id}"), fields(offered, "/users/{user_id}")
print("campos que alguien va a extrañar:", before - after)
print("campos nuevos, que un cliente bien hecho ignora:", sorted(after - before))

# %% [markdown]
# ¿Y si el cambio hace falta? Se publican las dos versiones y cada quien se muda cuando puede. Aquí la versión va en la dirección: `/v1` cumple el contrato viejo y `/v2`, el nuevo. La vieja avisa en cada respuesta que se va a retirar, con los encabezados `Deprecation` (desde cuándo no conviene) y `Sunset` (qué día deja de contestar).

# %%
old = APIRouter(prefix="/v1", deprecated=True)


@old.get("/users/{user_id}", operation_id="read_user_v1")
def read_user_v1(user_id: int, response: Response) -> User:
    response.headers["Deprecation"] = "@1861920000"
    response.headers["Sunset"] = "Mon, 31 Dec 2029 23:59:59 GMT"
    return User(id=user_id, name="Mesera de la terraza")


new = APIRouter(prefix="/v2")
new.include_router(renamed)
api = serve(staff_with(old, new), name="personal")

# %% [markdown]
# A la caja no se le toca una línea: solo cambia la dirección base que trae en su configuración.

# %%
client = Client(base_url=f"{api.url}/v1")
answer = ask_user.sync_detailed(1, client=client)
print("la caja, con su cliente de siempre:", answer.parsed.name)
print("el aviso que recibe:", "Sunset", answer.headers["Sunset"])
print("quien ya se mudó:", requests.get(f"{api.url}/v2/users/1").json())

# %% [markdown]
# **Qué acaba de pasar.** Un contrato no es lo que el servidor hace hoy: es lo que prometió y alguien creyó. Agregar es gratis; quitar cuesta una versión y un plazo. Los servicios grandes mantienen viva la vieja meses o años, y miden quién la sigue usando antes de retirarla.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (6 min). Pregunta a quién despiertan esa noche: al equipo de la caja, que no cambió nada. Luego pide otros cambios y que voten si rompen: agregar un campo a la respuesta, agregar uno obligatorio a la petición, pasar un precio de pesos a centavos. Si votan que el último no rompe, pregunta cuánto cobraría la caja: nada falla y todo está mal. Si aciertan los tres, sigue.

# %% [markdown]
# ## Sala de averías
#
# Dos averías. En la primera, quien falla es el otro: el servicio de personal se muere mientras la caja está sana.

# %%
import requests
from fastapi import FastAPI
from workshop import console, plan, predict, serve

staff_app = FastAPI(title="Personal")


@staff_app.get("/users/{user_id}")
def read_user(user_id: int) -> dict:
    return {"id": user_id, "name": "Mesera de la terraza"}


staff = serve(staff_app, name="personal")

# %% [markdown]
# La caja hace lo mismo que en la sección 1, con la llamada en una función aparte, `name_of`: pregunta como si el otro lado siempre fuera a contestar.

# %%
cash_app = FastAPI(title="Caja")


def name_of(user_id: int) -> str | None:
    return requests.get(f"{staff.url}/users/{user_id}").json()["name"]


@cash_app.get("/bills/{table}")
def read_bill(table: int) -> dict:
    return {"table": table, "total": 480, "waiter": name_of(1)}


cash = serve(cash_app, name="caja")

# %% [markdown]
# **Predice.** Matas el servicio de personal y le pides una cuenta a la caja. ¿Qué código te contesta?

# %%
guess = predict("¿Qué contesta la caja?", ["200", "404", "500", "ninguno: no hay conexión"])
guess

# %% [markdown]
# **Ejecuta.**

# %%
staff.kill()
bill = requests.get(f"{cash.url}/bills/7")
print("personal:", staff.status, "· caja:", cash.status, "· contestó", bill.status_code)

# %% [markdown]
# **Compara.**

# %%
guess.compare(str(bill.status_code))

# %% [markdown]
# La caja tomó el problema ajeno y lo contestó como propio. Y hay algo peor que un servicio muerto: uno lento, porque la espera también se contagia.

# %%
staff.recover()
staff.slow(800)
waited = requests.get(f"{cash.url}/bills/7").elapsed.total_seconds()
print("la caja esperó todo lo que tardó personal:", waited > 0.8)

# %% [markdown]
# **Repárala.** Una llamada a otro servicio siempre lleva un plazo y siempre puede fallar, así que hay que decidir qué pasa entonces. Una cuenta sin nombre es mejor que ninguna cuenta: a eso se le llama **degradar** (*graceful degradation*). Basta cambiar `name_of`: la caja la busca por su nombre en cada petición y desde la siguiente usa la nueva.


# %%
def name_of(user_id: int) -> str | None:
    try:
        answer = requests.get(f"{staff.url}/users/{user_id}", timeout=0.2)
        answer.raise_for_status()
        return answer.json()["name"]
    except (requests.RequestException, KeyError):
        return None


# %% [markdown]
# Las tres escenas otra vez: lento, muerto y sano.

# %%
answer = requests.get(f"{cash.url}/bills/7")
print(
    "lento: ", answer.status_code, answer.json(), "· esperó menos:", answer.elapsed.total_seconds() < waited
)
staff.kill()
print("muerto:", requests.get(f"{cash.url}/bills/7").json())
staff.recover()
print("sano:  ", requests.get(f"{cash.url}/bills/7").json())

# %% [markdown]
# Rómpelo tú desde los botones y pide la cuenta en la consola, en cada estado.

# %%
console(cash, path="/bills/7").beside(plan(staff, cash))

# %% [markdown]
# **La segunda avería** no mata a nadie: llega dentro de un paquete. Un proveedor manda sus facturas en XML, y XML permite definir abreviaturas: cada una es una **entidad** (*entity*) y puede usar otras. Este documento define seis: la primera es una palabra y cada una de las otras repite diez veces a la anterior.


# %%
import xml.etree.ElementTree as ET

import defusedxml.ElementTree as careful


def bomb(levels: int) -> str:
    lines = ['<!ENTITY e0 "pozole">']
    lines += [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, levels)]
    return f"<!DOCTYPE user [{''.join(lines)}]>\n<user><name>&e{levels - 1};</name></user>"


package = bomb(6)
print(package.replace("><", ">\n<")[:170], "…")

# %% [markdown]
# Antes de ejecutar, calcula: si la última abreviatura se abre entera, ¿cuántas letras salen de esos bytes?

# %%
name = ET.fromstring(package).findtext("name")
print("el paquete mide menos de 400 bytes:", len(package) < 400)
print("al abrirlo salieron", len(name), "letras: creció más de mil veces:", len(name) / len(package) > 1000)

# %% [markdown]
# Con tres abreviaturas más serían seiscientos millones, y el servicio se quedaría sin memoria por un mensaje que cabe en una servilleta. Los lectores de hoy frenan las más grandes; esta pasó. Se conoce como *billion laughs*.
#
# El otro abuso es más silencioso: una entidad puede señalar **un archivo**. Este lector obedece, y el archivo es de los que nunca deben salir de la máquina.

# %%
import io
import xml.sax
from xml.sax.handler import ContentHandler, feature_external_ges

secret = staff.folder / "secreto.txt"
secret.write_text("la contraseña de la caja es tlayuda-42")
spy = f'<!DOCTYPE user [<!ENTITY file SYSTEM "{secret}">]>\n<user><name>&file;</name></user>'


class Reader(ContentHandler):
    text = ""

    def characters(self, content: str) -> None:
        self.text += content


obedient, reader = xml.sax.make_parser(), Reader()
obedient.setFeature(feature_external_ges, True)
obedient.setContentHandler(reader)
obedient.parse(io.BytesIO(spy.encode()))
reader.text

# %% [markdown]
# El proveedor mandó una factura y se llevó una contraseña. **Repárala:** el XML que viene de fuera se lee con un lector que no acepta entidades. `defusedxml` no intenta abrirlas con cuidado; se niega, y dice cuál encontró. Contesta 400, porque el problema está en la petición.

# %% tags=["long"]
from fastapi import HTTPException, Request
from xml.etree.ElementTree import ParseError

invoices = FastAPI(title="Facturas de proveedores")


@invoices.post("/invoices", status_code=201)
async def receive(request: Request) -> dict:
    try:
        invoice = careful.fromstring(await request.body())
    except careful.EntitiesForbidden as trap:
        other = "un archivo" if trap.sysid else "otro texto"
        raise HTTPException(400, f"«{trap.name}» se cambia por {other}: no se admite.") from None
    except ParseError:
        raise HTTPException(400, "Se esperaba XML bien formado.") from None
    return {"name": invoice.findtext("name")}


door = serve(invoices, name="facturas")
honest = "<user><name>Mole & compañía</name></user>".replace("&", "&amp;")
for what, body in {"honrado": honest, "bomba": package, "espía": spy, "roto": "<user>"}.items():
    answer = requests.post(f"{door.url}/invoices", data=body.encode())
    print(f"{what:8} {answer.status_code}", *answer.json().values())

# %% [markdown]
# Las dos trampas se rechazan antes de abrir nada, y el paquete honrado pasa. `&amp;` no es una trampa: es una de las cinco abreviaturas que todo XML trae de fábrica.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (4 min). Pregunta qué llamadas de su sistema no llevan plazo. Si contestan «ninguna» o no lo saben, recuerda que `requests` no pone ninguno por omisión y espera mientras no se corte la conexión; si ya los ponen, pregunta qué contestan cuando se cumple. Con la segunda avería, sigue en cuanto quede claro por qué el lector obedeció.

# %% [markdown]
# ## Ejercicio 1 · En el empaque que te piden
#
# **Meta.** `GET /dishes` contesta el menú en el empaque que el cliente prefiera:
#
# - `application/json`: una lista de objetos; también cuando el cliente acepta cualquiera (`*/*`) o no dice nada;
# - `application/xml`: `<dishes>` con un `<dish>` por plato y, en cada uno, `<name>` y `<price>`;
# - si no acepta ninguno de los dos, 406 (*Not Acceptable*).
#
# El `Content-Type` dice la verdad y cada 200 lleva `Vary: Accept`. Mientras conteste 501 (*Not Implemented*), la revisión la considera sin intentar.

# %%
import xml.etree.ElementTree as ET
from typing import Annotated

from fastapi import FastAPI, Header, HTTPException, Response
from fastapi.responses import JSONResponse
from workshop import check, hint, serve

MENU = [{"name": "Mole negro", "price": 180}, {"name": "Café & pan", "price": 65}]


def wanted(accept: str) -> list[str]:
    """Lo que el cliente acepta, de lo que más prefiere a lo que menos: la `q` dice cuánto, de 0 a 1."""
    parts = [part.partition(";q=") for part in accept.replace(" ", "").split(",")]
    return [kind for kind, _, q in sorted(parts, key=lambda part: -float(part[2] or 1))]


wanted("application/xml; q=0.5, text/html, */*;q=0.1")

# %% [markdown]
# `wanted` ya está hecha: ordena lo que dice `Accept`. En la sección 4 bastaba con buscar `application/xml` en él; aquí importa quién va primero. Escribe aquí tu solución y ejecuta la celda cuantas veces quieras: el servicio cambia solo.

# %% tags=["exercise"]
menu_app = FastAPI(title="Ejercicio 1")


@menu_app.get("/dishes")
def list_dishes(accept: Annotated[str, Header()] = "*/*"):
    raise HTTPException(501, "Ejercicio 06.1, sin intentar")


menu = serve(menu_app)

# %% tags=["solution", "long"]
menu_app = FastAPI(title="Ejercicio 1")


@menu_app.get("/dishes")
def list_dishes(accept: Annotated[str, Header()] = "*/*"):
    for kind in wanted(accept):
        if kind in ("application/json", "*/*"):
            return JSONResponse(MENU, headers={"Vary": "Accept"})
        if kind == "application/xml":
            root = ET.Element("dishes")
            for row in MENU:
                dish = ET.SubElement(root, "dish")
                for field, value in row.items():
                    ET.SubElement(dish, field).text = str(value)
            return Response(ET.tostring(root), media_type=kind, headers={"Vary": "Accept"})
    raise HTTPException(406, "Este menú se sirve en JSON o en XML.")


menu = serve(menu_app)

# %% [markdown]
# La revisión le hace peticiones a tu servicio, como cualquier cliente: no lee tu código.

# %%
check("06.1", menu)

# %% [markdown]
# Si te atoras, `hint("06.1")` da una pista; vuelve a llamarla para la siguiente.

# %% [markdown]
# ## Ejercicio 2 · Dos versiones, una sola despensa
#
# **Meta.** El precio cambió de forma y los clientes viejos tienen que seguir. Escribe las cuatro operaciones sobre la misma despensa, que guarda centavos:
#
# - `GET` y `PATCH /v1/dishes/{dish_id}`: el precio es un número en pesos, `{"id": 1, "name": "Mole negro", "price": 180.5}`; cada respuesta lleva los encabezados de `RETIRE`;
# - `GET` y `PATCH /v2/dishes/{dish_id}`: el precio es un objeto en centavos, `{"id": 1, "name": "Mole negro", "price": {"amount": 18050, "currency": "MXN"}}`, y sus respuestas no llevan esos encabezados.
#
# Los `PATCH` reciben solo `price`, con la forma de su versión, y contestan el plato ya cambiado. Lo que se escribe con una se lee con la otra, al centavo.

# %%
from fastapi import FastAPI, HTTPException, Response
from pydantic import BaseModel
from workshop import check, hint, serve

RETIRE = {"Deprecation": "@1861920000", "Sunset": "Mon, 31 Dec 2029 23:59:59 GMT"}
PANTRY = {1: {"name": "Mole negro", "cents": 18050}, 2: {"name": "Café de olla", "cents": 4500}}


class Money(BaseModel):
    amount: int
    currency: str = "MXN"


# %% [markdown]
# Lo que ya viene hecho: las dos formas en que puede llegar un precio, y buscar un plato.


# %%
class PriceV1(BaseModel):
    price: float


class PriceV2(BaseModel):
    price: Money


def find(dish_id: int) -> dict:
    if dish_id not in PANTRY:
        raise HTTPException(404, f"No hay un plato con id {dish_id}.")
    return PANTRY[dish_id]


# %% [markdown]
# Escribe aquí tu solución.

# %% tags=["exercise"]
versions_app = FastAPI(title="Ejercicio 2")


@versions_app.get("/v1/dishes/{dish_id}")
def read_v1(dish_id: int, response: Response):
    raise HTTPException(501, "Ejercicio 06.2, sin intentar")


versions = serve(versions_app)

# %% tags=["solution", "long"]
versions_app = FastAPI(title="Ejercicio 2")


@versions_app.get("/v1/dishes/{dish_id}")
def read_v1(dish_id: int, response: Response):
    response.headers.update(RETIRE)
    dish = find(dish_id)
    return {"id": dish_id, "name": dish["name"], "price": dish["cents"] / 100}


@versions_app.patch("/v1/dishes/{dish_id}")
def change_v1(dish_id: int, change: PriceV1, response: Response):
    find(dish_id)["cents"] = round(change.price * 100)
    return read_v1(dish_id, response)


@versions_app.get("/v2/dishes/{dish_id}")
def read_v2(dish_id: int):
    dish = find(dish_id)
    return {"id": dish_id, "name": dish["name"], "price": Money(amount=dish["cents"])}


@versions_app.patch("/v2/dishes/{dish_id}")
def change_v2(dish_id: int, change: PriceV2):
    find(dish_id)["cents"] = change.price.amount
    return read_v2(dish_id)


versions = serve(versions_app)

# %% [markdown]
# La revisión cambia el precio del plato 1 y al terminar lo deja como estaba.

# %%
check("06.2", versions)

# %% [markdown]
# También aquí hay pistas: `hint("06.2")`.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (3 min). En clase, uno de los dos; el otro, para casa. Pregunta qué dice el mensaje de la revisión antes de ayudar. Si pegaron textos y llegó un «&», o buscaron `xml` sin mirar quién va primero, da la primera pista; si perdieron un centavo al truncar, pide que impriman `19.99 * 100`; si avanzan, no intervengas.

# %% [markdown]
# ## Comprueba lo que sabes
#
# Cada respuesta equivocada corresponde a una confusión conocida; si caes en una, lee por qué.

# %%
from workshop import quiz

quiz("06")

# %% [markdown]
# ## ¿Dónde se rompe la analogía?
#
# - En una ventanilla, si piden algo raro, alguien pregunta «¿quisiste decir…?». Una API contesta un código y sigue con lo suyo.
# - Un contrato de papel lo firman dos partes que se conocen. El de una API lo lee quien quiera, y quien lo publica no sabe cuántos creyeron en él.
# - Un paquete se abre con un cuchillo. Abrir uno de XML puede ejecutar lo que trae escrito, y por eso se abre desconfiando.
#
# ## Resumen
#
# - **Cliente y servidor** son papeles de una llamada; la API es lo que se promete por fuera, y lo de dentro puede cambiar entero.
# - **Direcciones:** `/users/create` nombra acciones y compite con `/users/:id`; los recursos dejan la acción al verbo, y un `GET` que borra engaña a quien cree en él.
# - **Empaque:** `Accept` pide y `Content-Type` contesta; JSON trae tipos y pesa menos, XML solo trae texto, y el de fuera se lee sin entidades.
# - **Cambiar sin romper:** agregar es gratis; quitar o renombrar rompe con un 200, y se resuelve con dos versiones y un plazo.
#
# ## En la práctica
#
# - La versión también puede ir en un encabezado o en el tipo de contenido. En la dirección es menos elegante y más fácil de ver en una bitácora.
# - Las pruebas de contrato comparan en la integración continua lo que el servidor ofrece con lo que cada cliente usa, y detienen la publicación antes que la llamada de la caja.
# - Además de REST hay GraphQL, donde el cliente dice qué campos quiere, y gRPC, con mensajes binarios y contrato obligatorio. Los dos papeles son los mismos.
# - Un plazo se acompaña de reintentos con medida y de un **cortacircuitos** (*circuit breaker*), que deja de llamar a quien lleva rato fallando.
# - `Deprecation` es la RFC 9745; `Sunset`, la RFC 8594; la negociación de contenido está en la RFC 9110.
#
# **El siguiente capítulo,** *Construir una REST API con el estado a la vista*, toma la idea de los recursos y la lleva hasta la base de datos.
#
# Antes de irte, mira tu avance y apaga lo que encendiste.

# %%
from workshop import progress

progress("06")

# %% [markdown]
# Nada de lo que arrancó este cuaderno sobrevive a su kernel, pero apagar la luz al salir es buena costumbre.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (1 min). Cierra con una pregunta: ¿quién usa tus APIs sin que tú lo sepas, y cómo te enterarías antes de romperlas? Si nadie contesta, vuelve a la causa que dejaste a la vista al empezar; si alguien habla de bitácoras o de pruebas de contrato, termina ahí.

# %%
from workshop import stop_all

stop_all()
