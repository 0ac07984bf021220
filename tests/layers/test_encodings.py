import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis_core.errors import InvalidInput
from layers.encodings import GB18030, UTF8, detect

TEXT = "编号,名称,地址\n1,解放路农贸市场,朝阳区解放路十二号，近人民公园\n2,和平里社区,垃圾桶满溢无人清运\n"


def detected(content: bytes) -> str:
    return detect(io.BytesIO(content), "a.csv")


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", UTF8), ("utf-8-sig", UTF8), ("gbk", GB18030), ("gb2312", GB18030), ("gb18030", GB18030)],
)
def test_chinese_text_is_read_right(encoding: str, found: str) -> None:
    assert detected(TEXT.encode(encoding)) == found
    assert TEXT.encode(encoding).decode(detected(TEXT.encode(encoding))) == TEXT


def test_text_longer_than_a_block_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(b"code,name\n" * 300_000 + TEXT.encode("gbk"))
    with path.open("rb") as text:
        assert detect(text, path.name) == GB18030


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_utf8_is_always_utf8(text: str) -> None:
    assert detected(text.encode()) == UTF8


@pytest.mark.parametrize(
    "content",
    [
        "Straße,Größe,Château,Übergröße\n".encode("latin-1"),
        "カタカナ,ひらがなテキスト\n".encode("shift-jis"),
        "臺北市,垃圾車,清潔隊員\n".encode("big5"),
        TEXT.encode()[:-2],
        b"abc\xff\xfe\xfa",
    ],
)
def test_other_encodings_are_refused_with_the_place(content: bytes) -> None:
    with pytest.raises(InvalidInput) as refusal:
        detected(content)
    assert refusal.value.key == "file_encoding"
    assert 0 <= refusal.value.params["offset"] < len(content)


def test_a_zero_byte_is_no_text() -> None:
    with pytest.raises(InvalidInput) as refusal:
        detected(b"ab\0c")
    assert refusal.value.key == "file_not_text"
    assert refusal.value.params["offset"] == 2
