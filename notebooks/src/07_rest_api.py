# %% [markdown]
# # 7 · Construir una REST API con el estado a la vista
#
# En este capítulo construirás, verbo por verbo, la API del menú de La Comanda, y verás qué le hace cada petición a la fila que vive en la base de datos.
#
# **Aprenderás a**
#
# - decidir cuál es el recurso y qué verbo le toca a cada operación;
# - leer en el código de estado (*status code*) qué pasó: 201, 204, 404, 409, 412, 422;
# - repetir una petición sin miedo, porque sabes cuáles lo permiten;
# - evitar que dos personas que escriben a la vez se pisen.
#
# **Necesitas** el capítulo 00 y saber leer una función de Python. **Minutos:** 45.
#
# ## La historia
#
# El menú de La Comanda vivía en una pizarra: la cocina tachaba lo agotado, la gerencia subía precios y la mesera copiaba a mano lo que hubiera. Un sábado la gerencia borró el tachón de la cocina para corregir un precio, y se vendieron nueve platos que no existían. El lunes el menú se mudó a una base de datos, y desde entonces solo hay una manera de tocarlo: pedírselo a una API.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (2 min). Pregunta quién ha perdido un cambio en una hoja de cálculo compartida. Si alguien levanta la mano, pide que cuente cómo se enteró; si nadie, pregunta cómo se habrían enterado. No expliques todavía por qué: la sección 6 lo provoca.

# %% [markdown]
# ## 1. Un recurso, seis operaciones
#
# Guardar datos se reduce a cuatro operaciones básicas: crear, leer, actualizar y borrar. En inglés, *create, read, update, delete*: **CRUD**. Una **REST API** no inventa un nombre para cada una. Le pone una dirección (*endpoint*) a cada cosa, el **recurso** (*resource*), y deja que el verbo de HTTP diga qué hacer con ella.
#
# Esta celda pone en marcha el servicio completo dentro de tu kernel, con seis platos en una base de datos de verdad. Cada sección empieza con una celda así: si reinicias el kernel, retoma desde ella.

# %%
import requests
from fastapi import FastAPI
from workshop import console, predict, serve, table
from workshop.restaurant import Dish, menu_database, menu_routes

engine = menu_database(6)
app = FastAPI(title="El menú de La Comanda")
app.include_router(menu_routes())
api = serve(app)
api

# %% [markdown]
# **Predice.** La API sabe crear un plato, leer la lista, leer uno, reemplazarlo, cambiarle un campo y borrarlo. Son seis operaciones. ¿Cuántas direcciones distintas (*paths*) necesita?

# %%
guess = predict("¿Cuántas direcciones distintas hay?", ["1", "2", "4", "6"])
guess

# %% [markdown]
# **Ejecuta.** No hace falta creerle a nadie: la API publica su propio contrato, y de ahí sale la lista.

# %% tags=["claim:07.1", "claim:07.6"]
contract = requests.get(f"{api.url}/openapi.json").json()
for path, verbs in contract["paths"].items():
    for verb, operation in verbs.items():
        print(f"{verb.upper():7} {path:18} {operation['description']}")

# %% [markdown]
# **Compara.** La medida es el número de direcciones que hay en ese contrato.

# %%
guess.compare(str(len(contract["paths"])))

# %% [markdown]
# **Qué acaba de pasar.** Hay dos direcciones: la colección `/dishes` y uno de sus elementos, `/dishes/{dish_id}`. Son sustantivos. Las operaciones no están en la dirección sino en el verbo, y por eso no existe `/dishes/create`: crear es `POST` sobre la colección. Quien ya conoce los verbos puede usar cualquier recurso nuevo sin leer otro manual.
#
# Ahora tócalo. A la izquierda está la consola: envía la petición que quieras. A la derecha está la tabla real de la base de datos, que marca con un signo y una palabra lo que acaba de cambiar. Envía primero la petición que ya está escrita y después prueba `GET /dishes/3`.

# %%
desk = console(api, method="PATCH", path="/dishes/3", body={"price": 60})
desk.beside(table(Dish, engine, columns=["id", "name", "price", "available", "version"]))

# %% [markdown]
# Esta consola seguirá hablando con el mismo servicio durante todo el capítulo. Para tenerla siempre a la vista, haz clic derecho sobre ella y elige *Create New View for Cell Output*.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (4 min). Pon la consola en una vista aparte, a la derecha, y déjala ahí toda la clase. Pregunta: si mañana hay que consultar solo los postres, ¿hace falta una dirección nueva? Si proponen `/desserts`, pregunta por los postres baratos y por los veganos; si proponen un filtro, que digan dónde lo escribirían. Lo contesta la sección 3.

# %% [markdown]
# ## 2. Crear: POST
#
# En La Comanda, dar de alta un plato es escribir una ficha nueva, y la cocina devuelve el número que le tocó. Nadie elige el número: lo pone quien guarda las fichas. Por eso crear es `POST` sobre la colección: el cliente propone el plato y el servidor decide dónde vivirá.

