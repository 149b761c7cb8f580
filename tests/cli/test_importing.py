"""``aidlog import``: exit codes, what is said, and that nothing half is written; both databases."""

from __future__ import annotations

import openpyxl
import pytest
from sqlalchemy import func, select

from aidlog.cli.importing import NAMES
from aidlog.db.transaction import writing
from aidlog.registry.models import Item
from aidlog.registry.roles import Role
from aidlog.stock.models import Lot
from tests.factories import make_item, make_organisation, make_person, make_warehouse

ITEMS = "code,name,unit\nMUG,Mug,piece\nCUP,Cup,piece\n"


@pytest.fixture
def house(session, database, installed):
    """An installation with an administrator, a storekeeper at W01, and mats."""
    with writing(session):
        make_organisation(session)
        make_person(session, Role.ADMINISTRATOR, login="boss")
        store = make_warehouse(session, code="W01", name="Lakeside store")
        make_person(session, Role.STOREKEEPER, login="keeper", place=store)
        make_item(session, code="MAT", name="Plastic mat")
    installed(database)
    return session


@pytest.fixture
def write(tmp_path):
    def write(text, name="list.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def codes(session):
    session.rollback()
    return session.scalars(select(Item.code).order_by(Item.id)).all()


def test_the_names_on_the_command_line_are_the_lists_there_are():
    from aidlog.reports.importing.kinds import IMPORTERS

    assert tuple(IMPORTERS) == NAMES


def test_a_list_is_imported_and_counted(house, aidlog, write):
    result = aidlog("import", "items", write(ITEMS))
    assert (result.exit_code, result.stdout) == (0, "Imported: 2 added, 0 changed, 0 as before.\n")
    assert "Columns read: code → Item code; name → Name; unit → Counted in" in result.stderr
    assert codes(house) == ["MAT", "MUG", "CUP"]
    assert aidlog("verify").exit_code == 0


def test_a_bad_row_is_exit_1_names_itself_and_writes_nothing(house, aidlog, write):
    result = aidlog("import", "items", write(ITEMS + "JUG,,piece\n"))
    assert result.exit_code == 1
    assert "Row 4, column B “name”: The cell is empty" in result.stderr
    assert codes(house) == ["MAT"]


def test_a_dry_run_says_what_would_come_and_writes_nothing(house, aidlog, write):
    result = aidlog("import", "items", write(ITEMS), "--dry-run")
    assert (result.exit_code, "2 rows would be imported" in result.stdout) == (0, True)
    assert codes(house) == ["MAT"]


def test_numbers_of_two_meanings_are_asked_about_and_not_guessed(house, aidlog, write):
    path = write('code,name,unit,kg\nMUG,Mug,piece,"1.250"\n')
    result = aidlog("import", "items", path)
    assert result.exit_code == 1
    assert "Say how this file writes numbers" in result.stderr
    assert aidlog("import", "items", path, "--numbers", "en").exit_code == 0


def test_what_the_file_does_not_say_is_said_once(house, aidlog, write):
    path = write("Supply,Where,How many\nMats,The lake,5\n")
    result = aidlog(
        "import", "stock", path, "--header", "1",
        "--column", "item_name=Supply", "--column", "warehouse=Where", "--column", "quantity=C",
        "--set", "unit=piece", "--set", "counted_on=2026-11-02",
        "--means", "item_name:mats=MAT", "--means", "warehouse:The Lake=W01",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert "Goods received note GRN-KRB-26-0001" in result.stdout


def test_the_rows_with_what_to_correct_are_written(house, aidlog, write, tmp_path):
    out = tmp_path / "errors.xlsx"
    result = aidlog("import", "items", write(ITEMS + "JUG,,piece\n"), "--errors", out)
    assert result.exit_code == 1
    rows = list(openpyxl.load_workbook(out).worksheets[0].values)
    assert (len(rows), rows[3][-1]) == (
        4,
        "name: The cell is empty. Fill it in, or delete the row.",
    )


def test_the_same_file_twice_is_noticed(house, aidlog, write):
    path = write(ITEMS)
    aidlog("import", "items", path)
    result = aidlog("import", "items", path)
    assert result.exit_code == 1
    assert "This very file was imported on" in result.stderr
    assert aidlog("import", "items", path, "--again").stdout.endswith("2 as before.\n")


def test_a_person_imports_with_their_own_rights(house, aidlog, write):
    refused = aidlog("import", "items", write(ITEMS), "--as", "keeper")
    assert refused.exit_code == 1
    stock = write("warehouse,item,quantity,unit\nW01,MAT,5,piece\n", "stock.csv")
    taken = aidlog("import", "stock", stock, "--as", "keeper", "--set", "counted_on=2026-11-02")
    assert taken.exit_code == 0, taken.stderr
    house.rollback()
    assert house.scalar(select(func.count(Lot.id))) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["--as", "nobody"], "Nobody signs in"), (["--organisation", "NONE"], "no organisation"),
     (["--sheet", "Other"], "no sheet “Other”"), (["--column", "code=Colour"], "No single column")],
)  # fmt: skip
def test_names_that_are_nobodys_are_told(house, aidlog, write, arguments, says):
    result = aidlog("import", "items", write(ITEMS), *arguments)
    assert (result.exit_code, says in result.stderr) == (1, True), result.stderr


@pytest.mark.parametrize(
    "arguments",
    [["weather", "x.csv"], ["items"], ["items", "x.csv", "--numbers", "de"],
     ["items", "x.csv", "--errors", "out.txt"], ["items", "x.csv", "--header", "-1"]],
)  # fmt: skip
def test_wrong_usage_is_exit_2(aidlog, arguments):
    assert aidlog("import", *arguments).exit_code == 2


@pytest.mark.parametrize("option", [["--set", "colour=red"], ["--column", "code"],
                                    ["--means", "unit=piece"]])  # fmt: skip
def test_an_unknown_field_is_wrong_usage_and_names_the_known_ones(house, aidlog, write, option):
    result = aidlog("import", "items", write(ITEMS), *option)
    assert (result.exit_code, "base_unit" in result.stderr) == (2, True)


def test_without_an_administrator_the_way_is_told(session, database, installed, aidlog, write):
    with writing(session):
        make_organisation(session)
    installed(database)
    result = aidlog("import", "items", write(ITEMS))
    assert (result.exit_code, "aidlog user add" in result.stderr) == (1, True)


def test_a_missing_file_is_a_sentence(house, aidlog, tmp_path):
    result = aidlog("import", "items", tmp_path / "none.csv")
    assert (result.exit_code, "is not there" in result.stderr) == (1, True)


def test_the_rows_are_not_overwritten_by_their_corrections(house, aidlog, write):
    path = write(ITEMS, "list.xlsx")
    assert aidlog("import", "items", path, "--errors", path).exit_code == 1


def test_a_template_of_every_list_can_be_written(aidlog, tmp_path):
    for kind in NAMES:
        assert aidlog("template", kind, tmp_path / f"{kind}.xlsx").exit_code == 0


def test_a_list_too_large_to_read_is_told_so_unread(house, aidlog, tmp_path):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(200 * 2**20 + 1)
    result = aidlog("import", "stock", path)
    assert result.exit_code == 1
    assert "The file has 201 MB; 20 MB is the most." in result.stderr
