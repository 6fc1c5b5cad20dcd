# %% [markdown]
# # 16 · Colgar el pedido en el riel de comandas
#
# En este capítulo construirás una caja que contesta al instante mientras otros procesos hacen las facturas, y comprobarás qué pasa cuando uno de ellos muere a la mitad.
#
# **Aprenderás a**
#
# - contestar antes de hacer el trabajo, y decir dónde recoger el resultado;
# - leer el riel: qué espera, qué se prepara, qué está hecho y qué falló;
# - predecir cuánto tarda en vaciarse con uno o con cuatro trabajadores, y qué sale primero;
# - escribir trabajos que sobreviven a la muerte de quien los hace, aunque se entreguen dos veces.
#
# **Necesitas** los capítulos 00 y 07. **Minutos:** 45.
#
# ## La historia
#
# El viernes, La Comanda empezó a dar factura, y cada factura necesita el timbre de un servicio de fuera que se toma su tiempo. La mesera esperaba de pie junto a la caja, con doce mesas llamándola, hasta que salía el papel. El sábado alguien clavó un riel en la pared: ella cuelga la comanda y se va, y la factura la hace otro.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (2 min). Pregunta qué páginas de su vida diaria contestan «te avisamos cuando esté listo»: exportar datos, subir un video, pedir una factura. Si solo nombran esperas con una rueda que gira, pregunta qué pasa al cerrar esa pestaña: lo que sigue en marcha está en un riel. Si no, sigue.

# %% [markdown]
# ## 1. La caja que no espera
#
# Hacer una factura es esperar: la mayor parte del tiempo, el timbre viene en camino. Ese servicio es de alguien más y aquí tarda 300 ms en contestar. No lo puedes acelerar; solo puedes decidir **quién espera**.
#
# Esta celda pone en marcha el servicio de timbres, un servidor Redis y nada más.

# %%
import os
from statistics import median

import requests
from fastapi import FastAPI
from pydantic import BaseModel
from rq import Queue
from workshop import bars, predict, redis_server, serve, workers
from workshop.restaurant import stamp_service

stamps = serve(stamp_service(), name="timbres").slow(300)
os.environ["STAMPS_URL"] = stamps.url
redis = redis_server()
stamps, redis

# %% [markdown]
# Esta es la factura: una función común. La celda empieza con `%%module invoicing` porque la van a usar dos programas distintos, la API y un trabajador: en lugar de quedarse en el cuaderno, se guarda en un módulo que los dos importan.

# %%
# %%module invoicing
import os

import requests


def make_invoice(folio: str, total: int) -> dict:
    stamp = requests.post(f"{os.environ['STAMPS_URL']}/stamps/{folio}").json()["stamp"]
    return {"folio": folio, "total": total, "stamp": stamp}


# %% [markdown]
# La API ofrece la misma factura de dos maneras. `/invoices/now` llama a la función y espera. `/invoices` no la llama: cuelga en la cola (*queue*) una comanda que dice qué función llamar y con qué datos. A eso se le llama **encolar** (*enqueue*), y quien lo hace es el **productor** (*producer*). Hay además un `/menu`, que no tiene nada que ver con las facturas.


# %% tags=["long"]
class Bill(BaseModel):
    folio: str
    total: int


app = FastAPI(title="La caja")
rail = Queue("rail", connection=redis.connection())


@app.post("/invoices/now", status_code=201)
async def invoice_now(bill: Bill):
    return invoicing.make_invoice(bill.folio, bill.total)


@app.post("/invoices", status_code=202)
async def invoice_later(bill: Bill):
    job = rail.enqueue(invoicing.make_invoice, bill.folio, bill.total)
    return {"job": job.id}


@app.get("/menu")
async def menu():
    return ["Pozole rojo", "Sopa de lima", "Flan de cajeta"]


api = serve(app)
pool = workers(1, ["rail"], redis=redis)
api, pool

# %% [markdown]
# **Predice.** La factura hecha al momento tarda los 300 ms del timbre y un poco más. ¿Cuánto tarda en contestar la que se encola?

# %%
guess = predict("¿En cuántos milisegundos contesta la encolada?", unit="ms")
guess

# %% [markdown]
# **Ejecuta.** El mismo cliente y la misma cuenta. `elapsed` va del último byte enviado al primero recibido.


# %% tags=["claim:16.1", "claim:16.6"]
def milliseconds(method: str, path: str, **details) -> float:
    return requests.request(method, f"{api.url}{path}", **details).elapsed.total_seconds() * 1000


bill = {"folio": "A-1", "total": 480}
now = milliseconds("POST", "/invoices/now", json=bill)
later = [milliseconds("POST", "/invoices", json=bill) for _ in range(3)]
faster = now / median(later)
bars({"hecha al momento": now, "encolada": later}, claim=f"Contestó más de 5 veces antes: {faster > 5}")

# %% [markdown]
# **Compara.**

# %%
guess.compare(median(later))

# %% [markdown]
# **Qué acaba de pasar.** La encolada no es más rápida haciendo facturas: contestó sin hacer ninguna. Por eso su código no es 201 (*Created*) sino 202 (*Accepted*): «acepté tu petición; todavía no hay factura». Lo único que pagó la mesera fue un viaje a Redis. El timbre lo está esperando otro proceso, el **trabajador** (*worker*).
#
# Falta quien no pidió ninguna factura. Mientras la caja hace una, ¿cuánto espera la mesa que solo quiere el menú?

