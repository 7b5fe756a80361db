"""Cleaning keeps track of where every character stood."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.enrichment.russian.text import Block, clean, ends_sentence, paragraphs

HOSTILE = st.text(
    st.sampled_from('аяЁ.,-\n\r\t \u00a0\u00ad\u200b\u0301\u0306и<>/&;pbrnsцlt!"«»0\x00\x85\u2028'), max_size=120
)


def known(word: str) -> bool:
    return word in {"сотрудничество"}


def lines(text: str) -> list[str]:
    return [block.text for block in paragraphs(clean(text), known)]


@given(HOSTILE)
def test_every_character_has_a_source(text: str) -> None:
    for block in [clean(text), *paragraphs(clean(text), known)]:
        assert len(block.text) == len(block.starts) == len(block.ends)
        at = 0
        for character, start, end in zip(block.text, block.starts, block.ends, strict=True):
            assert at <= start < end <= len(text)
            at = end
            if character.isalnum() and end == start + 1:
                assert text[start] == character


@given(HOSTILE)
def test_paragraphs_are_not_blank_and_hold_all_letters(text: str) -> None:
    found = paragraphs(clean(text), known)
    assert all(block.text == block.text.strip() != "" for block in found)
    assert sum(c.isalnum() for b in found for c in b.text) == sum(c.isalnum() for c in clean(text).text)


def test_html() -> None:
    source = (
        "<p>Посол <b>Китая</b> прибыл&nbsp;в&#160;Минск&hellip;</p>"
        "<p>Визит &laquo;рабочий&raquo;.<br/>Стороны довольны.</p>"
    )
    assert lines(source) == ["Посол  Китая  прибыл в Минск…", "Визит «рабочий».", "Стороны довольны."]
    block = paragraphs(clean(source), known)[1]
    start, end = block.span(block.text.index("«"), block.text.index("»") + 1)
    assert source[start:end] == "&laquo;рабочий&raquo;"


def test_scripts_styles_and_comments_go() -> None:
    text = "До.<script>var a = '<p>нет</p>';</script> После.<!-- нет --> Конец.<style>p { x }</style>"
    assert " ".join(" ".join(lines(text)).split()) == "До. После. Конец."
    assert lines("Знак < и знак > не разметка, 5 < 7.") == ["Знак < и знак > не разметка, 5 < 7."]


def test_invisible_characters() -> None:
    source = "Пу\u0301тин под\u00adписал ука\u200bз, Алексе\u0438\u0306 — нет\ufeff."
    (block,) = paragraphs(clean(source), known)
    assert block.text == "Путин подписал указ, Алексей — нет."
    start, end = block.span(block.text.index("подписал"), block.text.index(" указ"))
    assert source[start:end] == "под\u00adписал"
    start, end = block.span(block.text.index("Алексей"), block.text.index(" — нет"))
    assert source[start:end] == "Алексе\u0438\u0306"


WRAPPED = """\
Министры обороны двух соседних стран встретились вчера в приграничном городе и
обсудили совместные учения, которые пройдут осенью. Стороны назвали сотруд-
ничество успешным, а военно-
техническое взаимодействие прочным.
Затем делегации осмотрели новый учебный центр, построенный за год на средства
обеих стран и рассчитанный на триста курсантов.
"Мы довольны итогами, и наши соседи, как мне показалось, тоже ими довольны",
- сказал министр после переговоров.
"""


def test_wrapped_lines_are_joined() -> None:
    first, second, third = lines(WRAPPED)
    assert first.startswith("Министры обороны двух соседних стран встретились вчера в приграничном городе и обсудили")
    assert "назвали сотрудничество успешным" in first
    assert "военно-техническое взаимодействие" in first
    assert second.endswith("триста курсантов.")
    assert third.endswith('довольны", - сказал министр после переговоров.')


def test_lines_that_are_paragraphs_stay() -> None:
    assert lines("Посол прибыл в Ригу\nВизит продлится день.\n\nК нему готовились.") == [
        "Посол прибыл в Ригу",
        "Визит продлится день.",
        "К нему готовились.",
    ]


def test_spelling_keeps_the_length() -> None:
    block = Block.of("МИНСК").spelled("Минск")
    assert block.span(0, 5) == (0, 5)


def test_ends_sentence() -> None:
    assert ends_sentence("Он прибыл.")
    assert ends_sentence("«Мы рады!»")
    assert ends_sentence("Он прибыл (в Минск).)")
    assert not ends_sentence("Он прибыл в Минск")
    assert not ends_sentence("")
