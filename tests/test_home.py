"""The family's file: nothing is overwritten, nothing that was deleted stays, and no file of somebody else's is ever touched."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE, STDOUT

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remission.home import store
from remission.home.notes import Note
from remission.home.opening import opened
from remission.home.problems import ChangedMeanwhile, HomeProblem
from remission.home.shape import FORMAT, migrate, version_of
from remission.home.sheets import standing
from remission.home.store import FILE_NAME, HomeFile, new_id
from remission.knowledge.model import Library

MARKER = "Zebrafink-47"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[HomeFile]:
    with HomeFile(tmp_path / "data") as file:
        yield file


def a_child(home: HomeFile, name: str, *temperatures: str, by: str = "Ana") -> str:
    child = new_id()
    home.write(Note(child, "child", child, {"name": name}), by)
    for temperature in temperatures:
        home.write(Note(child, "diary", new_id(), {"temperature": temperature}), by)
    return child


def note(child: str, text: str, note_id: str = "n1", kind: str = "diary") -> Note:
    return Note(child, kind, note_id, {"note": text})


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


# --- history and undo -----------------------------------------------------------------------------------------------------


def test_every_change_says_who_when_from_what_and_to_what(home: HomeFile) -> None:
    child = a_child(home, "Luca")
    first = home.write(note(child, "tired"), "Ana")
    home.write(note(child, "tired, slept well"), "Papá")
    home.remove(child, "diary", "n1", "Ana")
    began, changed, taken = home.history(child, "diary")
    assert (began.before, began.after, began.by) == (None, {"note": "tired"}, "Ana")
    assert (changed.before, changed.after, changed.by) == ({"note": "tired"}, {"note": "tired, slept well"}, "Papá")
    assert (taken.before, taken.after) == ({"note": "tired, slept well"}, None)
    assert began.seq == first.seq < changed.seq < taken.seq
    assert began.at.tzinfo is not None
    assert home.note(child, "diary", "n1") is None
    assert home.remove(child, "diary", "n1", "Ana") is None


def test_an_empty_field_is_not_there(home: HomeFile) -> None:
    child = a_child(home, "Luca")
    kept = home.write(Note(child, "diary", "n1", {}), "")
    assert kept.said("temperature") == ""
    assert home.notes(child, "diary")[0].values == {}


def test_several_children_in_the_order_in_which_they_were_begun(home: HomeFile) -> None:
    luca, mara = a_child(home, "Luca", "37.0 °C"), a_child(home, "Mara", "38.0 °C", "36.9 °C")
    home.write(Note(luca, "child", luca, {"name": "Luca P."}), "")
    assert [who.child for who in home.children()] == [luca, mara]
    assert [found.said("temperature") for found in home.notes(mara, "diary")] == ["38.0 °C", "36.9 °C"]
    assert len(home.notes(luca, "diary")) == 1
    last = home.last_change(luca)
    assert last is not None
    assert last.after == {"name": "Luca P."}


@pytest.mark.parametrize("step", ["begun", "changed", "taken away"])
def test_undo_sets_back_and_can_be_undone(home: HomeFile, step: str) -> None:
    child = a_child(home, "Luca")
    seq = home.write(note(child, "one"), "Ana").seq
    if step != "begun":
        seq = home.write(note(child, "two"), "Ana").seq
    if step == "taken away":
        removal = home.remove(child, "diary", "n1", "Ana")
        assert removal is not None
        seq = removal.seq
    before, now = {"begun": ("", "one"), "changed": ("one", "two"), "taken away": ("two", "")}[step]
    undone = home.undo(seq, "Papá")
    assert (undone.undoes, undone.by) == (seq, "Papá")
    assert [found.said("note") for found in home.notes(child, "diary")] == ([before] if before else [])
    home.undo(undone.seq, "Ana")
    assert [found.said("note") for found in home.notes(child, "diary")] == ([now] if now else [])


def test_undo_is_refused_once_the_note_was_changed_again(home: HomeFile) -> None:
    child = a_child(home, "Luca")
    old = home.write(note(child, "one"), "Ana").seq
    home.write(note(child, "two"), "Papá")
    with pytest.raises(HomeProblem) as refused:
        home.undo(old, "Ana")
    assert refused.value.word == "home-changed-since"
    assert home.notes(child, "diary")[0].said("note") == "two"
    with pytest.raises(HomeProblem, match="home-no-such-change"):
        home.undo(999, "Ana")


def test_undo_is_not_held_up_by_changes_of_other_notes(home: HomeFile) -> None:
    child = a_child(home, "Luca")
    seq = home.write(note(child, "one"), "Ana").seq
    home.write(note(child, "other", "n2"), "Ana")
    home.undo(seq, "Ana")
    assert [found.id for found in home.notes(child, "diary")] == ["n2"]


def test_a_note_that_is_brought_back_stands_where_it_stood(home: HomeFile) -> None:
    child = a_child(home, "Luca")
    for name in ("n1", "n2", "n3"):
        home.write(note(child, name, name), "")
    removal = home.remove(child, "diary", "n1", "")
    assert removal is not None
    home.undo(removal.seq, "")
    assert [found.id for found in home.notes(child, "diary")] == ["n1", "n2", "n3"]


def test_history_cannot_be_rewritten(home: HomeFile) -> None:
    a_child(home, "Luca")
    with sqlite3.connect(home.path) as other, pytest.raises(sqlite3.IntegrityError, match="never rewritten"):
        other.execute("UPDATE change SET by = 'somebody else'")
    other.close()


steps = st.lists(
    st.tuples(st.sampled_from(["write", "remove", "undo"]), st.sampled_from(["a", "b", "c"]), st.text(max_size=5)), max_size=25
)


@given(steps)
def test_what_stands_is_what_the_history_says(tmp_path_factory: pytest.TempPathFactory, taken: list[tuple[str, str, str]]) -> None:
    with HomeFile(tmp_path_factory.mktemp("home")) as home:
        for what, note_id, text in taken:
            if what == "write":
                home.write(note("c", text.replace("\0", ""), note_id), "Ana")
            elif what == "remove":
                home.remove("c", "diary", note_id, "Ana")
            elif found := home.history("c", "diary", note_id):
                home.undo(found[-1].seq, "Ana")
        assert home.notes("c") == standing(home.history("c"))


# --- two at once ----------------------------------------------------------------------------------------------------------


def test_two_tabs_the_second_is_told_and_loses_nothing(home: HomeFile) -> None:
    child = a_child(home, "Luca")
    seen = home.write(note(child, "one"), "Ana").seq
    home.write(note(child, "from the first tab"), "Papá", was=seen)
    with pytest.raises(ChangedMeanwhile) as told:
        home.write(note(child, "from the second tab"), "Ana", was=seen)
    assert told.value.now is not None
    assert told.value.now.said("note") == "from the first tab"
    assert told.value.typed == {"note": "from the second tab"}
    assert told.value.values["by"] == "Papá"
    assert len(home.history(child, "diary")) == 2


def test_a_form_sent_twice_is_no_conflict(home: HomeFile) -> None:
    child = a_child(home, "Luca")
    seen = home.write(note(child, "one"), "Ana").seq
    first = home.write(note(child, "two"), "Ana", was=seen)
    assert home.write(note(child, "two"), "Ana", was=seen) == first
    assert home.write(note(child, "new", "n2"), "Ana", was=0) == home.write(note(child, "new", "n2"), "Ana", was=0)


def test_a_note_taken_away_in_another_tab_is_a_conflict(home: HomeFile) -> None:
    child = a_child(home, "Luca")
    seen = home.write(note(child, "one"), "Ana").seq
    home.remove(child, "diary", "n1", "Papá")
    with pytest.raises(ChangedMeanwhile) as told:
        home.write(note(child, "two"), "Ana", was=seen)
    assert told.value.now is None


def test_several_notes_are_kept_all_or_none(home: HomeFile) -> None:
    child = a_child(home, "Luca")
    home.write(note(child, "old", "n2"), "Papá")
    with pytest.raises(ChangedMeanwhile):
        home.write_all([note(child, "new", "n1"), note(child, "new", "n2")], "Ana", was={"n2": 0})
    assert [found.said("note") for found in home.notes(child, "diary")] == ["old"]


def test_steps_together_are_one_step(home: HomeFile) -> None:
    child = a_child(home, "Luca")
    with pytest.raises(KeyError):
        _write_erase_and_fail(home, child)
    assert home.notes(child, "diary") == []
    assert len(home.children()) == 1
    with home.together():
        home.write(note(child, "kept"), "Ana")
        with pytest.raises(ChangedMeanwhile):
            home.write_all([note(child, "lost", "n2"), note(child, "lost")], "Ana", was={"n1": 0})
    assert [found.said("note") for found in home.notes(child, "diary")] == ["kept"], "only the part that failed is dropped"


def _write_erase_and_fail(home: HomeFile, child: str) -> None:
    with home.together():
        home.write(note(child, "one"), "Ana")
        home.erase(child)
        raise KeyError


BEGIN = """
import sys
from pathlib import Path
from remission.home.store import HomeFile
print("ready", flush=True)
sys.stdin.readline()
"""


def in_processes(count: int, code: str, *arguments: str) -> list[str]:
    """Runs `code` in several processes that begin at the same moment; what each printed."""
    command = [sys.executable, "-c", BEGIN + code, *arguments]
    started = [subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=STDOUT, text=True) for _ in range(count)]
    for process in started:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    return [process.communicate(timeout=60)[0].strip() for process in started]


MAKE_MANY = """
for number in range(40):
    with HomeFile(Path(sys.argv[1]) / str(number) / "data") as home:
        home.keep_setting("by", "me")