# %%
guess = predict(
    "Con una factura en curso, ¿cuál es la peor espera de `GET /menu`?",
    ["con ambas, unos milisegundos", "con la hecha al momento, casi los 300 ms del timbre"],
)
guess

# %% [markdown]
# Treinta peticiones del menú, una tras otra, mientras un hilo aparte pide la factura. La cifra es la de la más lenta.

# %% tags=["claim:16.9"]
from concurrent.futures import ThreadPoolExecutor


def slowest_menu_during(path: str) -> float:
    with ThreadPoolExecutor(1) as waitress:
        waitress.submit(requests.post, f"{api.url}{path}", json=bill)
        return max(milliseconds("GET", "/menu") for _ in range(30))


worst = {path: slowest_menu_during(path) for path in ("/invoices/now", "/invoices")}
held = worst["/invoices/now"] > 2 * worst["/invoices"]
bars(worst, title="la peor espera del menú", claim=f"Con la cola, menos de la mitad: {held}")

# %% [markdown]
# **Compara.**

# %%
guess.compare(guess.options[1] if held else guess.options[0])

# %% [markdown]
# **Qué acaba de pasar.** Las rutas de esta API son `async`: todas se atienden en un solo hilo, que salta de una petición a otra cuando una espera. Pero `make_invoice` espera sin soltar el hilo, y con él se detuvo la caja entera. Una ruta sin `async` correría en un hilo aparte y el menú no lo habría notado, hasta agotar los hilos, que son 40; quien pidió la factura esperaría igual. La cola resuelve las dos cosas.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (6 min). Pregunta quién perdió tiempo en cada caso: con la factura al momento, todos; con la cola, nadie que esté mirando. Si alguien propone `async` con un cliente que no bloquea, dale la razón: sirve para esperar. Después pregunta qué pasa si se reinicia la API con cien facturas a medias. Si dicen «se pierden», sigue: la sección 2 dice dónde viven. Si dicen «se guardan», pregunta en qué proceso.

# %% [markdown]
# ## 2. El riel guarda el orden
#
# Entre quien cuelga y quien cocina hay una sola cosa: una lista. Vive en Redis, fuera de los dos, y por eso ninguno necesita que el otro esté presente. RabbitMQ, Kafka, Amazon SQS y Google Pub/Sub ocupan el mismo sitio con otras garantías.

# %%
from rq import Queue
from workshop import predict, queue_board, redis_server, wait_for, workers

redis = redis_server()
line = Queue("kitchen", connection=redis.connection())
line

# %% [markdown]
# Este trabajo espera, como un horno, y va anotando cuánto lleva: lo que se escribe en `job.meta["progress"]` se ve en el tablero.

# %%
# %%module kitchen
from time import sleep

from rq import get_current_job


def cook(dish: str, minutes: int, pace: float) -> str:
    job = get_current_job()
    for percent in (25, 50, 75, 100):
        sleep(minutes * pace / 4)  # el fuego tarda lo que tarda: la espera es la lección
        job.meta["progress"] = percent
        job.save_meta()
    return f"{dish}, listo"


# %% [markdown]
# Cuelga cinco comandas, cada una con sus minutos de fuego. Aquí un minuto dura `pace` segundos: si quieres ver el riel con calma, sube `pace` a 1. Todavía no hay nadie en la cocina.

# %% tags=["claim:16.2"]
line.empty()
pace = 0.06
dishes = {"Mole": 4, "Sopa": 1, "Ceviche": 2, "Flan": 1, "Café": 1}
jobs = [line.enqueue(kitchen.cook, dish, minutes, pace) for dish, minutes in dishes.items()]
print("En el riel:", [job.args[0] for job in line.get_jobs()])

# %% [markdown]
# **Predice.** Entra una sola persona a la cocina. El mole tarda cuatro veces más que la sopa y el flan. ¿En qué orden salen?

# %%
guess = predict("¿En qué orden salen?", ["los rápidos primero", "como se colgaron", "el último primero"])
guess

# %% [markdown]
# El tablero lee las colas de verdad cada cuarto de segundo. Déjalo a la vista y ejecuta la celda que sigue: las comandas pasan de «en espera» a «en marcha» y a «hechos», y la barra es lo que el trabajo va anotando.

# %%
board = queue_board(redis, "kitchen")
board

# %% [markdown]
# **Ejecuta.** Un trabajador (*worker*, o consumidor) es un proceso aparte que repite lo mismo: toma la primera comanda, la hace y va por otra.

# %% tags=["claim:16.3"]
pool = workers(1, ["kitchen"], redis=redis)
wait_for(jobs)
served = [job.args[0] for job in sorted(jobs, key=lambda job: job.ended_at)]
print("Salieron: ", served)
print(board)

# %% [markdown]
# **Compara.**

# %%
by_time = sorted(dishes, key=dishes.get)
orders = {
    "como se colgaron": list(dishes),
    "el último primero": list(dishes)[::-1],
    "los rápidos primero": by_time,
}
guess.compare(next(name for name, order in orders.items() if order == served))

# %% [markdown]
# **Qué acaba de pasar.** Primero en llegar, primero en salir (*first in, first out*): la cola no sabe cuánto cuesta cada comanda, y la sopa esperó al mole. Nadie avisó a la cocina de que había trabajo ni hizo falta que estuviera abierta cuando se colgó. El resultado de cada función también quedó en Redis, por si alguien pregunta:

# %%
[job.return_value() for job in jobs]

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (5 min). Vuelve a ejecutar la celda que cuelga con el tablero en una vista aparte: ahora hay alguien en la cocina y la primera comanda ni llega a esperar. Pregunta en qué orden saldrían con dos personas. Si dicen «el mismo», cambia `workers(1` por `workers(2`, vuelve a colgar y que lo vean: el orden en que *empiezan* se conserva, el orden en que *terminan* no. Si lo ven venir, sigue.

# %% [markdown]
# ## 3. Avisar que ya está
#
# Contestar 202 es una promesa. Para cumplirla hacen falta dos cosas que el trabajador no tiene: dónde dejar el resultado y cómo llegar hasta quien lo pidió. Lo primero es la base de datos. Lo segundo es más difícil, porque la conexión con el cliente la tiene la API, que está en otro proceso.

# %%
import os
import time

import requests
from fastapi import FastAPI, HTTPException, Response
from fastapi.responses import StreamingResponse
from rq import Queue
from workshop import console, predict, redis_server, serve, table, workers
from workshop.restaurant import Invoice, InvoiceCreate, SessionDep, menu_database, stamp_service

engine = menu_database(6)
stamps = serve(stamp_service(), name="timbres").slow(250)
os.environ["STAMPS_URL"] = stamps.url
redis = redis_server()
rail = Queue("rail", connection=redis.connection())

# %% [markdown]
# El trabajo hace ahora tres cosas: consigue el timbre, lo guarda en la fila de la factura y lo anuncia por Redis en un canal que lleva el nombre del folio.

# %%
# %%module invoicing
import os

import requests
from rq import get_current_job
from sqlmodel import Session
from workshop.restaurant import Invoice, menu_engine


def make_invoice(folio: str) -> None:
    stamp = requests.post(f"{os.environ['STAMPS_URL']}/stamps/{folio}").json()["stamp"]
    with Session(menu_engine()) as session:
        session.get(Invoice, folio).stamp = stamp
        session.commit()
    get_current_job().connection.publish(f"invoice:{folio}", stamp)


# %% [markdown]
# La API escribe la fila y **después** encola: al revés, un trabajador rápido buscaría una factura que todavía no existe. El `Location` del 202 dice dónde preguntar, y `/events` es otra manera de enterarse: una respuesta que se queda abierta hasta que hay algo que decir (*server-sent events*).


# %% tags=["long"]
app = FastAPI(title="La caja")


@app.post("/invoices", status_code=202)
def ask_for_invoice(invoice: InvoiceCreate, response: Response, session: SessionDep):
    session.merge(Invoice.model_validate(invoice))
    session.commit()
    rail.enqueue(invoicing.make_invoice, invoice.folio)
    response.headers["Location"] = f"/invoices/{invoice.folio}"
    return {"status": "en el riel"}


@app.get("/invoices/{folio}")
def look_at_invoice(folio: str, session: SessionDep):
    if invoice := session.get(Invoice, folio):
        return invoice
    raise HTTPException(404, f"Nadie pidió la factura {folio}.")


@app.get("/invoices/{folio}/events")
def announce(folio: str, session: SessionDep):
    look_at_invoice(folio, session)  # si nadie la pidió, 404

    def stream():
        with redis.client() as client, client.pubsub() as channel:
            channel.subscribe(f"invoice:{folio}")
            for _ in range(20):
                if session.get(Invoice, folio, populate_existing=True).stamp:
                    yield f"data: {folio}, lista\n\n"
                    return
                channel.get_message(timeout=1)

    return StreamingResponse(stream(), media_type="text/event-stream")


api = serve(app)
pool = workers(1, ["rail"], redis=redis)

# %% [markdown]
# `announce` primero se suscribe y luego mira la base. Si mirara antes, el aviso podría llegar justo entre las dos cosas, y la clienta esperaría para siempre algo que ya pasó.
#
# **Predice.** Dos clientas piden factura. Una pregunta cada 20 ms si ya está; la otra abre `/events` y espera. El timbre tarda 250 ms. ¿Cuántas preguntas hace la primera?

# %%
guess = predict("¿Cuántas preguntas hace la que pregunta?", ["1", "2 o 3", "4 o más"])
guess

# %% [markdown]
# **Ejecuta.** La celda hace de las dos clientas, una tras otra, y al final muestra la tabla: esos timbres los escribió el trabajador.

# %% tags=["claim:16.4"]
ledger = table(Invoice, engine)


def ask(folio: str) -> str:
    answer = requests.post(f"{api.url}/invoices", json={"folio": folio, "total": 480})
    return api.url + answer.headers["Location"]


insisting, questions = ask("A-1"), 0
ready = False
while not ready and questions < 500:
    time.sleep(0.02)
    questions += 1
    ready = bool(requests.get(insisting).json()["stamp"])

told = requests.get(f"{ask('A-2')}/events").text
print("La que espera recibió:", told.strip())
ledger

# %% [markdown]
# **Compara.** Las preguntas se contaron; el aviso llegó con una sola.

# %%
guess.compare("1" if questions == 1 else "2 o 3" if questions < 4 else "4 o más")

# %% [markdown]
# **Qué acaba de pasar.** El resultado está en la base aunque nadie lo recoja; el aviso es una cortesía encima, y se puede perder sin perder la factura. Preguntar (*polling*) es lo más simple y casi siempre basta. Avisar ahorra peticiones y demora, a cambio de una conexión abierta por cliente. Si quien espera es otro servidor, el aviso suele ir al revés: el trabajador le hace un `POST` a la dirección que dejó (*webhook*).

