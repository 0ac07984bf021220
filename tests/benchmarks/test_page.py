"""The page of the benchmarks: measuring one section again leaves the others as they were."""

from tests.benchmarks.__main__ import HEAD, PAGE, SECTIONS, page


def test_a_section_measured_again_replaces_only_itself() -> None:
    first = page("", {name: f"text of {name}\n\n| a |\n|---|" for name in SECTIONS})
    again = page(first, {"load": "other text"})
    title = SECTIONS["load"][0]
    assert again == first.replace(f"## {title}\n\ntext of load\n\n| a |\n|---|\n", f"## {title}\n\nother text\n")
    assert again != first and page(again, {}) == again


def test_sections_stand_in_their_order_whichever_is_measured_first() -> None:
    names = list(SECTIONS)
    text = page(page("", {names[-1]: "last"}), {names[0]: "first"})
    assert text.startswith(HEAD.partition("{")[0])
    assert text.index(f"## {SECTIONS[names[0]][0]}\n\nfirst\n") < text.index(f"## {SECTIONS[names[-1]][0]}\n\nlast\n")


def test_the_page_is_as_it_is_written() -> None:
    written = PAGE.read_text("utf-8")
    assert page(written, {}) == written