# %%
import requests
from fastapi import FastAPI, HTTPException, Response
from sqlalchemy.exc import IntegrityError
from workshop import predict, serve, xray
from workshop.restaurant import Dish, DishCreate, DishPublic, SessionDep, menu_database, menu_routes

engine = menu_database(6)
app = FastAPI(title="El menú de La Comanda")

# %% [markdown]
# Esta es la función entera. `DishCreate` dice qué puede llegar; `DishPublic`, qué se contesta; `session` es la conversación con la base de datos durante esta petición. Fíjate en los tres finales posibles: la fila se guarda, el nombre ya estaba, o el cuerpo no era válido y la función ni siquiera se llama.


# %% tags=["long"]
@app.post("/dishes", response_model=DishPublic, status_code=201)
def create_dish(dish: DishCreate, response: Response, session: SessionDep) -> Dish:
    """Crea un plato. 409 si el nombre ya existe."""
    row = Dish.model_validate(dish)
    session.add(row)
    try:
        session.commit()
    except IntegrityError:
        raise HTTPException(409, f"Ya hay un plato llamado {dish.name!r}.") from None
    session.refresh(row)
    response.headers["Location"] = f"/dishes/{row.id}"
    return row


app.include_router(menu_routes(without=["create_dish"]))
api = serve(app)

# %% [markdown]
# **Predice.** Envías la misma ficha dos veces seguidas. La primera contesta 201. ¿Y la segunda?

# %%
guess = predict("¿Qué contesta la segunda?", ["200", "201", "409", "422"])
guess

# %% [markdown]
# **Ejecuta.** Dos peticiones idénticas, una tras otra.

# %% tags=["claim:07.2"]
flan = {"name": "Flan de cajeta", "category": "postre", "price": 70}
first = requests.post(f"{api.url}/dishes", json=flan)
second = requests.post(f"{api.url}/dishes", json=flan)
first.status_code, first.headers.get("Location"), second.status_code, second.json()["detail"]

# %% [markdown]
# **Compara.**

# %%
guess.compare(str(second.status_code))

# %% [markdown]
# **Qué acaba de pasar.** El 201 (*Created*) no vino solo: el encabezado `Location` dice dónde quedó el plato, para que el cliente no tenga que adivinarlo. El 409 (*Conflict*) dice otra cosa: tu petición está bien escrita, pero choca con lo que ya hay guardado. Quien vigila eso no es tu función, sino la restricción de unicidad de la tabla.
#
# **Predice otra vez.** Ahora el precio es de −5 pesos. ¿Cuántas sentencias de SQL llegan a la base de datos antes de que la API diga que no?

# %%
guess = predict("¿Cuántas sentencias de SQL?", ["0", "1", "2", "3"])
guess

# %% [markdown]
# Para contarlas usa los **rayos X** (*tracing*): todo lo que pase dentro del bloque queda registrado, desde el cliente hasta cada sentencia. Primero un plato correcto.

# %%
with xray("crear un plato") as accepted:
    requests.post(f"{api.url}/dishes", json={**flan, "name": "Flan de coco"})

accepted

# %% [markdown]
# Léelo de arriba abajo: quién llamó a quién. `INSERT` guarda la fila y `COMMIT` la hace definitiva; después la función vuelve a leerla para contestar con su `id`. El `ROLLBACK` del final no deshace nada: es la sesión, que se cierra sin cambios pendientes.
#
# Y ahora, el del precio imposible.

# %%
with xray("crear un plato con precio negativo") as rejected:
    answer = requests.post(f"{api.url}/dishes", json={**flan, "name": "Flan barato", "price": -5})

rejected

# %% [markdown]
# **Compara** con las sentencias que los rayos X acaban de registrar.

# %%
guess.compare(str(len(rejected.sql)))

# %% [markdown]
# **Qué acaba de pasar.** El 422 (*Unprocessable Content*) se decidió al leer el cuerpo: la base de datos nunca se enteró. El 409, en cambio, necesita preguntarle. Es la diferencia entre un formulario mal llenado, que se devuelve en la ventanilla, y uno correcto que contradice al archivo.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (6 min). Muestra las tres pestañas de los rayos X con el grupo: el árbol para leer, la secuencia para contar, la cascada para medir. Pregunta: ¿en cuál de los tres finales conviene que el cliente vuelva a intentar? Si dicen que en los tres, que sigan en el árbol hasta dónde llegó cada petición; si dicen que en ninguno de los que fallaron, sigue.

# %% [markdown]
# ## 3. Leer: GET, la lista o uno
#
# Leer no cambia nada, y por eso se puede repetir, guardar en una caché o adelantar. Pero una lista crece: hoy el menú tiene unas decenas de platos y algún día tendrá miles. Ningún mesero recita el menú completo: te dice una página y espera a que pidas la siguiente.

# %%
import requests
from fastapi import FastAPI
from sqlmodel import select
from workshop import predict, serve, xray
from workshop.restaurant import Category, Dish, DishId, DishPublic, SessionDep
from workshop.restaurant import find_dish, load_menu, menu_database, menu_routes

engine = menu_database()
app = FastAPI(title="El menú de La Comanda")

# %% [markdown]
# Los filtros y la página van en la consulta (*query string*), después del signo `?`, porque no nombran otro recurso: dicen qué parte de la misma lista quieres ver.