# %% [markdown]
# Pide tú la siguiente: envía un `POST` a `/invoices` con ese cuerpo y después un `GET` a la dirección del `Location`. A la derecha, la fila nace sin timbre y cambia sola un instante después: quien la escribe ya no es la API.

# %%
desk = console(api, method="POST", path="/invoices", body={"folio": "B-1", "total": 350})
desk.beside(table(Invoice, engine))

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (5 min). Intercambia en el pizarrón el `commit` y el `enqueue`, y pregunta qué encuentra un trabajador que llega primero. Si dicen que la factura, que busquen quién la guardó. Después, la otra mitad: ¿y si la API muere entre los dos? Si responden que alguien la repetirá, pregunta quién sabría que falta: la factura queda escrita y nadie la hará. Si piden el remedio, su nombre está en *En la práctica*; si no, sigue.

# %% [markdown]
# ## 4. De una cocinera a cuatro
#
# Sábado, nueve de la noche: cien pedidos en el mismo minuto y la cocina todavía cerrada. El riel se llena, y lo primero que hay que saber es si a la caja le duele.

# %%
from statistics import median
from time import perf_counter

import requests
from fastapi import FastAPI
from rq import Queue
from workshop import bars, predict, redis_server, serve, wait_for, workers

redis = redis_server()
line = Queue("dishes", connection=redis.connection())

# %% [markdown]
# El trabajo de esta noche es siempre el mismo: un plato que pasa 100 ms en el horno.

# %%
# %%module oven
from time import sleep


def bake(number: int) -> int:
    sleep(0.1)  # el horno: la espera es la lección
    return number


# %% [markdown]
# Y la caja solo cuelga comandas:


# %%
app = FastAPI(title="La caja del sábado")


@app.post("/orders/{number}", status_code=202)
def order(number: int):
    line.enqueue(oven.bake, number)


api = serve(app)

# %% [markdown]
# **Predice.** Llegan 100 pedidos seguidos y no hay nadie en la cocina. ¿Qué les pasa a los últimos?

# %%
guess = predict(
    "¿Cómo contesta la caja a los últimos 30, comparados con los primeros 30?",
    ["igual de rápido: solo crece el riel", "cada vez más despacio", "los rechaza"],
)
guess

# %% [markdown]
# **Ejecuta.**

# %% tags=["claim:16.5"]
line.empty()
answers = [requests.post(f"{api.url}/orders/{number}") for number in range(100)]
took = [answer.elapsed.total_seconds() * 1000 for answer in answers]
first, last = median(took[:30]), median(took[-30:])
print("En el riel:", len(line), " códigos:", {answer.status_code for answer in answers})
bars(
    {"los primeros 30": took[:30], "los últimos 30": took[-30:]}, claim=f"Menos del doble: {last < 2 * first}"
)

# %% [markdown]
# **Compara.**

# %%
refused = any(not answer.ok for answer in answers)
guess.compare(guess.options[2 if refused else 0 if last < 2 * first else 1])

# %% [markdown]
# **Qué acaba de pasar.** A la caja le cuesta lo mismo colgar la primera comanda que la número cien: el riel absorbe el pico. Si los hiciera ella, el último cliente habría esperado 10 s. Pero el riel no es infinito y cada comanda colgada es alguien que espera: si entra más de lo que sale, crece hasta que la memoria se acabe o los clientes se vayan. Lo que se vigila en producción es justo eso, cuánto lleva esperando la más vieja.
#
# Ahora, los brazos. **Predice.** Ocho platos de 100 ms con una sola persona son, por lo menos, 0.8 s. ¿Y con cuatro?

# %%
guess = predict("¿En cuántos segundos vacían cuatro el mismo riel?", unit="s")
guess

# %% [markdown]
# **Ejecuta.** `scale(4)` agrega tres trabajadores sin tocar al que ya está. Nadie reparte: cada quien toma del mismo riel.


# %% tags=["claim:16.3"]
def drain() -> float:
    start = perf_counter()
    wait_for([line.enqueue(oven.bake, number) for number in range(8)])
    return perf_counter() - start


line.empty()
pool = workers(1, ["dishes"], redis=redis)
seconds = {"una persona": drain()}
pool.scale(4)
seconds["cuatro"] = drain()
gain = seconds["una persona"] / seconds["cuatro"]
bars(seconds, "s", title="vaciar ocho platos", claim=f"Cuatro terminan en menos de la mitad: {gain > 2}")

# %% [markdown]
# **Compara.**

# %%
guess.compare(seconds["cuatro"])

# %% [markdown]
# **Qué acaba de pasar.** Cuatro personas hacen dos tandas de 100 ms y pagan algo por organizarse; por eso la ganancia no llega a cuatro. Y ningún plato salió antes de sus 100 ms: creció el **caudal** (*throughput*), no la velocidad de cada quien. Funciona tan bien porque el horno es espera. Si el trabajo fuera calcular, cuatro trabajadores en dos procesadores se estorbarían, y la quinta persona no serviría de nada.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (6 min). Escribe en el pizarrón platos × segundos ÷ trabajadores antes de medir, y deja que el grupo explique la diferencia. Pregunta cuántos trabajadores harían falta para que nadie espere más de un segundo con 30 pedidos por segundo: 30 × 0.1 = 3 ocupados siempre, y el cuarto para los picos. Si contestan 30, vuelve a lo que hace cada quien en un segundo; si contestan 3, pregunta qué pasa cuando dos pedidos llegan juntos.

