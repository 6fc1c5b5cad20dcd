# %% [markdown]
# # 15 · Montar la mesa de servicio
#
# En este capítulo construirás una caché en Redis delante de una consulta costosa, y medirás qué gana, cuándo miente y qué pasa el día que falta.
#
# **Aprenderás a**
#
# - guardar un resultado costoso y servirlo sin volver a calcularlo;
# - decidir cuánto dura una copia y borrarla cuando deja de ser verdad;
# - ponerle límite de memoria y elegir qué se tira;
# - aguantar una avalancha de peticiones sin que la base de datos la sienta, y seguir en pie si la caché se cae.
#
# **Necesitas** el capítulo 07. **Minutos:** 45.
#
# ## La historia
#
# En La Comanda todo el mundo pregunta lo mismo al sentarse: «¿qué es lo más pedido?», y la mesera contesta de memoria lo que la gerencia calculó con las notas de todo el año. Un domingo la gerencia decidió contestar siempre con datos frescos, y cada pregunta puso a alguien a sumar doscientas mil notas mientras la cocina esperaba. Entre sumar siempre y no volver a sumar nunca hay una mesa de servicio: el lugar donde se deja listo lo que se va a pedir otra vez.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (2 min). Pregunta qué contesta el grupo de memoria todos los días y cuándo fue la última vez que esa memoria estaba vieja. Si salen ejemplos, guárdalos: cada uno cae en la sección 2 o en la 3. Si no sale ninguno, pregunta por el precio de su café.

# %% [markdown]
# ## 1. El fallo y el acierto
#
# Una **caché** (*cache*) guarda en un lugar rápido el resultado de un trabajo lento. Si la respuesta ya está guardada hay un **acierto** (*hit*); si no está, un **fallo** (*miss*), que cuesta el trabajo completo y deja la copia para quien venga después.
#
# El trabajo lento es de verdad: `best_sellers` lee las 200 000 ventas del año, una por una. El lugar rápido es un servidor Redis que acaba de arrancar para ti y guarda todo en memoria.

# %%
import json

import requests
from fastapi import FastAPI, Response
from workshop import bars, predict, redis_server, serve, xray
from workshop.restaurant import QueryCounter, SessionDep, best_sellers, sales_database

engine = sales_database()
felt = QueryCounter(engine)
redis = redis_server()
cache = redis.client()
app = FastAPI(title="La Comanda")

# %% [markdown]
# La receta tiene tres pasos: mirar en la mesa; si no está, cocinar; dejarlo en la mesa. Se llama *cache-aside*, porque la caché está a un lado: ni Redis sabe de la base de datos, ni la base de datos sabe de Redis. La llave empieza por `comanda:`, para no pisar las de nadie más que use el mismo servidor.


# %%
@app.get("/best-sellers")
def ranking(session: SessionDep, response: Response):
    saved = cache.get("comanda:ranking")
    response.headers["X-Cache"] = "fallo" if saved is None else "acierto"
    if saved is None:
        saved = json.dumps(best_sellers(session))
        cache.set("comanda:ranking", saved)
    return json.loads(saved)


api = serve(app)

# %% [markdown]
# **Predice.** La primera petición suma doscientas mil ventas. La segunda lee un texto de Redis y atraviesa la misma API. ¿Cuántas veces más rápida será?

# %%
guess = predict("¿Cuántas veces más rápido será el acierto?", unit="veces")
guess

# %% [markdown]
# **Ejecuta.** Cuatro fallos y veinte aciertos, cronometrados por el cliente. `felt` cuenta cada sentencia que llega a la base de datos, venga de donde venga.

# %%
times = {"fallo": [], "acierto": []}
felt.reset()
with requests.Session() as client:
    for n in range(24):
        if n % 6 == 0:
            cache.delete("comanda:ranking")
        answer = client.get(f"{api.url}/best-sellers")
        times[answer.headers["X-Cache"]].append(answer.elapsed.total_seconds() * 1000)
felt

# %% [markdown]
# **Compara.** Cada raya es una petición y la barra es la mediana.

# %% tags=["claim:15.1", "claim:15.2"]
drawn = bars(times, "ms", title="lo que espera el cliente")
ratio = drawn.values["fallo"] / drawn.values["acierto"]
print(f"El acierto fue más de 10 veces más rápido: {ratio > 10}")
guess.compare(ratio)
drawn

# %% [markdown]
# **Qué acaba de pasar.** De veinticuatro peticiones, la base sintió cuatro. El acierto no hizo más rápida la suma: la evitó. Lo que queda es el viaje a Redis y el de HTTP, que se pagan siempre. Por eso una caché delante de algo que ya es rápido no gana casi nada.
#
# Los rayos X muestran la diferencia. Primero el fallo:

# %%
cache.delete("comanda:ranking")
with xray("un fallo") as trace:
    requests.get(f"{api.url}/best-sellers")

trace

# %% [markdown]
# Y ahora el acierto. Busca qué rama desapareció.

# %%
with xray("un acierto") as trace:
    requests.get(f"{api.url}/best-sellers")

print("Sentencias de SQL en el acierto:", len(trace.sql))
trace

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (5 min). Antes de comparar, pide la cifra a tres personas; suelen quedarse cortas. Pregunta después cómo acelerarían la suma sin caché. Si dicen «con un índice», no alcanza: la consulta tiene que leer todas las ventas. Si dicen «con una tabla de totales», es la alternativa seria, y también es una copia, con los problemas de la sección siguiente.