# %% tags=["long"]
@app.get("/dishes", response_model=list[DishPublic])
def list_dishes(session: SessionDep, category: Category | None = None, limit: int = 10, offset: int = 0):
    query = select(Dish).order_by(Dish.id).offset(offset).limit(limit)
    if category:
        query = query.where(Dish.category == category)
    return session.exec(query).all()


@app.get("/dishes/{dish_id}", response_model=DishPublic)
def read_dish(dish_id: DishId, session: SessionDep):
    return find_dish(dish_id, session)


app.include_router(menu_routes(without=["list_dishes", "read_dish"]))
api = serve(app)

# %% [markdown]
# **Predice.** La tabla tiene el menú completo. Pides `GET /dishes`, sin nada más. ¿Cuántos platos llegan?

# %%
guess = predict("¿Cuántos platos llegan?", ["todos", "10", "ninguno: falta la página"])
guess

# %% [markdown]
# **Ejecuta.**

# %% tags=["claim:07.3"]
everything = requests.get(f"{api.url}/dishes").json()
desserts = requests.get(f"{api.url}/dishes", params={"category": "postre", "limit": 3}).json()
len(everything), [dish["name"] for dish in desserts]

# %% [markdown]
# **Compara.**

# %%
guess.compare("10" if len(everything) == 10 else "todos")

# %% [markdown]
# **Qué acaba de pasar.** El límite lo pone el servidor aunque el cliente no lo pida: así nadie se lleva la tabla entera por descuido. Los rayos X muestran que la página no se recorta en Python, sino en la base de datos, con `LIMIT` y `OFFSET`.

# %%
with xray("la segunda página de postres") as trace:
    requests.get(f"{api.url}/dishes", params={"category": "postre", "limit": 3, "offset": 3})

trace

# %% [markdown]
# Recorrer todas las páginas es pedir la siguiente hasta que llegue una vacía. Comprueba que no falta ni se repite ningún plato.

# %%
ids, page = [], None
while page != []:
    page = requests.get(f"{api.url}/dishes", params={"limit": 10, "offset": len(ids)}).json()
    ids += [dish["id"] for dish in page]

print("Sin repetidos:", len(ids) == len(set(ids)), " Sin faltantes:", len(ids) == len(load_menu()))

# %% [markdown]
# ¿Y si pides uno que no existe, o algo que no puede ser un identificador? No son el mismo error.

# %%
for wanted in ("3", "9999", "mole"):
    answer = requests.get(f"{api.url}/dishes/{wanted}")
    print(f"GET /dishes/{wanted:5} {answer.status_code}")

# %% [markdown]
# El 404 (*Not Found*) dice «esa dirección es posible, pero ahí no hay nada». El 422 dice «eso no es una dirección de plato». Un cliente puede volver a intentar el primero mañana; el segundo tiene un error en su código.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (5 min). Pide al grupo que envíe desde la consola `GET /dishes?limit=1000000` y pregunta antes qué esperan. Si esperan un error, que busquen en el código quién lo lanzaría: nadie le puso tope y llega todo. Si ya lo vieron venir, que propongan el tope; el primer ejercicio lo pide.

# %% [markdown]
# ## 4. Actualizar: PUT reemplaza, PATCH retoca
#
# Hay dos maneras de corregir una ficha: entregar una nueva que sustituye a la anterior, o pegar una nota que dice «el precio ahora es 120». HTTP tiene un verbo para cada una: `PUT` reemplaza el recurso entero y `PATCH` cambia solo lo que envías.

# %%
import requests
from fastapi import FastAPI
from workshop import predict, serve, xray
from workshop.restaurant import DishCreate, DishId, DishPublic, DishUpdate, SessionDep
from workshop.restaurant import find_dish, menu_database, menu_routes

engine = menu_database(6)
app = FastAPI(title="El menú de La Comanda")

# %% [markdown]
# Las dos terminan igual, escribiendo en la fila. Lo que cambia es qué se escribe: `PUT` exige la ficha completa (`DishCreate`) y la vuelca entera; `PATCH` acepta una parcial (`DishUpdate`) y solo vuelca los campos que de verdad llegaron, que es lo que significa `exclude_unset=True`.


# %% tags=["long"]
def save(dish_id: int, changes: dict, session: SessionDep):
    row = find_dish(dish_id, session)
    row.sqlmodel_update(changes)
    session.add(row)
    session.commit()
    session.refresh(row)
    return row


@app.put("/dishes/{dish_id}", response_model=DishPublic)
def replace_dish(dish_id: DishId, dish: DishCreate, session: SessionDep):
    return save(dish_id, dish.model_dump(), session)


@app.patch("/dishes/{dish_id}", response_model=DishPublic)
def change_dish(dish_id: DishId, dish: DishUpdate, session: SessionDep):
    return save(dish_id, dish.model_dump(exclude_unset=True), session)


app.include_router(menu_routes(without=["replace_dish", "change_dish"]))
api = serve(app)

# %% [markdown]
# **Predice.** El plato 1 tiene una descripción. Le haces un `PUT` con nombre, categoría y precio, sin mencionarla. ¿Qué pasa con la descripción?