"""


def test_many_processes_may_make_the_file_at_the_same_moment(tmp_path: Path) -> None:
    assert in_processes(6, MAKE_MANY, str(tmp_path)) == [""] * 6


# --- erasing --------------------------------------------------------------------------------------------------------------


def with_a_marked_child(home: HomeFile) -> tuple[str, str]:
    """Two children; of the first everything says the marker: name, writer, long notes, what was taken away."""
    marked, other = a_child(home, MARKER, by=MARKER), a_child(home, "Mara", "37.5 °C")
    for number in range(30):
        home.write(Note(marked, "diary", f"n{number}", {"note": f"{MARKER} " * 400}), MARKER)
    for number in range(0, 30, 2):
        home.remove(marked, "diary", f"n{number}", MARKER)
    return marked, other


def test_erased_means_that_no_byte_of_it_is_left(home: HomeFile) -> None:
    folder = home.path.parent
    with HomeFile(folder) as another:  # keeps the changes beside the file, as an open page would
        marked, other = with_a_marked_child(home)
        assert another.children()
        assert MARKER.encode() in everything_in(folder)
        home.erase(marked)
        assert MARKER.encode() not in everything_in(folder)
        assert marked.encode() not in everything_in(folder)
    assert [who.said("name") for who in home.children()] == ["Mara"]
    assert len(home.history(other)) == 2
    assert home.damages() == []


def test_erasing_one_kind_or_one_note_leaves_the_rest(home: HomeFile) -> None:
    child = a_child(home, "Luca", "37.0 °C")
    home.write(note(child, MARKER, "s1", "private"), "")
    home.write(note(child, "stays", "s2", "private"), "")
    home.erase(child, "private", "s1")
    assert MARKER.encode() not in everything_in(home.path.parent)
    assert [found.id for found in home.notes(child, "private")] == ["s2"]
    home.erase(child, "private")
    assert {found.kind for found in home.notes(child)} == {"child", "diary"}
    home.write(note(child, "again", "s3", "private"), "")


def test_erasing_while_somebody_reads_is_said_and_finished_later(home: HomeFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "WAITS", 0.1)
    marked, _ = with_a_marked_child(home)
    reader = sqlite3.connect(home.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM change").fetchone()
    with pytest.raises(HomeProblem) as told:
        home.erase(marked)
    assert told.value.word == "home-erased-not-overwritten"
    assert home.notes(marked) == [], "no page shows it any more"
    home.write(note("other", "goes on"), "")
    reader.close()
    with HomeFile(home.path.parent):
        assert MARKER.encode() not in everything_in(home.path.parent)


def test_an_erasure_that_was_cut_off_is_finished_when_the_file_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with HomeFile(tmp_path) as home:
        marked, _ = with_a_marked_child(home)
        with monkeypatch.context() as cut:
            cut.setattr(HomeFile, "_sweep", lambda *_: None)
            home.erase(marked)
        assert MARKER.encode() in everything_in(tmp_path)
    with HomeFile(tmp_path) as home:
        assert MARKER.encode() not in everything_in(tmp_path)
        assert home.setting("unswept") is None


def test_a_page_left_open_does_not_bring_an_erased_child_back(home: HomeFile) -> None:
    child = a_child(home, "Luca")
    home.erase(child)
    with pytest.raises(HomeProblem) as told:
        home.write(note(child, "typed before"), "Ana", was=0)
    assert told.value.word == "home-child-erased"
    assert home.history(child) == []
    with pytest.raises(HomeProblem):
        home.write_all([note(child, "typed before")], "Ana")
    home.write(Note(child, "child", child, {"name": "Luca"}), "Ana")  # begun anew, on purpose
    home.write(note(child, "new"), "Ana")
    assert len(home.notes(child)) == 2


def test_a_number_is_never_used_twice(home: HomeFile) -> None:
    child = a_child(home, "Luca", "37.0 °C")
    last = home.history(child)[-1].seq
    home.erase(child)
    other = a_child(home, "Mara")
    assert home.history(other)[0].seq > last


# --- opening --------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_nobody_else_on_this_machine_may_read_it(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        with HomeFile(tmp_path / "a" / "data") as home:
            home.write(note("c", "x"), "")
            rights = {path.name: path.stat().st_mode & 0o777 for path in home.path.parent.iterdir()}
            assert rights == {FILE_NAME: 0o600, f"{FILE_NAME}-wal": 0o600, f"{FILE_NAME}-shm": 0o600}
            assert home.path.parent.stat().st_mode & 0o777 == 0o700
    finally:
        os.umask(old)


def test_a_write_is_on_the_disk_before_it_is_acknowledged(home: HomeFile) -> None:
    connection = home._connection
    told = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "secure_delete")}
    assert told == {"journal_mode": "wal", "synchronous": 3, "secure_delete": 1}
    assert connection.execute("PRAGMA temp_store").fetchone()[0] == 2, "nothing of a record lies in /tmp for a while"


def refused(folder: Path) -> str:
    with pytest.raises(HomeProblem) as told:
        HomeFile(folder)
    return told.value.word


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    assert refused(tmp_path) == "home-path-is-folder"


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    assert refused(tmp_path / "data") == "home-no-folder"
    assert (tmp_path / "data").read_text() == "x"


@pytest.mark.parametrize("content", [b"Dear diary, this is no database at all. " * 99, b"SQLite format 3\0" + b"\xff" * 5000, b"x"])
def test_what_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    assert refused(tmp_path) in ("home-not-ours", "home-damaged")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {FILE_NAME: content}


@pytest.mark.parametrize("version", [0, 1, FORMAT + 40])
def test_a_database_of_another_program_is_refused_and_left_as_it_is(tmp_path: Path, version: int) -> None:
    with sqlite3.connect(tmp_path / FILE_NAME) as other:
        other.execute("CREATE TABLE recipe (name TEXT)")
        other.execute(f"PRAGMA user_version = {version}")
    other.close()
    before = (tmp_path / FILE_NAME).read_bytes()
    assert refused(tmp_path) == "home-not-ours"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {FILE_NAME: before}


def test_a_newer_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    with HomeFile(tmp_path) as home:
        a_child(home, "Luca")
    with sqlite3.connect(tmp_path / FILE_NAME) as other:
        other.execute(f"PRAGMA user_version = {FORMAT + 1}")
    other.close()
    before = (tmp_path / FILE_NAME).read_bytes()
    assert refused(tmp_path) == "home-newer"
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_a_file_that_became_newer_while_it_was_opened_is_not_set_back(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    migrate(connection)
    connection.execute(f"PRAGMA user_version = {FORMAT + 1}")
    assert migrate(connection) == FORMAT + 1
    assert connection.execute("PRAGMA user_version").fetchone()[0] == FORMAT + 1
    connection.close()


def test_a_file_that_is_just_being_made_is_not_taken_for_a_stranger(tmp_path: Path) -> None:
    one, other = (sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None) for _ in range(2))
    one.execute("PRAGMA journal_mode = WAL")

    def meanwhile(asked: str) -> None:
        if "sqlite_master" in asked:
            migrate(other)

    one.set_trace_callback(meanwhile)
    assert version_of(one) == 0
    one.set_trace_callback(None)
    assert version_of(one) == FORMAT
    one.close()
    other.close()


def test_an_empty_file_becomes_a_new_one(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).touch()
    with HomeFile(tmp_path) as home:
        assert home.children() == []


def test_changes_whose_file_is_missing_are_not_thrown_away(tmp_path: Path) -> None:
    home = HomeFile(tmp_path)
    a_child(home, "Luca")
    beside = (tmp_path / f"{FILE_NAME}-wal").read_bytes()
    home.__exit__()
    (tmp_path / FILE_NAME).unlink()
    (tmp_path / f"{FILE_NAME}-wal").write_bytes(beside)
    assert refused(tmp_path) == "home-changes-without-file"
    assert (tmp_path / f"{FILE_NAME}-wal").read_bytes() == beside
    assert not (tmp_path / FILE_NAME).exists()


def test_a_damaged_file_is_said_to_be_damaged(tmp_path: Path) -> None:
    with HomeFile(tmp_path) as home:
        child = a_child(home, "Luca", *(["37.0 °C"] * 300))
    data = bytearray((tmp_path / FILE_NAME).read_bytes())
    data[4096 * 3 :] = b"\x5a" * len(data[4096 * 3 :])
    (tmp_path / FILE_NAME).write_bytes(data)
    with pytest.raises(HomeProblem) as told, HomeFile(tmp_path) as home:
        home.history(child)
    assert told.value.word == "home-damaged"


def test_damage_that_no_page_meets_is_found_by_looking_for_it(tmp_path: Path) -> None:
    with HomeFile(tmp_path) as home:
        a_child(home, "Luca", *(["37.0 °C"] * 300))
        assert home.damages() == []
        root = home._connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'children'").fetchone()[0]
    data = bytearray((tmp_path / FILE_NAME).read_bytes())
    data[4096 * root - 100 : 4096 * root] = b"\x5a" * 100  # the end of one page, where its cells are
    (tmp_path / FILE_NAME).write_bytes(data)
    with HomeFile(tmp_path) as home:
        assert home.damages()


@pytest.mark.parametrize("length", [200, 512, 2000, 4096, 20_000])
def test_a_file_that_was_cut_off_is_not_taken_for_an_empty_one(tmp_path: Path, length: int) -> None:
    with HomeFile(tmp_path) as home:
        a_child(home, "Luca", *(["37.0 °C"] * 100))
    cut = (tmp_path / FILE_NAME).read_bytes()[:length]
    (tmp_path / FILE_NAME).write_bytes(cut)
    with pytest.raises(HomeProblem) as told, HomeFile(tmp_path) as home:
        home.children()
    assert told.value.word in ("home-damaged", "home-not-ours")
    assert (tmp_path / FILE_NAME).read_bytes() == cut


# --- older files ----------------------------------------------------------------------------------------------------------

_INSERT = "INSERT INTO change (child, kind, id, before, after, at, by) VALUES (?, ?, ?, ?, ?, '2026-03-01T08:00:00+00:00', 'Ana')"


def a_file_of_version_1(folder: Path, notes: int = 3) -> None:
    """Only the first step of the tables, with rows as that version wrote them."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(folder / FILE_NAME, isolation_level=None)
    migrate(connection, to=1)
    connection.execute("BEGIN")
    connection.execute(_INSERT, ("c", "child", "c", None, '{"name": "Luca"}'))
    for number in range(notes):
        connection.execute(_INSERT, ("c", "diary", f"n{number}", None, f'{{"note": "first {number}"}}'))
    connection.execute(_INSERT, ("c", "diary", "n0", '{"note": "first 0"}', '{"note": "second 0"}'))
    connection.execute(_INSERT, ("c", "diary", "n1", '{"note": "first 1"}', None))
    connection.execute("COMMIT")
    connection.close()


