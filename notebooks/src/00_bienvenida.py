# %% [markdown]
# # 0 · Preparar tu mesa de trabajo
#
# En este capítulo pondrás en marcha tu primer servicio, lo romperás, lo arreglarás y sabrás qué hacer si una pieza del taller no enciende.
#
# **Aprenderás a**
#
# - comprobar que tu instalación funciona, pieza por pieza;
# - trabajar en tres pasos: predecir, ejecutar y comparar;
# - revisar un ejercicio, pedir una pista y ver tu avance;
# - volver a empezar cuando algo se enrede, y presentar el taller frente a un grupo.
#
# **Necesitas** haber abierto este cuaderno con `make lab` o en Binder. **Minutos:** 15.
#
# ## La historia
#
# La Comanda abre mañana. Es un restaurante pequeño y hoy no tiene software: a lo largo de diecisiete capítulos le construirás uno. Antes de cocinar, se revisa que haya gas.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (1 min). Pide que abran el cuaderno y ejecuten la primera celda mientras te presentas, y pregunta quién no la ve terminar. Si son pocos, que se sienten junto a alguien a quien sí le terminó; si son muchos, abran todos el taller en Binder.

# %% [markdown]
# ## 1. ¿Todo enciende?
#
# Un cuaderno (*notebook*) es una lista de celdas. Selecciona una y pulsa <kbd>Mayús</kbd>+<kbd>Intro</kbd> para ejecutarla y pasar a la siguiente. Esta enciende cada pieza del taller, le hace una prueba de verdad y la apaga.

# %%
from workshop import checkup

checkup()

# %% [markdown]
# Si una fila dice **averiada**, copia su comando en una terminal (*File → New → Terminal*), espera a que termine y pulsa «Revisar otra vez». Si sigue igual, cierra JupyterLab y vuelve a abrirlo con `make lab`. **No aplica aquí** no es un problema: dice que esa pieza no hace falta donde corre este cuaderno.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (3 min). Nadie avanza con una fila averiada. Mientras esperan, pregunta: de estas piezas, ¿cuáles siguen encendidas ahora mismo? Si dicen que todas, ejecuta `from workshop import running; running()`: cada prueba apaga lo que encendió. Si lo saben, pregunta qué pasaría si no lo hicieran. Si la red del salón bloquea la instalación, abre el taller en Binder y sigan ahí.

# %% [markdown]
# ## 2. El mapa
#
# Cada capítulo cuenta una parte del backend y la pone a funcionar. Se pueden hacer en cualquier orden, aunque la historia avanza con ellos. Tu avance se guarda en un archivo de esta máquina y en ninguna otra parte.

# %%
from workshop import progress

progress()

# %% [markdown]
# Con los botones puedes exportar tu avance, para llevártelo de Binder a tu máquina, o empezar de cero. Si lo borras por error, el archivo anterior queda guardado al lado.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (2 min). Muestra qué capítulos cubrirá tu curso y cuáles quedan de tarea. Pregunta cuál de los títulos no entienden todavía. Si coinciden en uno que vas a dar, vuelve a él el último día; si es de los que quedan de tarea, di en una frase de qué trata.

# %% [markdown]
# ## 3. Predice, ejecuta, compara
#
# Leer una respuesta se siente igual que saberla. Para notar la diferencia, en este taller primero te comprometes: eliges, fijas tu predicción y solo entonces ejecutas. Equivocarse no resta nada; lo que enseña es descubrir por qué.
#
# Esta celda pone en marcha un servicio de verdad, con una sola dirección.

# %%
import requests
from fastapi import FastAPI
from workshop import predict, serve

app = FastAPI(title="La puerta de La Comanda")


@app.get("/welcome")
def welcome():
    return {"message": "Pasa, hay mesa para dos"}


api = serve(app)
api

# %% [markdown]
# **Predice.** La dirección `/welcome` existe; `/menu`, todavía no. ¿Qué contesta el servicio si pides `/menu`? Elige y pulsa «Fijar mi predicción».

# %%
guess = predict("¿Qué pasa al pedir /menu?", ["contesta 404", "contesta 500", "no contesta nada"])
guess

# %% [markdown]
# **Ejecuta.**

# %%
found = requests.get(f"{api.url}/welcome")
missing = requests.get(f"{api.url}/menu")
found.json(), missing.json()

# %% [markdown]
# **Compara.** La medida sale del código que el servicio acaba de enviar, no de este texto.

# %%
guess.compare(f"contesta {missing.status_code}")

# %% [markdown]
# **Qué acaba de pasar.** «No existe» también es una respuesta: alguien recibió tu petición, buscó y contestó 404 (*Not Found*). Un 500 querría decir que lo buscó y se le cayó la cocina. Y «no contesta nada» es lo que ocurre cuando no hay nadie. Vamos a provocarlo.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (4 min). Explica el ritmo con esta primera predicción: votan, fijan, ejecutan. Pregunta quién falló. Si alguien levanta la mano, que cuente qué imaginó: eso marca el tono de todo el taller; si nadie, cuenta tú una predicción tuya que salió mal.