# %%
guess = predict("¿Qué pasa con la descripción?", ["se conserva", "queda vacía", "la API contesta 422"])
guess

# %% [markdown]
# **Ejecuta.** Primero un `PATCH` que solo trae el precio; después, ese `PUT` incompleto.

# %%
with xray("cambiar solo el precio") as trace:
    patched = requests.patch(f"{api.url}/dishes/1", json={"price": 105}).json()

trace

# %% [markdown]
# Mira el `UPDATE`: solo nombra la columna del precio. Ahora el reemplazo; compara qué columnas escribe.

# %%
card = {"name": patched["name"], "category": patched["category"], "price": 110}
with xray("reemplazar la ficha") as trace:
    replaced = requests.put(f"{api.url}/dishes/1", json=card).json()

trace

# %% [markdown]
# ¿Y la descripción?

# %% tags=["claim:07.4"]
print("Tras el PATCH:", patched["description"] or "(vacía)")
print("Tras el PUT:  ", replaced["description"] or "(vacía)")

# %% [markdown]
# **Compara.**

# %%
guess.compare("se conserva" if replaced["description"] else "queda vacía")

# %% [markdown]
# **Qué acaba de pasar.** `PUT` hizo lo que promete: dejó el recurso como tú lo describiste, y tú no describiste su descripción. No es un defecto de la API; es un cliente que usó la ficha nueva cuando quería pegar una nota. Si alguna vez «se borran solos» los campos de un formulario, busca primero un `PUT` incompleto.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (5 min). Vota a mano alzada antes de ejecutar. Si gana «se conserva», pide a quien votó otra cosa que lo defienda antes de ver el resultado; si casi todos aciertan, pregunta cuál de los dos verbos usarían en un formulario de treinta campos, y qué pasa si dos personas lo abren a la vez. La sección 6 responde la segunda mitad.

# %% [markdown]
# ## 5. Borrar, y repetir sin miedo
#
# La red se corta en el peor momento: el cliente envía la petición, el servidor la cumple y la respuesta se pierde. El cliente no sabe si pasó. Lo natural es repetir; la pregunta es si repetir hace daño. Una operación que puede repetirse sin que el estado cambie más que la primera vez se llama **idempotente** (*idempotent*).

# %%
import requests
from fastapi import FastAPI
from sqlmodel import Session, select
from workshop import predict, serve, xray
from workshop.restaurant import Dish, DishId, DishPublic, SessionDep, find_dish, menu_database, menu_routes

engine = menu_database(6)
app = FastAPI(title="El menú de La Comanda")

# %% [markdown]
# Junto a `DELETE` va una operación que no es CRUD: subir cinco pesos. Tiene sentido para la gerencia, y justo por eso es un buen sospechoso.


# %% tags=["long"]
@app.delete("/dishes/{dish_id}", status_code=204)
def delete_dish(dish_id: DishId, session: SessionDep) -> None:
    """Borra un plato."""
    session.delete(find_dish(dish_id, session))
    session.commit()


@app.post("/dishes/{dish_id}/raise", response_model=DishPublic)
def raise_price(dish_id: DishId, session: SessionDep):
    row = find_dish(dish_id, session)
    row.price += 5
    session.add(row)
    session.commit()
    session.refresh(row)
    return row


app.include_router(menu_routes(without=["delete_dish"]))
api = serve(app)

# %% [markdown]
# **Predice.** Un cliente nervioso envía cada petición tres veces. ¿Cuál deja el menú distinto de como lo habría dejado una sola?

# %%
guess = predict(
    "¿Cuál no se puede repetir sin daño?",
    ["PUT: precio 120", "DELETE: borrar el plato", "POST: subir cinco pesos"],
)
guess

# %% [markdown]
# **Ejecuta.** `state` fotografía la tabla entera. Cada operación se envía una vez, se toma la foto, se repite dos veces más y se compara con otra foto.


# %%
def state() -> list[dict]:
    with Session(engine) as session:
        return [dish.model_dump(exclude={"version"}) for dish in session.exec(select(Dish))]


def send_three_times(verb: str, path: str, body: dict | None = None) -> tuple[list[int], bool]:
    codes = [requests.request(verb, f"{api.url}{path}", json=body).status_code]
    once = state()
    codes += [requests.request(verb, f"{api.url}{path}", json=body).status_code for _ in range(2)]
    return codes, state() == once


# %% [markdown]
# Tres operaciones sobre tres platos distintos:

# %% tags=["claim:07.5"]
soup = {"name": "Sopa de lima", "category": "entrada", "price": 120}
results = {
    "PUT: precio 120": send_three_times("PUT", "/dishes/1", soup),
    "DELETE: borrar el plato": send_three_times("DELETE", "/dishes/2"),
    "POST: subir cinco pesos": send_three_times("POST", "/dishes/3/raise"),
}
for operation, (codes, same) in results.items():
    print(f"{operation:24} {codes}  igual que una vez: {same}")

# %% [markdown]
# **Compara.**

# %%
guess.compare(next(operation for operation, (_, same) in results.items() if not same))

