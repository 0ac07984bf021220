import zipfile
from pathlib import Path

import pytest

from gis_core.errors import InvalidInput
from layers.archives import LIMITS, Limits, opened, unpack


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def refusal_of(path: Path, limits: Limits = LIMITS) -> str:
    with pytest.raises(InvalidInput) as refusal, opened(path, limits):
        pass
    assert path.name in refusal.value.text("zh")
    return refusal.value.key


def test_members_are_unpacked_as_they_are(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"folder/a.shp": b"shapes", "b.txt": b""})
    with opened(path, LIMITS) as archive:
        unpack(archive, "folder/a.shp", tmp_path / "layer.shp")
    assert (tmp_path / "layer.shp").read_bytes() == b"shapes"


@pytest.mark.parametrize(
    ("limits", "key"),
    [
        (Limits(members=1), "archive_members"),
        (Limits(size_bytes=2000), "archive_size"),
        (Limits(ratio=10), "archive_ratio"),
    ],
)
def test_each_limit_holds(limits: Limits, key: str, tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a": bytes(2000), "b": bytes(2000)})
    assert refusal_of(path, limits) == key


@pytest.mark.parametrize("name", ["../a.shp", "/etc/a.shp", "a/../../b.shp", "C:\\a.shp", "..\\a.shp"])
def test_a_member_that_leads_out_is_refused(name: str, tmp_path: Path) -> None:
    assert refusal_of(packed(tmp_path / "a.zip", {name: b"x"})) == "archive_member"


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.shp": b"x"})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert refusal_of(path) == "archive_member"


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.shp": bytes(range(256)) * 40})
    content = path.read_bytes()
    path.write_bytes(content[:-30])
    assert refusal_of(path) == "file_damaged"
    path.write_bytes(content[:60] + bytes(20) + content[80:])
    with pytest.raises(InvalidInput) as refusal, opened(path, LIMITS) as archive:
        unpack(archive, "a.shp", tmp_path / "layer.shp")
    assert refusal.value.key == "file_damaged"


def test_a_member_that_declares_too_small_a_size_is_not_read_beyond_it(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.shp": bytes(1_000_000)})
    content = path.read_bytes()
    path.write_bytes(content.replace((1_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    with pytest.raises(InvalidInput), opened(path, LIMITS) as archive:
        unpack(archive, "a.shp", tmp_path / "layer.shp")
    assert (tmp_path / "layer.shp").stat().st_size <= 1000
