"""`kb people`: adding, inviting, suspending and erasing from the command line, with or without JSON."""

from pathlib import Path

from tests.doors.program import Ran, done, kb


def run(home: Path, *arguments: str) -> Ran:
    return done("people", *arguments, "--home", home)


def an_account(home: Path, *arguments: str) -> str:
    """A person added by a command; their id."""
    return str(run(home, "add", "Mia Moss", *arguments, "--json").json["id"])


def test_a_person_is_added_with_roles_and_listed(tmp_path: Path) -> None:
    person = an_account(tmp_path, "--email", "mia@larkfield.example", "--role", "legal:cards,loans", "--role", "author")
    (listed,) = run(tmp_path, "list", "--json").json
    assert (listed["id"], listed["name"], listed["email"]) == (person, "Mia Moss", "mia@larkfield.example")
    assert {(one["role"], *one["topics"]) for one in listed["roles"]} == {("legal", "cards", "loans"), ("author", "*")}
    line = run(tmp_path, "list").out
    assert "legal:cards,loans" in line
    assert "author" in line


def test_a_link_is_printed_for_whom_it_is_and_no_token_is_in_a_query(tmp_path: Path) -> None:
    person = an_account(tmp_path)
    address, _ = run(tmp_path, "link", person).out.splitlines()
    assert address.startswith("http://127.0.0.1:8080/sign-in#kb_ln_")
    elsewhere = done("people", "link", person, "--home", tmp_path, "--json", KB_BASE_URL="https://kb.example/").json
    assert elsewhere["address"].startswith("https://kb.example/sign-in#kb_ln_")
    assert elsewhere["person"] == person


def test_who_is_suspended_is_listed_so_until_they_are_reinstated(tmp_path: Path) -> None:
    person = an_account(tmp_path)
    assert run(tmp_path, "suspend", person).out.startswith(f"suspended: {person}")
    assert [one["id"] for one in run(tmp_path, "list", "--state", "suspended", "--json").json] == [person]
    assert kb("people", "link", person, "--home", tmp_path).code == 5
    run(tmp_path, "reinstate", person)
    assert run(tmp_path, "list", "--state", "suspended", "--json").json == []


def test_erasing_asks_first_and_is_for_good(tmp_path: Path) -> None:
    person = an_account(tmp_path, "--email", "mia@larkfield.example")
    assert kb("people", "erase", person, "--home", tmp_path, typed="n\n").code == 1
    assert kb("people", "erase", person, "--home", tmp_path, "--json").code == 2
    assert "Mia Moss" in run(tmp_path, "list").out
    run(tmp_path, "erase", person, "--yes")
    told = run(tmp_path, "list").out
    assert person in told
    assert "Mia Moss" not in told
    assert "larkfield" not in told
    done("audit", "verify", "--home", tmp_path)


def test_what_is_wrong_is_told_with_the_code_it_means(tmp_path: Path) -> None:
    wrong = kb("people", "add", "Mia", "--role", "king", "--home", tmp_path)
    assert wrong.code == 2
    assert "use one of" in wrong.err
    for act in ("link", "suspend", "reinstate"):
        assert kb("people", act, "p-none", "--home", tmp_path).code == 4
    assert "nobody yet" in run(tmp_path, "list").out