# %% [markdown]
# **Qué acaba de pasar.** `DELETE` contestó 204 (*No Content*: hecho, y no hay nada que mostrar) y luego 404. Las respuestas difieren y aun así es idempotente, porque la idempotencia habla del **estado**, no de la respuesta: el plato sigue igual de borrado. `PUT` dice «el precio es 120» y repetirlo no lo mueve. «Sube cinco» depende de lo que había, y cada repetición cuenta. Por eso un cobro nunca se escribe como «súmale»: el segundo ejercicio trata de eso.
#
# Los rayos X enseñan por qué el segundo `DELETE` no hace nada: busca la fila, no la encuentra y ahí termina.

# %%
with xray("borrar dos veces") as trace:
    requests.delete(f"{api.url}/dishes/4")
    requests.delete(f"{api.url}/dishes/4")

trace

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (4 min). Pregunta: la segunda respuesta del DELETE fue 404; si el cliente perdió la primera, ¿debe preocuparse? Si dicen que sí, pregunta en qué estado quedó el menú las dos veces: idempotente es el efecto, no el código. Si lo ven claro, conecta con las colas del capítulo 16, donde todo se entrega «al menos una vez».

# %% [markdown]
# ## 6. Dos escritores y una ficha
#
# Vuelve el sábado de la pizarra. La gerencia y la cocina abren la misma ficha al mismo tiempo. La gerencia sube el precio; la cocina la marca como agotada. Cada una guarda la ficha completa, y cada una cree que todo salió bien.

# %%
import requests
from fastapi import FastAPI
from workshop import predict, serve
from workshop.restaurant import DishCreate, DishId, DishPublic, IfMatch, SessionDep
from workshop.restaurant import menu_database, menu_routes, write_dish

engine = menu_database(6)
app = FastAPI(title="El menú de La Comanda")
app.include_router(menu_routes())
api = serve(app)

# %% [markdown]
# **Predice.** Las dos leen la ficha 1. La gerencia guarda primero, con 20 pesos más; la cocina guarda después, con `available` en falso. ¿Cómo queda el plato?

# %%
guess = predict(
    "¿Cómo queda el plato?",
    ["con precio nuevo y agotado", "con precio viejo y agotado", "la API rechaza a la segunda"],
)
guess

# %% [markdown]
# **Ejecuta.** `card` quita de la ficha lo que el cliente no puede enviar.


# %%
def card(dish: dict, **changes) -> dict:
    return {**{key: dish[key] for key in DishCreate.model_fields}, **changes}


url = f"{api.url}/dishes/1"
seen_by_management = requests.get(url).json()
seen_by_kitchen = requests.get(url).json()

raised = seen_by_management["price"] + 20
saves = [
    requests.put(url, json=card(seen_by_management, price=raised)).status_code,
    requests.put(url, json=card(seen_by_kitchen, available=False)).status_code,
]
final = requests.get(url).json()
print("Guardados:", saves, " precio nuevo:", final["price"] == raised, " agotado:", not final["available"])

# %% [markdown]
# **Compara.**

# %%
if 412 in saves:
    guess.compare("la API rechaza a la segunda")
else:
    guess.compare("con precio nuevo y agotado" if final["price"] == raised else "con precio viejo y agotado")

# %% [markdown]
# **Qué acaba de pasar.** Los dos guardados contestaron 200 y uno se perdió. Se llama **actualización perdida** (*lost update*) y no deja rastro en ninguna bitácora. Lo peligroso no fue escribir a la vez, sino escribir sobre algo que ya no es lo que leíste.
#
# HTTP tiene un remedio de dos encabezados. El servidor pone en cada lectura una etiqueta de la versión, **ETag**. El cliente la devuelve al escribir en **If-Match**: «guarda esto solo si la ficha sigue siendo la que vi».

# %% [markdown]
# En la función casi nada cambia: recibe el encabezado y lo entrega a `write_dish`, que escribe con `UPDATE … WHERE id = ? AND version = ?`. La base de datos compara y escribe en un solo paso, así que nadie puede colarse en medio.

# %%
app = FastAPI(title="El menú de La Comanda")


@app.put("/dishes/{dish_id}", response_model=DishPublic)
def replace_dish(dish_id: DishId, dish: DishCreate, session: SessionDep, if_match: IfMatch = None):
    """Reemplaza un plato entero."""
    return write_dish(dish_id, dish.model_dump(), if_match, session)


app.include_router(menu_routes(without=["replace_dish"]))
api = serve(app)

# %% [markdown]
# La misma escena, con la etiqueta por delante:

# %% tags=["claim:07.4"]
seen_by_management, seen_by_kitchen = requests.get(url), requests.get(url)
raised = seen_by_management.json()["price"] + 20
first = requests.put(
    url,
    json=card(seen_by_management.json(), price=raised),
    headers={"If-Match": seen_by_management.headers["ETag"]},
)
late = requests.put(
    url,
    json=card(seen_by_kitchen.json(), available=False),
    headers={"If-Match": seen_by_kitchen.headers["ETag"]},
)
first.status_code, late.status_code