def test_a_file_of_an_older_version_is_brought_up_to_date(tmp_path: Path) -> None:
    a_file_of_version_1(tmp_path)
    with HomeFile(tmp_path) as home:
        assert [who.said("name") for who in home.children()] == ["Luca"]
        assert [(found.id, found.said("note"), found.seq) for found in home.notes("c", "diary")] == [
            ("n0", "second 0", 5),
            ("n2", "first 2", 4),
        ]
        assert len(home.history("c")) == 6
        assert home.notes("c") == standing(home.history("c"))
        assert home._connection.execute("PRAGMA user_version").fetchone()[0] == FORMAT
        home.undo(6, "Ana")
        assert [found.id for found in home.notes("c", "diary")] == ["n0", "n1", "n2"]
        assert home.write(note("c", "new", "n9"), "").seq == 8


def test_two_processes_may_bring_it_up_to_date_at_once(tmp_path: Path) -> None:
    for attempt in range(3):
        folder = tmp_path / str(attempt)
        a_file_of_version_1(folder, notes=2000)
        told = in_processes(4, "with HomeFile(Path(sys.argv[1])) as h: print(len(h.notes('c')), h.damages())", str(folder))
        assert told == ["2000 []"] * 4


def test_a_step_that_fails_leaves_the_older_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_file_of_version_1(tmp_path)
    monkeypatch.setattr("remission.home.shape._STEPS", ((), ("CREATE TABLE now (x)", "CREATE TABLE now (x)")))
    with pytest.raises(HomeProblem):
        HomeFile(tmp_path)
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    assert connection.execute("PRAGMA user_version").fetchone()[0] == 1
    assert [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE name = 'now'")] == []
    connection.close()


def test_a_mistake_of_our_own_is_not_told_as_a_problem_of_the_disk(tmp_path: Path) -> None:
    home = HomeFile(tmp_path)
    home.__exit__()
    with pytest.raises(sqlite3.ProgrammingError):
        home.children()


def test_every_sentence_is_there(library: Library) -> None:
    code = "".join(path.read_text("utf-8") for path in Path(store.__file__).parent.glob("*.py"))
    asked = set(re.findall(r'"((?:home|archive|backup|passphrase|lock|private|taken)-[a-z-]+)"', code)) - {
        "lock-tries",
        "private-key",
    }
    assert len(asked) > 30
    assert sorted(asked - library.words.keys()) == []


def test_opening_follows_no_words_of_the_path(tmp_path: Path) -> None:
    folder = tmp_path / "a?mode=memory&x#y 100%"
    with HomeFile(folder) as home:
        home.write(note("c", "kept"), "")
    assert (folder / FILE_NAME).stat().st_size > 0
    connection = opened(folder / FILE_NAME)
    assert connection.execute("SELECT count(*) FROM change").fetchone()[0] == 1
    connection.close()