# %% [markdown]
# ## 5. La mesa que tiene prisa
#
# Una mesa está por perder su vuelo. En un riel de papel se cuelga su comanda hasta adelante. Con colas se ponen dos rieles, y lo que manda es el orden en que cada trabajador los mira.

# %%
from time import sleep

from rq import Queue
from workshop import predict, redis_server, wait_for, workers

redis = redis_server()
urgent = Queue("urgent", connection=redis.connection())
normal = Queue("normal", connection=redis.connection())
pool = workers(1, ["urgent", "normal"], redis=redis)

# %% [markdown]
# Un solo trabajador atiende las dos colas. `["urgent", "normal"]` significa: si hay algo en la primera, tómalo; si no, mira la segunda. El trabajo es llevar un plato:

# %%
# %%module counter
from time import sleep


def serve_table(table: str) -> str:
    sleep(0.1)  # llevar el plato
    return table


# %% [markdown]
# **Predice.** Cuelgas cuatro comandas normales. Cuando la primera ya está en marcha, cuelgas la urgente. ¿En qué lugar sale?

# %%
guess = predict("¿En qué lugar sale la urgente?", ["1", "2", "5"])
guess

# %% [markdown]
# **Ejecuta.**

# %% tags=["claim:16.8"]
jobs = [normal.enqueue(counter.serve_table, f"mesa {number}") for number in range(1, 5)]
while jobs[0].get_status() == "queued":
    sleep(0.005)
jobs.append(urgent.enqueue(counter.serve_table, "la del vuelo"))
wait_for(jobs)
served = [job.args[0] for job in sorted(jobs, key=lambda job: job.ended_at)]
served

# %% [markdown]
# **Compara.**

# %%
guess.compare(str(served.index("la del vuelo") + 1))

# %% [markdown]
# **Qué acaba de pasar.** La prioridad decide qué se toma **después**, no interrumpe lo que ya empezó. Por eso lo urgente y lo largo no deben compartir trabajador: con una comanda normal de diez minutos en marcha, la del vuelo ya se fue. Y hay un peligro en el otro sentido: si lo urgente nunca se acaba, lo normal no sale jamás (*starvation*).

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (4 min). Pregunta quién decide qué es urgente en su empresa, y qué pasa cuando todo lo es. Si proponen una tercera cola, pregunta qué impide que también se llene. La salida habitual es reservar trabajadores: tres miran ambas colas y uno solo la normal. Si llegan a ella, sigue.

# %% [markdown]
# ## 6. Un pedido, tres procesos, una historia
#
# Con la cola ganaste velocidad y perdiste algo: ya no hay una sola pila de llamadas que cuente lo que pasó. El error ocurre en un proceso, la petición que lo causó estuvo en otro, y entre los dos solo hubo un mensaje. Los rayos X lo vuelven a juntar.

# %%
import os

import requests
from fastapi import FastAPI
from rq import Queue
from workshop import predict, redis_server, serve, workers, xray
from workshop.restaurant import Invoice, InvoiceCreate, SessionDep, menu_database, stamp_service

engine = menu_database(6)
stamps = serve(stamp_service(), name="timbres")
os.environ["STAMPS_URL"] = stamps.url
redis = redis_server()
rail = Queue("rail", connection=redis.connection())

# %% [markdown]
# El trabajo de la sección 3, sin el aviso. El timbre lo guarda en una sola sentencia, que será fácil de encontrar en la traza:

# %%
# %%module invoicing
import os

import requests
from sqlmodel import Session, update
from workshop.restaurant import Invoice, menu_engine


def make_invoice(folio: str) -> None:
    stamp = requests.put(f"{os.environ['STAMPS_URL']}/stamps/{folio}").json()["stamp"]
    with Session(menu_engine()) as session:
        session.exec(update(Invoice).where(Invoice.folio == folio).values(stamp=stamp))
        session.commit()


# %% [markdown]
# Y una API que escribe la factura y la encola:


# %%
app = FastAPI(title="La caja")


@app.post("/invoices", status_code=202)
def ask_for_invoice(invoice: InvoiceCreate, session: SessionDep):
    session.merge(Invoice.model_validate(invoice))
    session.commit()
    rail.enqueue(invoicing.make_invoice, invoice.folio)


api = serve(app)
pool = workers(1, ["rail"], redis=redis)

# %% [markdown]
# **Predice.** La fila se escribe dos veces: sin timbre y con timbre. ¿De quién cuelga el `UPDATE` que le pone el timbre?

# %%
guess = predict(
    "¿De quién cuelga ese UPDATE?", ["de la petición del cliente", "del trabajo encolado", "de nadie"]
)
guess

# %% [markdown]
# **Ejecuta.** Una sola petición. Los rayos X esperan a que el trabajo que dejó termine.

# %%
with xray("pedir una factura") as trace:
    requests.post(f"{api.url}/invoices", json={"folio": "A-7", "total": 480})

trace

# %% [markdown]
# **Compara.** La medida sale de la traza: se busca esa sentencia y se mira qué hay encima.

# %%
lines = trace.tree().splitlines()
place = next((n for n, line in enumerate(lines) if "UPDATE" in line), None)
above = [] if place is None else [line for line in lines[:place] if "trabajo" in line]
guess.compare(guess.options[2] if place is None else guess.options[1] if above else guess.options[0])

