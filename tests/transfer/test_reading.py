import json
from io import BytesIO
from pathlib import Path

import pytest

from kb.entries.files import format_entry_file
from kb.entries.records import EntryRecord
from kb.transfer.reading import MAX_LINE, Item, Located, Reader, Reject
from tests.factories import make_content, make_values


def read(*paths: Path) -> list[Item]:
    return Reader(paths).take(1000)


def only(*paths: Path) -> Item:
    (item,) = read(*paths)
    return item


def entry_file(**changes: object) -> str:
    return format_entry_file(EntryRecord(content=make_content(**changes)))


def test_a_folder_gives_its_entry_files_sorted_without_readmes_and_hidden_ones(
    tmp_path: Path,
) -> None:
    for name in ("b/two.md", "a/one.md", "README.md", ".git/x.md", "a/.draft.md", "notes.txt"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(entry_file())

    items = read(tmp_path)

    assert [item.file for item in items] == [
        str(tmp_path / "a/one.md"),
        str(tmp_path / "b/two.md"),
    ]
    assert all(isinstance(item, Located) for item in items)


def test_an_entry_files_name_is_its_slug(tmp_path: Path) -> None:
    (tmp_path / "my-slug.md").write_text(entry_file())

    item = only(tmp_path / "my-slug.md")

    assert isinstance(item, Located)
    assert item.record.slug == "my-slug"


def test_each_line_of_ndjson_is_a_record_and_blank_lines_are_none(tmp_path: Path) -> None:
    file = tmp_path / "some.ndjson"
    line = json.dumps(make_values())
    file.write_text(f"\ufeff{line}\n\n{line}", encoding="utf-8")

    assert [(type(item), item.line) for item in read(file)] == [(Located, 1), (Located, 3)]


@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: [value]])
def test_json_may_hold_one_object_or_a_list(tmp_path: Path, wrap: object) -> None:
    file = tmp_path / "some.json"
    file.write_text(json.dumps(wrap(make_values())))  # type: ignore[operator]

    assert isinstance(only(file), Located)


def test_a_bad_item_of_a_json_list_is_named_by_its_number(tmp_path: Path) -> None:
    file = tmp_path / "some.json"
    file.write_text(json.dumps([make_values(), make_values(title="short")]))

    good, bad = read(file)

    assert isinstance(good, Located)
    assert isinstance(bad, Reject)
    assert (bad.file, bad.line) == (str(file), None)
    assert bad.reason == "item 2: title must be at least 10 characters long, is 5"


def test_a_json_list_that_breaks_off_gives_what_stands_before(tmp_path: Path) -> None:
    file = tmp_path / "some.json"
    one = json.dumps(make_values())
    file.write_text(f"\ufeff  [{one}, {one}, {{", "utf-8")

    *good, bad = read(file)

    assert [type(item) for item in good] == [Located, Located]
    assert isinstance(bad, Reject)
    assert bad.reason == "item 3: is not valid JSON in UTF-8"