# %% [markdown]
# El 412 (*Precondition Failed*) le dice a la cocina que su copia es vieja. No perdió su trabajo: vuelve a leer, aplica su cambio sobre lo nuevo y guarda otra vez.

# %%
fresh = requests.get(url)
again = requests.put(
    url, json=card(fresh.json(), available=False), headers={"If-Match": fresh.headers["ETag"]}
)
print(again.status_code, "conserva el precio de la gerencia:", again.json()["price"] == raised)

# %% [markdown]
# Dos escritores en fila son fáciles. Prueba con ocho a la vez, cada uno en su hilo, y cada uno subiendo un peso: lee, suma y guarda; si recibe un 412, vuelve a leer. **Predice** cuántos aumentos sobreviven.

# %%
guess = predict("De 8 aumentos de un peso, ¿cuántos sobreviven?", ["1", "entre 2 y 7", "8"])
guess

# %% [markdown]
# **Ejecuta.** Nadie espera a nadie; solo la etiqueta los ordena.

# %%
from concurrent.futures import ThreadPoolExecutor


def raise_one_peso(_) -> int:
    for attempt in range(1, 100):
        seen = requests.get(url)
        changed = card(seen.json(), price=seen.json()["price"] + 1)
        if requests.put(url, json=changed, headers={"If-Match": seen.headers["ETag"]}).ok:
            return attempt


before = requests.get(url).json()["price"]
with ThreadPoolExecutor(8) as writers:
    attempts = list(writers.map(raise_one_peso, range(8)))
survived = requests.get(url).json()["price"] - before

# %% [markdown]
# **Compara.** La suma sale de la fila, no de lo que cada escritor cree que hizo.

# %%
guess.compare("entre 2 y 7" if 1 < survived < 8 else str(survived))

# %% [markdown]
# **Qué acaba de pasar.** No hubo candados: cada quien trabajó sobre su copia y solo pagó, con otro intento, quien llegó tarde. Se llama **control optimista** (*optimistic concurrency*) y conviene cuando los choques son raros. Si todos escribieran siempre la misma fila, los reintentos se comerían la ganancia.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (6 min). Muestra `attempts` en una celda nueva: dice cuántas veces tuvo que intentar cada escritor, y cambia en cada ejecución. Pregunta dónde estaba el candado. Si buscan uno en Python, recuerda que podrían ser dos procesos: está en el `WHERE` del `UPDATE`, que la base de datos ejecuta de uno en uno. Si lo encuentran pronto, pregunta qué pasa con cien escritores.

# %% [markdown]
# ## Sala de averías
#
# Dos averías. La primera ya está dentro del código y nadie la ve; la segunda la provocas tú.
#
# Los clientes piden dividir la cuenta. Alguien escribió esto un viernes por la noche, lo probó con dos personas y se fue a casa.

# %%
import requests
from fastapi import FastAPI
from workshop import predict, serve, xray
from workshop.restaurant import DishId, SessionDep, find_dish, menu_database, menu_routes

engine = menu_database(6)
app = FastAPI(title="El menú de La Comanda")
app.include_router(menu_routes())


@app.get("/dishes/{dish_id}/split")
def split_bill(dish_id: DishId, people: int, session: SessionDep):
    dish = find_dish(dish_id, session)
    return {"each": round(dish.price / people, 2)}


api = serve(app)
requests.get(f"{api.url}/dishes/1/split", params={"people": 2}).json()

# %% [markdown]
# Probar a mano es probar lo que ya se te ocurrió. Un **fuzzer** lee el contrato de la API y envía peticiones que cumplen con él, pero que a nadie se le habrían ocurrido. [Schemathesis](https://schemathesis.readthedocs.io/) hace eso con OpenAPI.
#
# **Predice.** Va a enviar hasta 100 peticiones a esa dirección. ¿Encontrará alguna que la rompa?

# %%
guess = predict("¿Encontrará un 500?", ["sí", "no"])
guess

# %% [markdown]
# **Ejecuta.** `derandomize` hace que la búsqueda sea la misma cada vez. Cuando una petición falla, el fuzzer la simplifica hasta quedarse con la más pequeña que todavía falla: es la última de la lista.

# %% tags=["long"]
from contextlib import suppress

import schemathesis
from hypothesis import given, settings


def fuzz(path: str) -> list[dict]:
    """Las consultas que provocaron un 500, de la primera que apareció a la más pequeña."""
    contract = schemathesis.openapi.from_url(f"{api.url}/openapi.json")
    broken = []

    @given(case=contract[path]["GET"].as_strategy())
    @settings(max_examples=100, derandomize=True, database=None, deadline=None)
    def never_breaks(case):
        answer = requests.get(f"{api.url}{case.formatted_path}", params=case.query)
        if answer.status_code == 500:
            broken.append(case.query)
        assert answer.status_code != 500

    with suppress(AssertionError):
        never_breaks()
    return broken


broken = fuzz("/dishes/{dish_id}/split")
broken[-1:]

# %% [markdown]
# **Compara.**

# %%
guess.compare("sí" if broken else "no")