# %% [markdown]
# ## Sala de averías
#
# Cada capítulo tiene una sala de averías: rompes una pieza real, miras qué se siente desde el otro lado y la recuperas. Como cada sección, esta enciende lo que necesita: si reiniciaste el kernel, puedes empezar aquí.

# %%
import requests
from fastapi import FastAPI
from workshop import serve

app = FastAPI(title="La puerta de La Comanda")


@app.get("/welcome")
def welcome():
    return {"message": "Pasa, hay mesa para dos"}


api = serve(app)
requests.get(f"{api.url}/welcome").status_code

# %% [markdown]
# Contesta. Ahora apágalo y vuelve a pedir.

# %%
api.stop()
try:
    requests.get(f"{api.url}/welcome")
except requests.ConnectionError as failure:
    print("No hay nadie:", type(failure).__name__)

# %% [markdown]
# No hubo código de estado porque no hubo respuesta. Enciéndelo otra vez: vuelve en la misma dirección.

# %%
api.start()
requests.get(f"{api.url}/welcome").status_code

# %% [markdown]
# ## Ejercicio · Pon el menú
#
# **Meta.** Que `GET /menu` conteste 200 con una lista de al menos tres platos, cada uno con `name` (texto) y `price` (número mayor que cero).
#
# Cambia la función y ejecuta la celda. Puedes hacerlo cuantas veces quieras: el servicio se cambia solo, sin apagarse.

# %%
from fastapi import FastAPI, HTTPException
from workshop import check, hint, serve

menu_app = FastAPI(title="Ejercicio 0")

# %% [markdown]
# Escribe aquí tu solución. Mientras conteste 501 (*Not Implemented*), cuenta como sin intentar.


# %% tags=["exercise"]
@menu_app.get("/menu")
def read_menu():
    raise HTTPException(501, "Ejercicio 00.1, sin intentar")


menu = serve(menu_app)


# %% tags=["solution"]
@menu_app.get("/menu")
def read_menu():
    return [
        {"name": "Guacamole con totopos", "price": 95},
        {"name": "Mole poblano", "price": 190},
        {"name": "Agua de jamaica", "price": 35},
    ]


menu = serve(menu_app)

# %% [markdown]
# La revisión le pregunta a tu servicio, como lo haría cualquier cliente. No lee tu código: hay muchas maneras correctas de escribirlo.

# %%
check("00.1", menu)

# %% [markdown]
# Si te atoras, `hint("00.1")` da una pista; vuelve a llamarla para la siguiente. Después de acertar, o de tres intentos, muestra una solución.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (4 min). Pide a propósito que lo hagan mal de una manera distinta cada quien: precio en texto, dos platos, un diccionario. Lean los mensajes de la revisión en voz alta y pregunta cuál les diría qué corregir sin ver el código. Si uno no basta, que pidan la pista; si bastan todos, sigue.

# %% [markdown]
# ## Si algo se enreda
#
# - **Una celda no termina:** pulsa ■ (*Interrupt the kernel*). Los servicios siguen en marcha.
# - **Nada tiene sentido:** *Kernel → Restart Kernel*, y retoma desde el comienzo de la sección donde ibas. Todo lo que estaba en marcha se apaga solo.
# - **Borraste algo del cuaderno:** ciérralo sin guardar, o recupera el original con `git checkout notebooks/`.
# - **Quieres empezar de cero:** el botón «Borrar mi avance» de la sección 2.
#
# ## Presentarlo frente a un grupo
#
# - *View → Presentation Mode* quita los menús; <kbd>Ctrl</kbd>+<kbd>+</kbd> del navegador agranda todo, consola incluida.
# - *View → Appearance → Simple Interface* deja un solo cuaderno en pantalla.
# - La carpeta `notebooks/soluciones/` tiene cada capítulo resuelto, con minutos y preguntas para el grupo.
# - Los paneles funcionan en vivo mientras presentas: pide al grupo que prediga y pulsa tú.
#
# ## ¿Dónde se rompe la analogía?
#
# Un restaurante tarda meses en abrir y se nota cuando cierra. Aquí un servicio abre en milisegundos y, si se apaga, nada en su dirección avisa que existió: solo deja de haber quien conteste.
#
# ## Resumen
#
# - Tu instalación se revisa con `checkup()`, y cada avería dice cómo se repara.
# - Predices, ejecutas y comparas con lo medido.
# - `check`, `hint` y `progress` acompañan cada ejercicio.
# - Reiniciar el kernel apaga todo y no rompe nada.
#
# ## En la práctica
#
# Ejecutar un servidor dentro de un cuaderno es una comodidad para aprender: en producción vive en su propio proceso, en otra máquina y vigilado por alguien que lo vuelve a encender. En el capítulo 13 pondrás varios.
#
# **El siguiente capítulo** es *Resolver un incidente desde tres oficios*. Si prefieres ir directo a construir una API, abre el [capítulo 7](07_rest_api.ipynb).
#
# Antes de irte, apaga lo que encendiste.

# %% [markdown] tags=["instructor"]
# > **Para quien enseña** (1 min). Cierra con una pregunta: ¿qué les gustaría romper primero? Si nombran un servicio, di en qué capítulo se rompe; si nadie se anima, rómpelo tú: `stop_all()`.

# %%
from workshop import stop_all

stop_all()