@pytest.mark.parametrize(
    ("name", "data", "line", "reason"),
    [
        ("a.md", b"+++\ntitle = 1\n", 1, "the front matter is not closed"),
        ("a.md", b"+++\ntitle = '\xff'\n+++\n", 2, "is not valid UTF-8"),
        ("Not A Slug.md", entry_file().encode(), None, "slug may hold only a-z"),
        ("a.ndjson", b'{"title": \n', 1, "is not valid JSON: Expecting value"),
        ("a.ndjson", b'\n{"title": "\xff"}\n', 2, "is not valid UTF-8"),
        ("a.ndjson", b"[" * 100_000, 1, "goes too far"),
        ("a.ndjson", b"9" * 10_000, 1, "goes too far"),
        ("a.ndjson", b"\n" + b'{"a":' * 100_000, 2, "goes too far"),
        ("a.ndjson", b'{"title": 1e999}', 1, "title must be text"),
        ("a.ndjson", b'{"title": NaN}', 1, "NaN is no number there"),
        ("a.ndjson", b'{"title": "a", "title": "b"}', 1, "title stands there twice"),
        ("a.ndjson", b'{"\\ud800": 1}', 1, "must be valid Unicode text"),
        ("a.ndjson", b'{"slug": "../../etc/passwd"}', 1, "slug may hold only a-z"),
        ("a.ndjson", b'{"number": 1, "content": 1}', 1, "slug is required"),
        ("a.json", b"[" * 100_000, None, "item 1: the nesting goes too far"),
        ("a.ndjson", b"[1]", 1, "an entry must be a JSON object"),
        ("a.json", b"{\n\n!", 3, "is not valid JSON"),
        ("a.txt", b"", None, "the name must end in .md, .ndjson or .json"),
    ],
)
def test_what_cannot_be_read_is_rejected_with_its_place_and_a_reason(
    tmp_path: Path, name: str, data: bytes, line: int | None, reason: str
) -> None:
    file = tmp_path / name
    file.write_bytes(data)

    item = only(file)

    assert isinstance(item, Reject)
    assert (item.file, item.line) == (str(file), line)
    assert reason in item.reason


def test_an_over_long_line_is_a_bad_line_and_not_the_end(tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    line = json.dumps(make_values()).encode()
    file.write_bytes(b"x" * MAX_LINE + b"\n" + line + b"\r\n" + b"y" * 2 * MAX_LINE + b"\n" + line)

    reader = Reader([file])
    items = [*reader.take(3), *reader.take(3)]

    assert [(type(item), item.line) for item in items] == [
        (Reject, 1),
        (Located, 2),
        (Reject, 3),
        (Located, 4),
    ]
    assert isinstance(items[2], Reject)
    assert items[2].reason == "the line is over 2,097,152 bytes long"


def test_large_items_are_taken_fewer_at_a_time(tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    line = json.dumps(make_values(error_messages=[f"{n} {'x' * 90_000}" for n in range(20)]))
    file.write_text(f"{line}\n" * 7)
    reader = Reader([file])

    assert [len(reader.take(100)) for _ in range(3)] == [5, 2, 0]


def test_a_folders_histories_are_read_before_its_entry_files(tmp_path: Path) -> None:
    for name in ("a.md", "history.ndjson", "other.ndjson"):
        (tmp_path / name).write_text(
            entry_file() if name == "a.md" else json.dumps(make_values()), "utf-8"
        )

    assert [Path(item.file).name for item in read(tmp_path)] == ["history.ndjson", "a.md"]


def test_what_is_open_already_is_ndjson() -> None:
    (item,) = Reader([BytesIO(json.dumps(make_values()).encode())]).take(10)

    assert isinstance(item, Located)
    assert (item.file, item.line) == ("", 1)


def test_several_faults_of_a_record_make_one_reason(tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    file.write_text(json.dumps(make_values(title="short", tags=[])))

    item = only(file)

    assert isinstance(item, Reject)
    assert item.reason == (
        "title must be at least 10 characters long, is 5; tags needs at least 1 item"
    )


def test_a_missing_file_and_a_folder_of_others_are_rejected_and_the_rest_is_read(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.md").write_text(entry_file())

    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "a.ndjson").write_text("{}")
    missing, other, good = read(tmp_path / "none.md", tmp_path / "others", tmp_path / "a.md")

    assert isinstance(missing, Reject)
    assert missing.reason == "there is no such file or folder"
    assert isinstance(other, Reject)
    assert other.reason.startswith("no entry file (.md) is in this folder")
    assert isinstance(good, Located)


def test_reading_is_lazy_and_says_how_far_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    file.write_text(f"{json.dumps(make_values())}\n" * 3)
    reader = Reader([file, tmp_path / "none.json"])

    progress = [(len(reader.take(1)), reader.done / reader.total) for _ in range(5)]

    assert progress == [(1, 1 / 3), (1, 2 / 3), (1, 1.0), (1, 1.0), (0, 1.0)]