# %% [markdown]
# ## 2. Caducar e invalidar
#
# En la mesa de servicio cada recipiente lleva escrita la hora a la que se tira. En Redis, ese plazo se llama **TTL** (*time to live*): lo pones al guardar y Redis borra la llave solo. Una copia sin plazo puede quedarse para siempre diciendo algo que ya no es verdad.

# %%
import json
import time

import requests
from fastapi import FastAPI
from sqlmodel import Session
from workshop import curve, predict, redis_server, serve
from workshop.restaurant import Dish, DishId, DishPublic, DishUpdate, SessionDep
from workshop.restaurant import find_dish, menu_routes, sales_database, write_dish

engine = sales_database()
cache = redis_server().client()

# %% [markdown]
# La receta de antes, ahora en una función: `key` es el nombre de la copia, `ms` los milisegundos que dura y `cook` cómo se prepara si no está. La API la usa para leer un plato, con 600 milisegundos de vida; cambiarlo, por ahora, no sabe nada de la caché.


# %%
def remember(key: str, ms: int, cook):
    saved = cache.get(key)
    if saved is None:
        saved = json.dumps(cook())
        cache.set(key, saved, px=ms)
    return json.loads(saved)


app = FastAPI(title="La Comanda")
life = 600


@app.get("/dishes/{dish_id}", response_model=DishPublic)
def read_dish(dish_id: DishId, session: SessionDep):
    return remember(f"comanda:dish:{dish_id}", life, lambda: find_dish(dish_id, session).model_dump())


app.include_router(menu_routes(without=["read_dish"]))
api = serve(app)

# %% [markdown]
# **Predice.** Alguien lee el plato 1 y la copia queda guardada. Justo después, la gerencia sube el precio. ¿Quién ve el precio viejo?

# %%
guess = predict(
    "¿Hasta cuándo se ve el precio viejo?",
    ["no se ve: el precio nuevo manda", "hasta que caduca la copia", "para siempre"],
)
guess

# %% [markdown]
# **Ejecuta.** Se pregunta el precio una y otra vez hasta que cambia, y de paso cuánto le queda de vida a la copia.

# %%
url = f"{api.url}/dishes/1"
cache.delete("comanda:dish:1")
old = requests.get(url).json()["price"]
requests.patch(url, json={"price": old + 20})

start, stale, left = time.monotonic(), 0, []
while time.monotonic() - start < 3 and requests.get(url).json()["price"] == old:
    left.append((time.monotonic() - start, max(cache.pttl("comanda:dish:1"), 0) / 1000))
    stale += 1
    time.sleep(0.02)
took = time.monotonic() - start

# %% [markdown]
# **Compara.** La gráfica es la vida de la copia, preguntada a Redis en cada vuelta.

# %% tags=["claim:15.5"]
if stale == 0:
    guess.compare("no se ve: el precio nuevo manda")
else:
    guess.compare("hasta que caduca la copia" if took < 3 else "para siempre")
print(f"Se vio el precio viejo más de una vez: {stale > 1}. Se dejó de ver: {took < 3}.")
curve({"la copia del plato 1": left}, x="segundos desde el cambio", y="segundos de vida")

# %% [markdown]
# **Qué acaba de pasar.** Durante casi seis décimas de segundo la base decía una cosa y la API otra, sin ningún error a la vista. El TTL no evita la mentira: le pone un máximo. Elegirlo es decidir cuánto tiempo es aceptable contestar lo de antes, y eso lo contesta el negocio, no quien programa.
#
# Quien cambia el dato sí sabe en qué momento la copia dejó de servir. Borrarla entonces es **invalidarla** (*invalidation*): un renglón, después de escribir. Y el plazo ya puede ser de un minuto entero.

# %%
app = FastAPI(title="La Comanda")
life = 60_000


@app.patch("/dishes/{dish_id}", response_model=DishPublic)
def change_dish(dish_id: DishId, dish: DishUpdate, session: SessionDep):
    row = write_dish(dish_id, dish.model_dump(exclude_unset=True), None, session)
    cache.delete(f"comanda:dish:{dish_id}")
    return row


app.get("/dishes/{dish_id}", response_model=DishPublic)(read_dish)
api = serve(app)

# %% [markdown]
# La misma escena, cinco veces seguidas: leer, subir el precio, volver a leer.

# %% tags=["claim:15.6"]
stale = 0
for _ in range(5):
    price = requests.get(url).json()["price"] + 5
    requests.patch(url, json={"price": price})
    stale += requests.get(url).json()["price"] != price
print("Lecturas con el precio viejo:", stale)

# %% [markdown]
# ¿Y si la copia se borra **antes** de escribir? Parece lo mismo. Prueba con otra clienta que lee justo en medio:

# %%
cache.delete("comanda:dish:1")  # la gerencia invalida…
seen = requests.get(url).json()["price"]  # …una clienta lee, y su lectura guarda la copia…
with Session(engine) as session:
    session.get(Dish, 1).price = seen + 5  # …y la gerencia escribe
    session.commit()
print("La API ya dice el precio nuevo:", requests.get(url).json()["price"] == seen + 5)

