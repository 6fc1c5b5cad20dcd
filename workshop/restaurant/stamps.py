"""El servicio que timbra facturas: de alguien más, del otro lado de la red y con su propia prisa."""

from collections import defaultdict

from fastapi import FastAPI, Response


def stamp_service() -> FastAPI:
    """Una aplicación que pone timbres y recuerda cuántos ha cobrado. Se sirve con `serve(...)`.

    - `POST /stamps/{folio}` contesta 201 con un timbre nuevo cada vez que se le pide.
    - `PUT /stamps/{folio}` contesta 201 la primera vez y 200 después, siempre con el mismo timbre.
    - `GET /stamps/{folio}` contesta la lista de los que ese folio lleva cobrados.
    """
    app = FastAPI(title="Timbres")
    issued: defaultdict[str, list[str]] = defaultdict(list)

    def issue(folio: str) -> str:
        issued[folio].append(f"{folio}/{len(issued[folio]) + 1}")
        return issued[folio][-1]

    # On the event loop, one at a time: two requests never count over each other.
    @app.post("/stamps/{folio}", status_code=201)
    async def new_stamp(folio: str) -> dict[str, str]:
        """Un timbre nuevo."""
        return {"stamp": issue(folio)}

    @app.put("/stamps/{folio}", status_code=201)
    async def same_stamp(folio: str, response: Response) -> dict[str, str]:
        """El timbre de ese folio: se cobra la primera vez y se repite las demás."""
        if folio in issued:
            response.status_code = 200
            return {"stamp": issued[folio][0]}
        return {"stamp": issue(folio)}

    @app.get("/stamps/{folio}")
    async def stamps_of(folio: str) -> list[str]:
        """Los timbres que ese folio lleva cobrados."""
        return issued.get(folio, [])

    return app