# %% [markdown]
# Nadie le dijo al fuzzer que dividir entre cero era mala idea: el contrato aceptaba cualquier entero, y probó los raros. Repite esa petición bajo los rayos X y busca la línea culpable.

# %%
with xray("dividir la cuenta entre nadie") as trace:
    requests.get(f"{api.url}/dishes/1/split", params={"people": 0})

trace

# %% [markdown]
# **Repárala.** El arreglo no es un `try`: es decir la verdad en el contrato. Si hacen falta personas para dividir, que el contrato lo pida. Al volver a servir la aplicación, el servicio cambia en el mismo puerto, sin rechazar ninguna petición.

# %%
from typing import Annotated

from fastapi import Query

app = FastAPI(title="El menú de La Comanda")
app.include_router(menu_routes())


@app.get("/dishes/{dish_id}/split")
def split_bill(dish_id: DishId, people: Annotated[int, Query(ge=1, le=50)], session: SessionDep):
    dish = find_dish(dish_id, session)
    return {"each": round(dish.price / people, 2)}


api = serve(app)
requests.get(f"{api.url}/dishes/1/split", params={"people": 0}).status_code

# %% [markdown]
# El 500 (*Internal Server Error*), que culpaba a la cocina, es ahora un 422, que le explica al cliente qué corregir. Vuelve a soltar el fuzzer: debe terminar sin encontrar nada.

# %%
print("Peticiones que la rompen:", len(fuzz("/dishes/{dish_id}/split")))

# %% [markdown]
# **La segunda avería.** Apaga el servicio y pide el menú. Antes de ejecutar, piensa qué código de estado vas a recibir.

# %%
api.stop()
try:
    requests.get(f"{api.url}/dishes")
except requests.ConnectionError as failure:
    print(type(failure).__name__)

# %% [markdown]
# Ninguno. Un código de estado es una respuesta, y aquí no hay nadie que responda: la conexión se rechazó antes de que existiera HTTP. Un 500 y una conexión rechazada se reparan en lugares distintos. Mira también qué dice la consola de la sección 1 si le pides algo ahora. Después, enciéndelo:

# %%
api.start()
requests.get(f"{api.url}/dishes", params={"limit": 1}).status_code

# %% [markdown]
# Volvió en la misma dirección y con los mismos datos: el servicio se apagó, la base de datos no.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (4 min). Deja que el grupo proponga el arreglo antes de mostrarlo; muchos querrán un `try`. Pregunta quién se entera de cada avería. Si dicen que las dos están en la bitácora, que las busquen con `print(api.logs())`: el 500 está y la conexión rechazada no, porque nadie la recibió. Si lo saben, pregunta quién la notaría entonces.

# %% [markdown]
# ## Ejercicio 1 · El catálogo que se puede buscar
#
# **Meta.** `GET /dishes` acepta `category`, `max_price` (incluido), `limit` (de 1 a 50; 20 si no se dice) y `offset`; ordena por `id`; contesta 422 fuera de esos límites, y dice en el encabezado `X-Total-Count` cuántos platos pasan los filtros antes de paginar.
#
# Completa la función. Mientras conteste 501 (*Not Implemented*), la revisión la considera sin intentar.

# %%
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query, Response
from sqlmodel import func, select
from workshop import check, hint, serve
from workshop.restaurant import Category, Dish, DishPublic, SessionDep, menu_database

engine = menu_database()
catalog_app = FastAPI(title="Ejercicio 1")

# %% [markdown]
# Escribe aquí tu solución y ejecuta la celda cuantas veces quieras: el servicio cambia solo.


# %% tags=["exercise"]
@catalog_app.get("/dishes", response_model=list[DishPublic])
def search_dishes(response: Response, session: SessionDep, category: Category | None = None):
    raise HTTPException(501, "Ejercicio 07.1, sin intentar")


catalog = serve(catalog_app)


# %% tags=["solution", "long"]
@catalog_app.get("/dishes", response_model=list[DishPublic])
def search_dishes(
    response: Response,
    session: SessionDep,
    category: Category | None = None,
    max_price: int | None = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
    offset: Annotated[int, Query(ge=0)] = 0,
):
    query = select(Dish)
    if category is not None:
        query = query.where(Dish.category == category)
    if max_price is not None:
        query = query.where(Dish.price <= max_price)
    total = session.exec(select(func.count()).select_from(query.subquery())).one()
    response.headers["X-Total-Count"] = str(total)
    return session.exec(query.order_by(Dish.id).offset(offset).limit(limit)).all()


catalog = serve(catalog_app)

# %% [markdown]
# La revisión le hace peticiones a tu servicio, como cualquier cliente: no lee tu código.

# %%
check("07.1", catalog)

# %% [markdown]
# Si te atoras, `hint("07.1")` da una pista; vuelve a llamarla para la siguiente.

# %% [markdown]
# ## Ejercicio 2 · El pedido que se puede repetir
#
# **Meta.** `PUT /orders/{folio}` guarda un pedido. El folio lo elige quien pide: por eso puede repetir la petición sin pedir dos veces. La primera vez contesta 201; la misma petición otra vez, 200, y no agrega nada; el mismo folio con otro contenido, 409, y el pedido queda como estaba.
#
# Ver la lista de pedidos y cancelar uno ya viene hecho, para que puedas mirar qué quedó guardado.