# %% [markdown]
# La clienta volvió a guardar el precio viejo, y nadie más lo va a borrar. Por eso se invalida después, y por eso se deja un TTL aunque invalides bien: es la red para el día en que un borrado se pierda.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (7 min). Pide ejemplos de datos en los que un minuto de retraso no importa y de otros en los que sí: el ranking, el saldo, lo que queda de un plato. En la última celda, pregunta quién tiene la culpa. Si culpan a quien leyó o a quien escribió, pide que señalen la línea prohibida: no hay, fue el orden. Si ya hablan del orden, sigue.

# %% [markdown]
# ## 3. Lo que cambia a cada rato
#
# ¿Cuántos pedidos esperan en la cocina? También se puede guardar en una caché, pero cada pedido nuevo hace falsa la copia. Aquí se enfrentan dos números: cuántas veces se lee el dato y cuántas cambia.

# %%
from sqlmodel import Session, func, select
from workshop import curve, predict, redis_server
from workshop.restaurant import Order, sales_database

engine = sales_database()
cache = redis_server().client()

# %% [markdown]
# Sin API en medio, para ver solo la caché. `waiting` lee con *cache-aside*:


# %%
def count_orders() -> int:
    with Session(engine) as session:
        return session.exec(select(func.count()).select_from(Order)).one()


def waiting() -> tuple[int, bool]:
    """Los pedidos en espera, y si salieron de la caché."""
    saved = cache.get("comanda:waiting")
    if saved is not None:
        return int(saved), True
    count = count_orders()
    cache.set("comanda:waiting", count, ex=60)
    return count, False


# %% [markdown]
# Y `new_order` guarda un pedido e invalida la copia, en ese orden, como en la sección 2:


# %%
def new_order(invalidate: bool = True) -> None:
    with Session(engine) as session:
        session.add(Order(folio=f"mesa-{count_orders()}", table_number=1, dish_id=1))
        session.commit()
    if invalidate:
        cache.delete("comanda:waiting")


# %% [markdown]
# **Predice.** Se lee cien veces. Si antes de cada lectura llega un pedido, ¿qué porcentaje de las lecturas acierta?

# %%
guess = predict("¿Qué porcentaje acierta?", ["0 %", "alrededor de 50 %", "99 %"])
guess

# %% [markdown]
# **Ejecuta.** Cien lecturas cada vez, con más y más pedidos repartidos entre ellas.


# %%
def hit_rate(orders: int) -> int:
    """De cien lecturas, cuántas aciertan si entre ellas llegan `orders` pedidos."""
    waiting()
    hits = 0
    for n in range(100):
        if (n + 1) * orders // 100 > n * orders // 100:
            new_order()
        hits += waiting()[1]
    return hits


rates = {orders: hit_rate(orders) for orders in (0, 5, 10, 25, 50, 100)}

# %% [markdown]
# **Compara.**

# %% tags=["claim:15.3"]
guess.compare("0 %" if rates[100] == 0 else "99 %" if rates[100] > 75 else "alrededor de 50 %")
print(f"Aciertos sin cambios: {rates[0]}. Con un cambio por lectura: {rates[100]}.")
curve({"aciertos": rates}, x="cambios por cada 100 lecturas", y="aciertos (%)", top=100)

# %% [markdown]
# **Qué acaba de pasar.** Con un cambio por lectura la caché no acertó ni una vez, y cada lectura pagó tres viajes más a Redis: preguntar, guardar y borrar. No se puede arreglar con un TTL, que solo cambia lentitud por mentira:

# %%
cache.delete("comanda:waiting")
lies = 0
for _ in range(100):
    new_order(invalidate=False)
    lies += waiting()[0] != count_orders()
print("Con TTL y sin invalidar, respuestas falsas:", lies, "de 100")

# %% [markdown]
# Lo que decide no es si el dato «es importante», sino cuántas lecturas hay por cada cambio. El menú se lee mil veces entre un cambio y otro; la fila de la cocina, menos de una.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (4 min). Dibuja en el pizarrón una línea de «cambia cada segundo» a «cambia cada año» y que el grupo coloque cinco datos de su trabajo. Pregunta qué falta para decidir. Si no sale, la sección lo acaba de medir: cuántas veces se lee cada uno. Si sale pronto, que digan cuál de los cinco no guardarían.

# %% [markdown]
# ## 4. Una mesa chica
#
# La memoria se acaba. En la mesa de servicio caben unos cuantos recipientes y en la carta hay muchos más platos, así que alguien decide qué se retira. En Redis lo deciden dos ajustes: `maxmemory`, cuánto cabe, y `maxmemory-policy`, a quién se desaloja (*eviction*).
#
# Este servidor es otro, solo para esta sección (`private`): le vas a quitar la memoria.

# %%
import random

from redis.exceptions import OutOfMemoryError
from workshop import curve, predict, redis_server

shelf = redis_server("mesa", private=True)
cache = shelf.client()
card = "Receta, alérgenos, foto y reseñas. " * 60
CARD = 2_300  # bytes que ocupa una ficha con su llave

# %% [markdown]
# `room_for` deja la mesa vacía y con lugar para un número de fichas. Con la política de fábrica, `noeviction`, llénala de más:


# %%
def room_for(cards: int, policy: str) -> None:
    cache.execute_command("FLUSHDB", "SYNC")
    used = cache.info("memory")["used_memory"]
    shelf.config(maxmemory=used + cards * CARD, maxmemory_policy=policy)


room_for(200, "noeviction")
try:
    for n in range(1_000):
        cache.set(f"card:{n}", card)
