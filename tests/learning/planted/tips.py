"""What learners write in `%%module tips` for 16.2: right in three ways, and wrong in the ways that happen."""

HEAD = """\
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select, update
from workshop.restaurant import Pot, Tip, menu_engine


def add_tip(pot: str, folio: str, amount: int) -> None:
"""

UNTOUCHED = '    raise NotImplementedError("Ejercicio 16.2, sin intentar")\n'

RIGHT = {
    "looks_first": """\
    with Session(menu_engine()) as session:
        if session.get(Tip, folio):
            return
        session.add(Tip(folio=folio, pot=pot, amount=amount))
        session.exec(update(Pot).where(Pot.name == pot).values(total=Pot.total + amount))
        session.commit()
""",
    "lets_the_base_say_it": """\
    with Session(menu_engine()) as session:
        session.add(Tip(folio=folio, pot=pot, amount=amount))
        try:
            session.flush()
        except IntegrityError:
            return
        session.exec(update(Pot).where(Pot.name == pot).values(total=Pot.total + amount))
        session.commit()
""",
    "in_python": """\
    with Session(menu_engine()) as session, session.begin():
        if not session.exec(select(Tip).where(Tip.folio == folio)).first():
            row = session.get(Pot, pot)
            row.total += amount
            session.add(Tip(folio=folio, pot=pot, amount=amount))
""",
}

WRONG = {
    "only_adds": """\
    with Session(menu_engine()) as session:
        session.exec(update(Pot).where(Pot.name == pot).values(total=Pot.total + amount))
        session.commit()
""",
    "only_notes": """\
    with Session(menu_engine()) as session:
        session.merge(Tip(folio=folio, pot=pot, amount=amount))
        session.commit()
""",
    "never_commits": """\
    with Session(menu_engine()) as session:
        session.add(Tip(folio=folio, pot=pot, amount=amount))
        session.exec(update(Pot).where(Pot.name == pot).values(total=Pot.total + amount))
""",
    "adds_each_time": """\
    with Session(menu_engine()) as session:
        session.merge(Tip(folio=folio, pot=pot, amount=amount))
        session.exec(update(Pot).where(Pot.name == pot).values(total=Pot.total + amount))
        session.commit()
""",
    "repeating_fails": """\
    with Session(menu_engine()) as session:
        session.add(Tip(folio=folio, pot=pot, amount=amount))
        session.exec(update(Pot).where(Pot.name == pot).values(total=Pot.total + amount))
        session.commit()
""",
    "by_amount": """\
    with Session(menu_engine()) as session:
        if session.exec(select(Tip).where(Tip.pot == pot, Tip.amount == amount)).first():
            return
        session.add(Tip(folio=folio, pot=pot, amount=amount))
        session.exec(update(Pot).where(Pot.name == pot).values(total=Pot.total + amount))
        session.commit()
""",
    "swallows_everything": """\
    with Session(menu_engine()) as session:
        session.add(Tip(folio=folio, pot=pot, amount=amount))
        try:
            session.flush()
            session.exec(update(Pot).where(Pot.name == pot).values(total=Pot.total + amount))
            session.commit()
        except IntegrityError:
            pass
""",
    "two_transactions": """\
    with Session(menu_engine()) as session:
        if session.get(Tip, folio):
            return
        session.add(Tip(folio=folio, pot=pot, amount=amount))
        session.commit()
        session.exec(update(Pot).where(Pot.name == pot).values(total=Pot.total + amount))
        session.commit()
""",
    "misspelled": """\
    with Session(menu_engine()) as session:
        session.add(Tip(folio=folio, pot=pot, amount=ammount))
        session.commit()
""",
}