# %% [markdown]
# **Qué acaba de pasar.** La comanda no solo lleva la función y sus datos: lleva también quién la pidió, y con eso cada proceso cuelga su parte en el mismo árbol. Fíjate en el 202: quien pidió ya tenía su respuesta mientras el trabajo seguía; la pestaña de la cascada lo muestra. Si mañana una factura falla, este árbol dice qué petición la causó, aunque haya sido ayer y en otra máquina.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (4 min). Abre la pestaña de la cascada: la respuesta termina y las barras siguen. Pregunta dónde estaría el error si el servicio de timbres estuviera caído, y quién se enteraría. Si dicen que la clienta, vuelve al 202: ya se había ido. Si dicen que nadie, sigue: es la entrada a la sala de averías.

# %% [markdown]
# ## Sala de averías
#
# Más piezas son más cosas que pueden romperse. Esta noche se rompen dos a la vez, quien lleva las facturas y el servicio que las timbra, y de la segunda queda un trabajo que nadie pudo hacer.

# %%
import os
from time import sleep

import requests
from rq import Queue, Retry
from workshop import plan, predict, queue_board, redis_server, serve, wait_for, workers
from workshop.restaurant import stamp_service

redis = redis_server()
line = Queue("shift", connection=redis.connection())

# %% [markdown]
# La factura de este turno se timbra y después se lleva a la mesa. `verb` decide cómo se pide el timbre: con `POST`, el servicio cobra uno nuevo cada vez; con `PUT`, cobra uno por folio y lo repite si se lo vuelven a pedir.

# %%
# %%module shift
import os
from time import sleep

import requests
from rq import get_current_job


def deliver(verb: str, folio: str) -> None:
    requests.request(verb, f"{os.environ['STAMPS_URL']}/stamps/{folio}").raise_for_status()
    job = get_current_job()
    job.meta["progress"] = 50
    job.save_meta()
    sleep(0.3)  # llevarla a la mesa


# %% [markdown]
# El turno empieza con cuatro personas y dos facturas:

# %%
stamps = serve(stamp_service(), name="timbres")
os.environ["STAMPS_URL"] = stamps.url
pool = workers(4, ["shift"], redis=redis)
bills = {"descuidada": "POST", "cuidadosa": "PUT"}
pool

# %% [markdown]
# **La primera avería.** Las dos facturas, ya timbradas, van camino de la mesa, y justo ahí mueren las dos personas que las llevan: `kill()` es un `SIGKILL` de verdad, sin tiempo de despedirse. Quedan otras dos. `Retry` dice cuántas veces se puede volver a entregar cada trabajo.
#
# **Predice.** Alguien tomará los dos trabajos y los hará **desde el principio**. ¿Qué factura pagará dos timbres?

# %%
charged = predict("¿Qué factura se cobró dos veces?", ["las dos", "solo la descuidada", "ninguna"])
charged

# %% [markdown]
# Ten el riel a la vista: dice quién prepara qué y quién dejó de dar señales.

# %%
board = queue_board(redis, "shift")
board

# %% [markdown]
# **Ejecuta.** La celda cuelga las dos facturas, espera a que ambas vayan a la mitad, pregunta quién las lleva y mata a esos dos.

# %%
workers(4, ["shift"], redis=redis)
stamps.mend()
jobs = [line.enqueue(shift.deliver, verb, folio, retry=Retry(max=3)) for folio, verb in bills.items()]
while not all(job.get_meta().get("progress") == 50 for job in jobs):
    sleep(0.01)
for job in jobs:
    job.refresh()
dead = {job.worker_name for job in jobs}
for worker in pool.members:
    if worker.name in dead:
        worker.kill()
print("Muertos:", sum(worker.status == "muerto" for worker in pool.members), "de", len(pool.members))

# %% [markdown]
# El riel todavía no lo sabe. Cada trabajador da señales de vida una vez por segundo, y a uno que calla se le esperan tres antes de darlo por perdido. No los pases mirando: hay otra avería.
#
# **La segunda avería.** Se corta la red con el servicio de timbres y llegan dos facturas más. La paciente puede reintentar tres veces, con una espera que crece: 1, 2 y 4 segundos (*backoff*). La apurada tiene un solo intento. Un momento después vuelve la red.
#
# **Predice.** ¿Cuáles salen, sin que nadie haga nada más?

# %%
guess = predict("¿Qué facturas salen solas?", ["las dos", "solo la paciente", "ninguna"])
guess

# %% [markdown]
# **Ejecuta.**

# %%
stamps.cut()
patient = line.enqueue(shift.deliver, "PUT", "paciente", retry=Retry(max=3, interval=[1, 2, 4]))
hasty = line.enqueue(shift.deliver, "PUT", "apurada")
wait_for(hasty)
stamps.mend()
states = dict(zip(["paciente", "apurada"], wait_for([patient, hasty]), strict=True))
states

# %% [markdown]
# **Compara.**

# %%
alone = [folio for folio, state in states.items() if state == "finished"]
guess.compare({2: "las dos", 1: "solo la paciente", 0: "ninguna"}[len(alone)])

# %% [markdown]
# Reintentar cura lo que se cura solo. La espera crece para no golpear a un servicio que apenas se levanta: mil trabajos que reintentan cada segundo son otra avería.
#
# La factura apurada agotó sus intentos y no desapareció: está apartada en los fallidos, que otras colas llaman *dead letter queue*, con el motivo escrito.

# %%
failed = line.failed_job_registry
for job_id in failed.get_job_ids():
    job = line.fetch_job(job_id)
    reason = job.latest_result().exc_string.strip().splitlines()[-1]
    print("Apartada:", job.args[1], "· motivo:", reason.partition(":")[0])

# %% [markdown]
# Un fallido es una tarea para una persona: leer el motivo, corregir la causa y volver a colgarlo. Aquí la causa ya se corrigió.

