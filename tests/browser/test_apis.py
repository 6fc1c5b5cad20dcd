"""Chapter 06: `/docs` inside the notebook, without the internet, and what its own button does."""

import pytest

USERS = """
from fastapi import FastAPI
from pydantic import BaseModel
from workshop import page, serve

app = FastAPI(title="Usuarios")
users = []

class NewUser(BaseModel):
    name: str

@app.post("/users", status_code=201)
def create_user(user: NewUser) -> NewUser:
    users.append(user)
    return user

api = serve(app)
"""


@pytest.mark.parametrize("via", ["direct", "proxy"])
def test_somebody_reads_the_contract_and_tries_it_from_its_page(open_notebook, write, via):
    notebook = open_notebook(
        write("contract", USERS, f"page(api, '/docs', via={via!r})", "[u.name for u in users]")
    )
    notebook.run_all()
    assert notebook.failures() == []

    docs = notebook.cell(2).frame_locator("iframe")
    docs.get_by_role("button", name="POST /users Create User").click()
    docs.get_by_role("button", name="Try it out").click()
    docs.get_by_role("textbox").first.fill('{"name": "Cajero"}')
    docs.get_by_role("button", name="Execute").click()
    docs.locator(".live-responses-table .response-col_status", has_text="201").wait_for()

    notebook.run_cells(3, 4)
    notebook.cell(3).get_by_text("['Cajero']").wait_for()