# %%
from fastapi import FastAPI, HTTPException, Response
from sqlmodel import select
from workshop import check, hint, serve
from workshop.restaurant import Order, OrderCreate, OrderPublic, SessionDep, menu_database, menu_routes

engine = menu_database()

# %% [markdown]
# Lo que ya viene hecho: el menú, la lista de pedidos y la cancelación.

# %%
orders_app = FastAPI(title="Ejercicio 2")
orders_app.include_router(menu_routes())


@orders_app.get("/orders", response_model=list[OrderPublic])
def list_orders(session: SessionDep):
    return session.exec(select(Order)).all()


@orders_app.delete("/orders/{folio}", status_code=204)
def cancel_order(folio: str, session: SessionDep) -> None:
    if row := session.get(Order, folio):
        session.delete(row)
        session.commit()


# %% [markdown]
# Escribe aquí tu solución.


# %% tags=["exercise"]
@orders_app.put("/orders/{folio}", response_model=OrderPublic)
def put_order(folio: str, order: OrderCreate, response: Response, session: SessionDep):
    raise HTTPException(501, "Ejercicio 07.2, sin intentar")


orders = serve(orders_app)


# %% tags=["solution", "long"]
@orders_app.put("/orders/{folio}", response_model=OrderPublic)
def put_order(folio: str, order: OrderCreate, response: Response, session: SessionDep):
    saved = session.get(Order, folio)
    if saved is None:
        saved = Order(folio=folio, **order.model_dump())
        session.add(saved)
        session.commit()
        session.refresh(saved)
        response.status_code = 201
    elif any(getattr(saved, field) != value for field, value in order):
        raise HTTPException(409, "Ese folio ya tiene otro pedido.")
    return saved


orders = serve(orders_app)

# %% [markdown]
# La revisión usa folios propios, así que no toca los tuyos.

# %%
check("07.2", orders)

# %% [markdown]
# También aquí hay pistas: `hint("07.2")`.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (7 min). Da cuatro minutos al primero y deja el segundo para casa si vas justo. Errores que verás: contar después de paginar, comparar el pedido como texto, contestar 201 siempre. Cada uno tiene su propio mensaje; pide que lo lean en voz alta antes de pedir una pista.

# %% [markdown]
# ## Comprueba lo que sabes
#
# Cada respuesta equivocada corresponde a una confusión conocida; si caes en una, lee por qué.

# %%
from workshop import quiz

quiz("07")

# %% [markdown]
# ## ¿Dónde se rompe la analogía?
#
# - En una cocina nadie pide «lo mismo que la última vez, por si no me oíste». En la red pasa todo el tiempo, y la idempotencia existe por eso.
# - Una ficha de papel solo la puede sostener una persona. Una fila la pueden leer mil a la vez y cada quien se lleva una copia que empieza a envejecer en ese instante.
# - El mesero entiende «tráeme algo fresco». Una API solo entiende lo que su contrato dice, y lo demás es un 422.
#
# ## Resumen
#
# - **El recurso y el verbo:** las direcciones son sustantivos; crear, leer, actualizar y borrar son `POST`, `GET`, `PUT` o `PATCH`, y `DELETE`.
# - **El código dice qué pasó:** 201 con `Location`, 204 sin cuerpo, 404 no está, 409 choca con lo guardado, 412 cambió desde que lo leíste, 422 no cumple el contrato.
# - **Repetir sin miedo:** `GET`, `PUT` y `DELETE` son idempotentes; un `POST` que suma, no.
# - **Dos escritores:** `ETag` e `If-Match` convierten una actualización perdida en un 412 que se puede resolver.
#
# ## En la práctica
#
# - Un `OFFSET` grande obliga a la base de datos a contar lo que se salta. Con millones de filas se pagina por cursor: «los siguientes después de este id».
# - Las APIs de pago piden un encabezado `Idempotency-Key` en sus `POST`, con la misma idea que el folio del segundo ejercicio.
# - `PATCH` con JSON tiene dos formatos estándar, JSON Merge Patch (RFC 7396) y JSON Patch (RFC 6902); aquí usaste algo parecido al primero.
# - El fuzzer corre en la integración continua, contra un servicio de prueba. En el capítulo 09 entra en una.
# - Los códigos se definen en la RFC 9110; `PATCH`, en la RFC 5789.
#
# **El siguiente capítulo,** *Publicar el menú en tres nubes*, lleva este mismo menú a tres proveedores.
#
# Antes de irte, mira tu avance y apaga lo que encendiste.

# %%
from workshop import progress

progress("07")

# %% [markdown]
# Nada de lo que arrancó este cuaderno sobrevive a su kernel, pero apagar la luz al salir es buena costumbre.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (2 min). Cierra con una sola pregunta: ¿qué petición de tu trabajo no te atreverías a repetir, y qué le falta para que sí? Si contestan «ninguna», pregunta por la que cobra. Quien quiera seguir puede soltar el fuzzer sobre su ejercicio.

# %%
from workshop import stop_all

stop_all()