# %%
for job_id in failed.get_job_ids():
    failed.requeue(job_id)
print(wait_for(hasty), " quedan fallidos:", len(failed))

# %% [markdown]
# Si el motivo fuera un error de la función, se corrige su celda `%%module`, se ejecuta y se vuelve a colgar igual: cada trabajo importa el módulo como esté en ese momento.
#
# **De vuelta a la primera.** Los tres segundos de silencio pasan y alguien más toma las facturas de los muertos:

# %% tags=["claim:16.7"]
outcome = wait_for(jobs)
print("Terminaron:", outcome, " las hizo alguien más:", not dead & {job.worker_name for job in jobs})
stamped = {folio: len(requests.get(f"{stamps.url}/stamps/{folio}").json()) for folio in bills}
print("Timbres cobrados:", stamped)

# %% [markdown]
# **Compara.**

# %%
twice = [folio for folio, count in stamped.items() if count > 1]
charged.compare({2: "las dos", 1: "solo la descuidada", 0: "ninguna"}[len(twice)])

# %% [markdown]
# La cola no perdió nada y por eso mismo repitió: entre timbrar y decir «terminé» hay un instante en que nadie puede saber de qué lado quedó quien murió. Se llama **entrega al menos una vez** (*at-least-once delivery*), y es lo que ofrecen casi todas las colas. La línea que se ejecutó dos veces es la misma en ambas facturas; lo que cambia es que repetir un `PUT` no hace daño. Un trabajo de cola tiene que ser **idempotente**, igual que las peticiones del capítulo 07.
#
# **Rómpelo tú.** `recover()` pone en marcha a los dos muertos, y el plano muestra todo lo que corre, con sus botones. Congela a alguien, corta el servicio de timbres, cuelga más facturas con `line.enqueue(...)` y mira el riel de arriba.

# %%
pool.recover()
plan()

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (5 min). Pregunta en qué línea estaba cada trabajador cuando murió. Si dicen que en la primera, pregunta qué habría cobrado el servicio de timbres; si dicen que en `sleep`, sigue. Si alguien propone «que la cola pregunte antes», pregunta a quién. Después, en el plano, congela Redis: es la única pieza sin relevo, y ahí la API tampoco puede colgar nada.

# %% [markdown]
# ## Ejercicio 1 · El recibo que se pide y se recoge
#
# **Meta.** `POST /receipts` encola el recibo y contesta 202 sin esperarlo, con `Location: /receipts/{folio}`. `GET /receipts/{folio}` contesta `{"status": …, "result": …}`: el estado que da RQ (`queued`, `started`, `finished` o `failed`) y lo que devolvió la función, o `null` si todavía no hay nada. Un folio que nadie pidió es un 404.
#
# El riel, dos trabajadores que lo atienden y la aplicación, todavía sin rutas:

# %%
from fastapi import FastAPI, HTTPException, Response
from pydantic import BaseModel
from rq import Queue
from workshop import check, hint, redis_server, serve, workers

redis = redis_server()
rail = Queue("receipts", connection=redis.connection())
pool = workers(2, ["receipts", "tips"], redis=redis)
receipts_app = FastAPI(title="Ejercicio 1")


class Receipt(BaseModel):
    folio: str
    total: int


# %% [markdown]
# La función que hace recibos ya está. No la toques: encólala.

# %%
# %%module receipts
from time import sleep

from rq import get_current_job


def make_receipt(folio: str, total: int) -> dict:
    if total <= 0:
        raise ValueError("un recibo necesita un total mayor que cero")
    sleep(0.15)  # la impresora
    made_by = "un trabajador" if get_current_job() else "la API"
    return {"folio": folio, "total": total, "made_by": made_by}


# %% [markdown]
# Escribe aquí tu solución y ejecuta la celda cuantas veces quieras.


# %% tags=["exercise"]
@receipts_app.post("/receipts")
def ask_for_receipt(receipt: Receipt, response: Response):
    raise HTTPException(501, "Ejercicio 16.1, sin intentar")


@receipts_app.get("/receipts/{folio}")
def look_at_receipt(folio: str):
    raise HTTPException(501, "Ejercicio 16.1, sin intentar")


till = serve(receipts_app)


# %% tags=["solution", "long"]
@receipts_app.post("/receipts", status_code=202)
def ask_for_receipt(receipt: Receipt, response: Response):
    rail.enqueue(receipts.make_receipt, receipt.folio, receipt.total, job_id=receipt.folio)
    response.headers["Location"] = f"/receipts/{receipt.folio}"
    return {"folio": receipt.folio}


@receipts_app.get("/receipts/{folio}")
def look_at_receipt(folio: str):
    job = rail.fetch_job(folio)
    if job is None:
        raise HTTPException(404, "Nadie pidió ese recibo.")
    return {"status": job.get_status(), "result": job.return_value()}


till = serve(receipts_app)

# %% [markdown]
# La revisión pide recibos como cualquier cliente y mira quién los hizo.

# %%
check("16.1", till)

# %% [markdown]
# Si te atoras, `hint("16.1")` da una pista; vuelve a llamarla para la siguiente.

# %% [markdown]
# ## Ejercicio 2 · La propina que se cuenta una sola vez
#
# **Meta.** `add_tip(pot, folio, amount)` suma una propina al bote (`Pot`) y anota su folio en la libreta (`Tip`). Si el riel la entrega otra vez, el trabajo termina bien y no suma nada. Si algo falla a la mitad, ni suma ni anota, y el trabajo **falla**, para que se pueda reintentar.
#
# `Tip` tiene `folio`, `pot` y `amount`; `Pot` tiene `name` y `total`, y la base no acepta un `total` mayor que 50 000. El bote ya existe cuando tu función se ejecuta.