except OutOfMemoryError as failure:
    print("Redis dijo que no:", failure)

# %% [markdown]
# Sin política, la caché llena se niega a guardar: el límite protege a la máquina, y a tu programa le toca un error. Con una política, Redis hace lugar. Las dos más usadas son **LRU** (*least recently used*), que tira lo que lleva más tiempo sin pedirse, y **LFU** (*least frequently used*), que tira lo que menos se pide.
#
# En una carta de 2 000 platos no todos se piden igual: unos pocos acaparan casi todo, el segundo se pide la mitad de veces que el primero; el tercero, la tercera parte. Se llama distribución de Zipf, y aparece en menús, palabras y páginas web.
#
# **Predice.** En la mesa cabe 1 de cada 10 platos. ¿Qué porcentaje de los pedidos encuentra su ficha en ella?

# %%
guess = predict("Cabe el 10 % de los platos; ¿qué porcentaje acierta con LRU?", unit="%")
guess

# %% [markdown]
# **Ejecuta.** Primero, la tarde de pedidos: cuatro mil, siempre los mismos, en mesas de a diez.

# %%
DISHES = 2_000
taste = [1 / rank for rank in range(1, DISHES + 1)]
orders = random.Random(15).choices(range(DISHES), taste, k=4_000)
tables = [orders[n : n + 10] for n in range(0, len(orders), 10)]

# %% [markdown]
# Cada mesa pide sus diez fichas de una vez (`mget`), y las que no estaban se guardan.


# %%
def hit_rate(cards: int, policy: str) -> float:
    room_for(cards, policy)
    hits = 0
    for table in tables:
        found = cache.mget([f"card:{dish}" for dish in table])
        hits += sum(one is not None for one in found)
        with cache.pipeline(transaction=False) as pipe:
            for dish, one in zip(table, found, strict=True):
                if one is None:
                    pipe.set(f"card:{dish}", card)
            pipe.execute()
    return 100 * hits / len(orders)


# %% [markdown]
# La misma tarde se repite con cada tamaño de mesa y con cada política:

# %%
sizes = (100, 40, 20, 10, 5)
rates = {
    name: {size: hit_rate(DISHES * size // 100, f"allkeys-{name.lower()}") for size in sizes}
    for name in ("LRU", "LFU")
}

# %% [markdown]
# **Compara.**

# %% tags=["claim:15.7"]
lru, lfu = rates["LRU"], rates["LFU"]
guess.compare(lru[10])
memory = cache.info("memory")
print("La memoria usada no pasó de su límite:", memory["used_memory"] <= 1.01 * memory["maxmemory"])
print("Con lugar para 1 de cada 10, acertó más de 3 de cada 10:", lru[10] > 30)
print("Con poco lugar, LFU acertó más que LRU:", lfu[5] > lru[5])
print("De 5 % a 20 % se ganó más que de 20 % a 100 %:", lfu[20] - lfu[5] > lfu[100] - lfu[20])
curve(rates, x="platos que caben (%)", y="aciertos (%)", top=100)

# %% [markdown]
# **Qué acaba de pasar.** Una mesa pequeña con lo que más se pide hace casi todo el trabajo, y cada recipiente adicional aporta menos: la curva se aplana. LFU protege a los favoritos de quien pasa una sola vez y pide de todo, como un rastreador que lee la carta entera. LRU, a cambio, se adapta antes cuando cambia la moda.
#
# Ni con la mesa entera se acierta siempre: alguien tiene que ser el primero en pedir cada plato.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (6 min). Pregunta: ¿pagarías el doble de memoria por pasar de 20 % a 40 % de la carta? Si dicen que sí, que lean en la curva cuántos aciertos compran; si dicen que no, pregunta cuánto cuesta un fallo. Dato fino para quien pregunte: Redis no ordena todas las llaves, toma unas cuantas al azar y tira la peor, y su reloj de LRU cuenta segundos enteros, así que en una prueba tan corta LRU se parece a elegir al azar.

# %% [markdown]
# ## 5. La avalancha
#
# Un canal de televisión menciona a La Comanda y todos preguntan a la vez por lo más pedido. O no son clientes: es un ataque de denegación de servicio (**DDoS**), que busca justo eso, que la base de datos no dé abasto. Mide qué siente la base con y sin la mesa de servicio.

# %%
import json
import time

import requests
from fastapi import FastAPI
from workshop import bars, load, predict, redis_server, serve
from workshop.restaurant import QueryCounter, SessionDep, best_sellers, sales_database

engine = sales_database()
felt = QueryCounter(engine)
cache = redis_server().client()

# %% [markdown]
# Dos direcciones que contestan lo mismo: una consulta siempre; la otra recuerda durante un minuto.

# %%
app = FastAPI(title="La Comanda")


@app.get("/direct")
def direct(session: SessionDep):
    return best_sellers(session)


@app.get("/best-sellers")
def ranking(session: SessionDep):
    saved = cache.get("comanda:ranking")
    if saved is None:
        saved = json.dumps(best_sellers(session))
        cache.set("comanda:ranking", saved, ex=60)
    return json.loads(saved)


api = serve(app)

# %% [markdown]
# **Predice.** Ocho clientes piden sin descanso durante siete décimas de segundo. ¿Cuántas veces más peticiones se atienden con la caché?

# %%
guess = predict("¿Cuántas veces más peticiones se atienden?", unit="veces")
guess

# %% [markdown]
# **Ejecuta.** `load` pide desde otro proceso, para no estorbar a la API. Primero, sin caché:

# %%
felt.reset()
alone = load(f"{api.url}/direct", clients=8, seconds=0.7)
felt_alone = felt.queries

# %% [markdown]
# Y con ella, después de una petición que deja puesta la copia. `settle` espera a que la base termine lo que le quedaba:

# %%
felt.settle()
requests.get(f"{api.url}/best-sellers")
felt.reset()
helped = load(f"{api.url}/best-sellers", clients=8, seconds=0.7)
felt_helped = felt.queries

# %% [markdown]
# **Compara.** Lo que sintió la base en cada avalancha:

# %% tags=["claim:15.4", "claim:15.8"]
times_more = helped.result.done / max(alone.result.done, 1)
guess.compare(times_more)
print("Con la caché se atendieron más de 5 veces más peticiones:", times_more > 5)
print("Y la base sintió:", felt_helped)
bars({"sin caché": felt_alone, "con caché": felt_helped}, "consultas", title="lo que sintió la base")

# %% [markdown]
# **Qué acaba de pasar.** La avalancha fue la misma, o peor, y a la base no le llegó nada: creció el número de respuestas y no el trabajo. Así ayuda una caché a mitigar un DDoS. Pero solo cuando todos piden lo mismo: a quien pide algo distinto cada vez le toca un fallo tras otro.
#
# Queda un instante peligroso: **el momento en que la copia caduca**. Todos los que llegan entonces encuentran la mesa vacía.
#
# **Predice otra vez.** Veinte clientes piden sin parar y la copia caduca a medio camino. ¿Cuántas consultas siente la base?

# %%
guess_again = predict("¿Cuántas consultas provoca que caduque?", ["1", "entre 2 y 4", "5 o más"])
guess_again

# %% [markdown]
# **Ejecuta.** La copia está puesta. Cuando los veinte ya están pidiendo, le queda un milisegundo de vida. En cuanto alguien deja otra, la carga se detiene.


# %%
def stampede() -> int:
    requests.get(f"{api.url}/best-sellers")
    crowd = load(f"{api.url}/best-sellers", clients=20, seconds=5, wait=False)
    while crowd.running and crowd.run.snapshot().done < 20:
        time.sleep(0.01)
    felt.reset()
    cache.pexpire("comanda:ranking", 1)
    while crowd.running and not (felt.queries and cache.exists("comanda:ranking")):
        time.sleep(0.01)
    crowd.stop()
    felt.settle()
    return felt.queries


unlocked = stampede()
guess_again.compare("1" if unlocked == 1 else "entre 2 y 4" if unlocked < 5 else "5 o más")

# %% [markdown]
# Se llama **estampida** (*cache stampede*): todas las que llegan en ese momento calculan lo mismo, y todas menos una para nada. Si el cálculo tumba a la base, la caché no vuelve a llenarse y la estampida no termina.
#
# El remedio es un candado (*lock*): la primera que falla cocina y las demás esperan a que termine. Vive en Redis, para que lo respeten todas las copias del servicio, y también caduca, por si quien lo tiene muere con la llave en la mano. Fíjate en que se vuelve a mirar en la mesa después de esperar.

# %%
app = FastAPI(title="La Comanda")


@app.get("/best-sellers")
def ranking(session: SessionDep):
    if saved := cache.get("comanda:ranking"):
        return json.loads(saved)
    with cache.lock("comanda:ranking:lock", timeout=5, sleep=0.02):
        saved = cache.get("comanda:ranking")
        if saved is None:
            saved = json.dumps(best_sellers(session))
            cache.set("comanda:ranking", saved, ex=60)
    return json.loads(saved)


api = serve(app)
locked = stampede()

# %% [markdown]
# La misma estampida, ahora de una en una:

# %% tags=["claim:15.8"]
print(f"Cinco o más consultas sin candado: {unlocked >= 5}. Consultas con candado: {locked}.")
felt_each = {"sin candado": unlocked, "con candado": locked}
bars(felt_each, ("consulta", "consultas"), title="al caducar, con 20 clientes")

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (8 min). Que predigan la estampida a mano alzada; «1» suele ganar. Si preguntan qué pasa con mil clientes, FastAPI corre cada función `def` en un hilo y tiene 40: los demás esperan en la puerta. Si no, sigue. Pregunta cómo atacarías una API con caché (llaves que no se repiten) y cómo la defenderías (no meter en la llave lo que no cambia la respuesta).

# %% [markdown]
# ## 6. La copia que ya tiene el cliente
#
# La copia más barata es la que no viaja. El menú completo pesa varios miles de bytes y el teléfono de la mesa lo pide cada vez que alguien lo abre, aunque no haya cambiado en todo el día. HTTP sabe evitarlo con la etiqueta del capítulo 07, **ETag**: el cliente la devuelve en `If-None-Match`, que significa «mándamelo solo si ya no es este».

# %%
import hashlib
import json
from typing import Annotated

import requests
from fastapi import FastAPI, Header, Response
from sqlmodel import select
from workshop import bars, predict, redis_server, serve
from workshop.restaurant import Dish, SessionDep, menu_routes, sales_database

cache = redis_server().client()
cache.delete("comanda:menu")
engine = sales_database()

# %% [markdown]
# La etiqueta es un resumen del contenido: si cambia una letra, cambia la etiqueta. `Cache-Control: no-cache` no prohíbe guardar; dice «guárdala, pero pregunta antes de usarla».

# %%
app = FastAPI(title="La Comanda")


@app.get("/menu")
def menu(session: SessionDep, if_none_match: Annotated[str | None, Header()] = None):
    body = cache.get("comanda:menu")
    if body is None:
        body = json.dumps([dish.model_dump() for dish in session.exec(select(Dish).order_by(Dish.id))])
        cache.set("comanda:menu", body, ex=60)
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:16]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if if_none_match == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


app.include_router(menu_routes())
api = serve(app)

# %% [markdown]
# **Predice.** El teléfono pide el menú, guarda la etiqueta y lo pide otra vez con ella. El menú no cambió. ¿Qué código contesta la segunda?

# %%
guess = predict("¿Qué código contesta la segunda?", ["200", "204", "304", "412"])
guess

# %% [markdown]
# **Ejecuta.** Tres peticiones: la primera, la que ya trae etiqueta, y otra después de que la gerencia cambia un precio y borra la copia de Redis.

# %% tags=["claim:15.1"]
first = requests.get(f"{api.url}/menu")
known = {"If-None-Match": first.headers["ETag"]}
second = requests.get(f"{api.url}/menu", headers=known)

requests.patch(f"{api.url}/dishes/1", json={"price": first.json()[0]["price"] + 10})
cache.delete("comanda:menu")
third = requests.get(f"{api.url}/menu", headers=known)
[(answer.status_code, len(answer.content) > 0) for answer in (first, second, third)]

# %% [markdown]
# **Compara.**

# %%
guess.compare(str(second.status_code))
bars({"200, con el menú": len(first.content), "304, sin él": len(second.content)}, "bytes", title="el cuerpo")

# %% [markdown]
# **Qué acaba de pasar.** El 304 (*Not Modified*) no trae cuerpo: dice «usa la tuya». Hay dos cachés en fila, y cada una ahorra algo distinto: la de Redis ahorra la consulta; la del cliente, el envío. También son dos lugares donde puede quedar algo viejo, y el segundo no lo puedes borrar tú. Por eso aquí se pregunta siempre; con `max-age=600`, el teléfono ni siquiera preguntaría durante diez minutos.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (3 min). Abre las herramientas de desarrollo del navegador, en la pestaña de red, en cualquier sitio conocido: los 304 y los «desde la caché» están ahí. Pregunta qué pasaría con `max-age` de un año y un precio equivocado. Si dicen «se borra», pregunta desde dónde: esa copia está en el teléfono de otra persona. Si dicen que hay que cambiar la dirección, así se hace con imágenes y estilos; sigue.

# %% [markdown]
# ## Sala de averías
#
# La mesa de servicio se cae. ¿Se cae también el restaurante? Este servidor Redis es solo para romperlo; la API es como la de la sección 1.

# %%
import json
from contextlib import suppress

import requests
from fastapi import FastAPI
from redis import RedisError
from workshop import bars, plan, predict, redis_server, serve, xray
from workshop.restaurant import SessionDep, best_sellers, sales_database

engine = sales_database()
redis = redis_server("averias", private=True)
cache = redis.client()
app = FastAPI(title="La Comanda")


# %% [markdown]
# Una petición sana, para que la copia quede puesta:


# %%
@app.get("/best-sellers")
def ranking(session: SessionDep):
    saved = cache.get("comanda:ranking")
    if saved is None:
        saved = json.dumps(best_sellers(session))
        cache.set("comanda:ranking", saved, ex=60)
    return json.loads(saved)


api = serve(app)
requests.get(f"{api.url}/best-sellers").status_code

# %% [markdown]
# **Predice.** Matas Redis. La base de datos sigue sana y tiene todo lo necesario para contestar. ¿Qué recibe el cliente?

# %%
guess = predict("Sin Redis, ¿qué recibe el cliente?", ["200, igual de rápido", "200, más lento", "500"])
guess

# %% [markdown]
# **Ejecuta.** `kill()` lo mata de golpe, sin despedidas.

# %%
redis.kill()
with xray("sin Redis") as trace:
    answer = requests.get(f"{api.url}/best-sellers")

trace

# %% [markdown]
# **Compara.**

# %%
guess.compare("500" if answer.status_code == 500 else "200, más lento")
redis

# %% [markdown]
# El servicio se cayó por culpa de una ayuda. Nada en la función decía qué hacer si la caché falta, y entonces la caché dejó de ser opcional.
#
# **Repáralo.** Dos decisiones. La primera: un error de Redis (`RedisError`) es un fallo de caché más, al leer y al guardar. La segunda: el cliente de Redis no espera más de una décima de segundo. De fábrica espera cinco, que es más que cualquier comensal.

# %%
cache = redis.client(socket_timeout=0.1)
app = FastAPI(title="La Comanda")


@app.get("/best-sellers")
def ranking(session: SessionDep):
    saved = None
    with suppress(RedisError):
        saved = cache.get("comanda:ranking")
    if saved is None:
        saved = json.dumps(best_sellers(session))
        with suppress(RedisError):
            cache.set("comanda:ranking", saved, ex=60)
    return json.loads(saved)


api = serve(app)
requests.get(f"{api.url}/best-sellers").status_code

# %% [markdown]
# Con Redis muerto contesta la base. Morir es la avería amable, porque la conexión se rechaza al instante. Ahora congélalo: sigue ahí, acepta la conexión y no contesta nunca.


# %%
def measured(requests_sent: int = 2) -> list[float]:
    answers = [requests.get(f"{api.url}/best-sellers") for _ in range(requests_sent)]
    assert all(answer.ok for answer in answers)
    return [answer.elapsed.total_seconds() * 1000 for answer in answers]


times = {"Redis muerto": measured(4)}
redis.recover().freeze()
times["Redis congelado"] = measured()
redis.recover()
requests.get(f"{api.url}/best-sellers")
times["Redis sano"] = measured()

# %% [markdown]
# Todas contestaron 200. Lo que cambia es la espera:

# %%
best = {name: min(sample) for name, sample in times.items()}
print("Congelado fue más lento que muerto:", best["Redis congelado"] > best["Redis muerto"])
print("Y sano, el más rápido:", best["Redis sano"] == min(best.values()))
bars(times, "ms", title="lo que espera el cliente")

# %% [markdown]
# El servicio no se cae: se vuelve lento, y la base siente todo lo que la caché le ahorraba. Si sin caché no aguanta la carga normal, la caché ya no es una ayuda sino un pilar, y hay que cuidarla como tal.
#
# Ahora rompe tú. Además de matarlo y congelarlo, puedes dejarlo lento o cortarle la red:

# %%
plan(redis)

# %% [markdown]
# Vuelve a ejecutar esta celda después de cada avería. Busca el retraso a partir del cual preguntar a la caché sale más caro que no tenerla.

# %%
bars({"ahora": measured()}, "ms", title="lo que espera el cliente")

# %% [markdown]
# Al terminar, déjalo recuperado: vuelve en el mismo sitio y con la misma dirección.

# %%
redis.recover()
cache.ping()

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (4 min). Pregunta antes de congelar: ¿qué es peor, un Redis muerto o uno congelado? Si la mayoría elige el muerto, no la corrijas: lo corrige la medida. Si elige el congelado, pregunta qué alarma pondrían, la de errores o la de latencia.

# %% [markdown]
# ## Ejercicio 1 · El ranking que se calcula una vez
#
# **Meta.** `GET /best-sellers` contesta lo que da `best_sellers(session, category)`, y consulta la base solo cuando hace falta. Lo guardado vive en Redis, con una llave por categoría, y caduca en 60 segundos o menos. `PATCH /dishes/{dish_id}` cambia el plato y borra las llaves que dejaron de ser verdad, y ninguna ajena.
#
# Mientras `GET /best-sellers` conteste 501, la revisión lo considera sin intentar. Las rutas de `cache_inspection` le dicen cuántas consultas sintió la base y qué llaves hay.

# %%
import json

from fastapi import FastAPI, HTTPException
from workshop import check, hint, redis_server, serve
from workshop.restaurant import Category, DishId, DishPublic, DishUpdate, SessionDep
from workshop.restaurant import best_sellers, cache_inspection, menu_routes, sales_database, write_dish

engine = sales_database()
redis = redis_server("ejercicio", private=True)
cache = redis.client()
ranking_app = FastAPI(title="Ejercicio 1")
ranking_app.include_router(menu_routes(without=["change_dish"]))
ranking_app.include_router(cache_inspection(redis, engine))

# %% [markdown]
# Escribe aquí tu solución y ejecuta la celda cuantas veces quieras: el servicio cambia solo.


# %% tags=["exercise"]
@ranking_app.get("/best-sellers")
def ranking(session: SessionDep, category: Category | None = None):
    raise HTTPException(501, "Ejercicio 15.1, sin intentar")


@ranking_app.patch("/dishes/{dish_id}", response_model=DishPublic)
def change_dish(dish_id: DishId, dish: DishUpdate, session: SessionDep):
    return write_dish(dish_id, dish.model_dump(exclude_unset=True), None, session)


ranked = serve(ranking_app)


# %% tags=["solution", "long"]
def key_of(category: Category | None) -> str:
    return f"best-sellers:{category}"


@ranking_app.get("/best-sellers")
def ranking(session: SessionDep, category: Category | None = None):
    saved = cache.get(key_of(category))
    if saved is None:
        saved = json.dumps(best_sellers(session, category))
        cache.set(key_of(category), saved, ex=60)
    return json.loads(saved)


@ranking_app.patch("/dishes/{dish_id}", response_model=DishPublic)
def change_dish(dish_id: DishId, dish: DishUpdate, session: SessionDep):
    row = write_dish(dish_id, dish.model_dump(exclude_unset=True), None, session)
    cache.delete(key_of(None), key_of(row.category))
    return row


ranked = serve(ranking_app)

# %% [markdown]
# La revisión pide por HTTP, cambia un precio y lo regresa.

# %%
check("15.1", ranked)

# %% [markdown]
# Si te atoras, `hint("15.1")` da una pista; vuelve a llamarla para la siguiente.

# %% [markdown]
# ## Ejercicio 2 · La caché que puede faltar
#
# En la sala de averías, las dos decisiones quedaron dentro de una ruta. La siguiente ruta las repetiría, o las olvidaría. Escribe las dos una sola vez, en una función que sirva a cualquiera.
#
# **Meta.** `remember_or_cook(key, cook)` devuelve lo guardado en `key` y, si falta, lo que devuelve `cook()`, que deja guardado 60 segundos. Con Redis sano, la segunda lectura no consulta la base; con Redis muerto o congelado, `GET /best-sellers` contesta 200 en menos de dos segundos, con lo que dice la base; cuando Redis vuelve, la caché vuelve a servir.
#
# La revisión mata y congela de verdad el Redis del ejercicio, y al terminar lo deja recuperado.

# %%
import json

from fastapi import FastAPI, HTTPException
from redis import RedisError
from workshop import check, hint, redis_server, serve
from workshop.restaurant import SessionDep, best_sellers, cache_inspection, menu_routes, sales_database

engine = sales_database()
redis = redis_server("ejercicio", private=True)
sturdy_app = FastAPI(title="Ejercicio 2")
sturdy_app.include_router(menu_routes())
sturdy_app.include_router(cache_inspection(redis, engine))


@sturdy_app.get("/best-sellers")
def sturdy(session: SessionDep):
    return remember_or_cook("best-sellers", lambda: best_sellers(session))


# %% [markdown]
# La ruta ya está. Escribe aquí la función que usa; el cliente de Redis también lo eliges tú.


# %% tags=["exercise"]
def remember_or_cook(key: str, cook):
    raise HTTPException(501, "Ejercicio 15.2, sin intentar")


sturdy_api = serve(sturdy_app)


# %% tags=["solution"]
from contextlib import suppress

quick = redis.client(socket_timeout=0.1)


def remember_or_cook(key: str, cook):
    with suppress(RedisError):
        if saved := quick.get(key):
            return json.loads(saved)
    cooked = cook()
    with suppress(RedisError):
        quick.set(key, json.dumps(cooked), ex=60)
    return cooked


sturdy_api = serve(sturdy_app)

# %% [markdown]
# Tarda unos segundos: las averías son reales.

# %%
check("15.2", sturdy_api)

# %% [markdown]
# También aquí hay pistas: `hint("15.2")`.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (5 min). Pregunta, antes de empezar, cuántas llaves deja de ser verdad un cambio de precio. Si dicen una, que miren en qué listas sale el plato; si dicen dos, que empiecen: el primero cabe en cuatro minutos y el segundo puede quedar para casa. Errores que verás: una sola llave para todas las categorías, `flushall()` en lugar de `delete`, atrapar `ConnectionError` y olvidar el `TimeoutError`, y dejar `cook()` dentro del `suppress`, donde se pierde su error.

# %% [markdown]
# ## Comprueba lo que sabes
#
# Cada respuesta equivocada corresponde a una confusión conocida; si caes en una, lee por qué.

# %%
from workshop import quiz

quiz("15")

# %% [markdown]
# ## ¿Dónde se rompe la analogía?
#
# - Un recipiente en la mesa se ve viejo, se huele. Una copia vieja en Redis tiene el mismo aspecto que una fresca: solo la delatan su plazo y quien la invalida.
# - En la mesa hay una porción por comensal. De una copia se sirven miles sin que se gaste.
# - Si la mesa de servicio se rompe, la cocina lo nota y baja el ritmo. Si cae la caché, todos los clientes siguen llegando al mismo ritmo, directo a la cocina.
#
# ## Resumen
#
# - **Guardar lo costoso:** mirar, cocinar si falta, dejar la copia; el acierto no acelera la consulta, la evita.
# - **Caducar e invalidar:** el TTL pone un máximo a la mentira; invalidar después de escribir la evita; si el dato cambia tanto como se lee, la caché estorba.
# - **Ponerle límite:** `maxmemory` protege a la máquina y la política decide a quién se desaloja; con pocos platos que acaparan los pedidos, una mesa chica acierta casi siempre.
# - **Aguantar y seguir en pie:** la base no siente la avalancha si todos piden lo mismo, un candado evita la estampida, y un plazo corto convierte una caché caída en una respuesta lenta.
#
# ## En la práctica
#
# - Aun invalidando después de escribir queda una carrera angosta: quien leyó antes del cambio puede guardar después. El TTL la acota; los sistemas grandes ponen la versión del dato en la llave.
# - A los plazos se les suma un poco de azar, para que mil copias guardadas juntas no caduquen juntas.
# - También se guardan, por poco tiempo, las respuestas «no hay»: si no, preguntar por lo que no existe es un fallo cada vez.
# - Delante de todo suele haber una caché más, la CDN, que guarda las respuestas cerca de quien pregunta y obedece a `Cache-Control`.
# - Se vigila la tasa de aciertos. Si baja sin que nadie haya tocado nada, algo cambió en las llaves o en el público.
#
# **El siguiente capítulo,** *Colgar el pedido en el riel de comandas*, usa este mismo Redis para lo contrario: no para contestar antes, sino para dejar trabajo para después.
#
# Antes de irte, mira tu avance y apaga lo que encendiste.

# %%
from workshop import progress

progress("15")

# %% [markdown]
# Nada de lo que arrancó este cuaderno sobrevive a su kernel, pero apagar la luz al salir es buena costumbre.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (1 min). Cierra con una sola pregunta: ¿qué contesta hoy tu sistema que podría ser de hace un minuto, y quién lo decidió? Si dicen «nada», pregunta por la imagen de la portada; si nadie lo decidió, ya tienen tarea.

# %%
from workshop import stop_all

stop_all()