# %%
from fastapi import FastAPI
from rq import Queue
from workshop import check, hint, redis_server, serve, workers
from workshop.restaurant import menu_database, tip_routes

engine = menu_database(6)
redis = redis_server()
line = Queue("tips", connection=redis.connection())
pool = workers(2, ["receipts", "tips"], redis=redis)

# %% [markdown]
# Escribe aquí tu solución: la celda guarda el módulo, y los trabajadores lo usan desde el siguiente trabajo.

# %% tags=["exercise"]
# %%module tips
from sqlmodel import Session, update
from workshop.restaurant import Pot, Tip, menu_engine


def add_tip(pot: str, folio: str, amount: int) -> None:
    raise NotImplementedError("Ejercicio 16.2, sin intentar")


# %% tags=["solution"]
# %%module tips
from sqlmodel import Session, update
from workshop.restaurant import Pot, Tip, menu_engine


def add_tip(pot: str, folio: str, amount: int) -> None:
    with Session(menu_engine()) as session:
        if session.get(Tip, folio):
            return
        session.add(Tip(folio=folio, pot=pot, amount=amount))
        session.exec(update(Pot).where(Pot.name == pot).values(total=Pot.total + amount))
        session.commit()


# %% [markdown]
# Las rutas ya vienen hechas: encolan tu función y dejan mirar cómo quedó el bote. La revisión usa un bote propio.

# %%
tips_app = FastAPI(title="Ejercicio 2")
tips_app.include_router(tip_routes(line, tips.add_tip))
jar = serve(tips_app)
check("16.2", jar)

# %% [markdown]
# También aquí hay pistas: `hint("16.2")`.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (6 min). A los tres minutos pregunta quién ya tiene el 202. Si es menos de la mitad, lee en voz alta la primera pista y deja el segundo para casa; si no, sigue con él. Errores que verás: encolar `make_receipt(folio, total)` con paréntesis, esperar el resultado dentro del `POST`, atrapar toda excepción para que la repetición «no falle», y un `commit` entre anotar y sumar. Cada uno tiene su mensaje.

# %% [markdown]
# ## Comprueba lo que sabes
#
# Cada respuesta equivocada corresponde a una confusión conocida; si caes en una, lee por qué.

# %%
from workshop import quiz

quiz("16")

# %% [markdown]
# ## ¿Dónde se rompe la analogía?
#
# - Si una cocinera se desmaya, alguien la ve caer. La cola solo nota un silencio, y un silencio también puede ser una red lenta: por eso a veces entrega dos veces lo que nadie había soltado.
# - Una comanda de papel se descuelga y ya no está. La de Redis se queda anotada como «en marcha» hasta que alguien dice que terminó; es lo que permite volver a entregarla.
# - En la cocina se ve de un vistazo si el riel está lleno. Una cola crece en silencio: si nadie mide cuánto espera la comanda más vieja, quien avisa es el cliente.
#
# ## Resumen
#
# - **Contestar antes de hacer:** 202 y un `Location`; la API encola y no espera, y quien no pidió nada tampoco.
# - **El riel:** la cola guarda el orden de llegada, los trabajadores toman de ella cuando pueden y el resultado queda en la base, con un aviso si hace falta.
# - **El caudal:** trabajos × segundos ÷ trabajadores, si el trabajo es esperar; la prioridad decide qué se toma después, sin interrumpir.
# - **Al menos una vez:** si alguien muere, otro repite desde el principio: trabajos idempotentes, reintentos con espera creciente y fallidos a la vista.
#
# ## En la práctica
#
# - Escribir en la base y encolar son dos pasos, y se puede morir entre ellos. El remedio se llama *outbox*: la comanda se guarda en la misma transacción que la fila, y otro proceso la pasa a la cola.
# - En la cola viajan identificadores, no objetos: un trabajo que espera una hora debe leer el dato fresco, y un mensaje pequeño cabe siempre.
# - El código cambia mientras hay comandas colgadas. Un trabajo nuevo tiene que entender los mensajes viejos, o esperar a que se acaben.
# - Aquí un trabajador muerto se da por perdido a los tres segundos. Con los valores de fábrica de RQ son minutos: se elige entre recuperar pronto y repetir por error a quien solo iba lento.
# - RabbitMQ y SQS esperan a que quien toma un mensaje lo confirme; Kafka guarda una bitácora que se puede volver a leer; Google Pub/Sub reparte el mismo mensaje a varios. Lo habitual en todas es entregar al menos una vez.
#
# **El siguiente capítulo,** *Decidir quién emplata*, vuelve a la mesa: dónde se arma la página que ve el cliente.
#
# Antes de irte, mira tu avance y apaga lo que encendiste.

# %%
from workshop import progress

progress("16")

# %% [markdown]
# Con el kernel se van también Redis y los trabajadores, pero aquí puedes verlo.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (2 min). Cierra con una sola pregunta: ¿qué hace hoy tu sistema mientras el cliente mira una rueda que gira, y qué habría que cambiar para que no importe hacerlo dos veces? Si nadie contesta, vuelve a los ejemplos con que abriste; si alguien contesta, que diga qué trabajo repetiría sin miedo.

# %%
from workshop import stop_all

stop_all()
