"""The lexicon of ingredients: it is sound, equal names are one ingredient, and names are found where they stand."""

import pytest

from tasks.compliance.ingredient_names import (
    INGREDIENTS,
    Entry,
    IngredientLexicon,
    ingredient_lexicon,
    read_ingredients,
)
from tasks.compliance.normal import dense_of
from tasks.lineage.errors import UserError


def ids(text: str) -> list[str]:
    return [mention.id for mention in ingredient_lexicon().mentions(dense_of(text))]


def found(text: str) -> list[str]:
    dense = dense_of(text)
    return [dense[mention.start : mention.end] for mention in ingredient_lexicon().mentions(dense)]


def test_lexicon_is_large_and_every_entry_has_a_name_that_finds_it():
    entries = read_ingredients(INGREDIENTS)
    assert len(entries) >= 350
    lost = [(id_, name) for id_, entry in entries.items() for name in (*entry.zh, *entry.en) if ids(name) != [id_]]
    assert lost == []


def test_every_family_of_the_lexicon_is_known_and_none_lies_within_itself():
    lexicon = ingredient_lexicon()
    assert all(id_ not in families for id_, families in lexicon.families.items())
    assert lexicon.families["ceramide_np"] == {"ceramide"}
    assert {"peptide", "copper", "mineral"} <= lexicon.families["copper_peptide"]


@pytest.mark.parametrize(
    "names",
    [
        ["烟酰胺", "维生素B3", "维他命B3", "VB3", "尼克酰胺", "Niacinamide", "nicotinamide", "菸鹼醯胺"],
        ["透明质酸", "玻尿酸", "HA", "Hyaluronic Acid", "透明质酸钠"],
        ["抗坏血酸", "维生素C", "VC", "维C", "L-抗坏血酸", "Vitamin C", "ＶＣ"],
        ["视黄醇", "A醇", "Retinol", "维A醇"],
        ["玻色因", "Pro-Xylane", "ProXylane", "羟丙基四氢吡喃三醇"],
        ["积雪草", "CICA", "Centella asiatica"],
        ["乙酰基六肽-8", "乙酰基六肽8", "乙酰基六肽–8", "六胜肽", "Acetyl Hexapeptide-8", "阿基瑞林"],
        ["三肽-1铜", "蓝铜胜肽", "GHK-Cu"],
        ["泛醇", "维生素B5", "维生素原B5", "Panthenol"],
    ],
)
def test_equal_names_are_one_ingredient(names):
    assert len({tuple(ids(name)) for name in names}) == 1


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("含烟酰胺与神经酰胺NP。", ["烟酰胺", "神经酰胺np"]),
        ("再来点HA补水", ["ha"]),
        ("SHAKE一下，CHA茶", []),
        ("5%VC", ["vc"]),
        ("维生素B12", ["维生素b12"]),
        ("烟 酰 胺", ["烟酰胺"]),
        ("红没药醇", ["红没药醇"]),
    ],
)
def test_longest_names_are_found_and_latin_ones_stand_alone(text, names):
    assert found(text) == names


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ({"a": Entry(zh=("甲酸酯",)), "b": Entry(zh=("甲酸酯",))}, "means a already"),
        ({"a": Entry(zh=("甲酸酯",)), "b": Entry(en=("甲 酸 酯",))}, "means a already"),
        ({"a": Entry(zh=("甲酸酯",), within=("nowhere",))}, "nowhere"),
        ({"a": Entry(zh=("甲",), within=("b",)), "b": Entry(zh=("乙",), within=("a",))}, "within itself"),
        ({"a": Entry()}, "no name"),
        ({"a": Entry(zh=("\u200b",))}, "folds to nothing"),
    ],
)
def test_lexicon_that_contradicts_itself_is_one_error(entries, says):
    with pytest.raises(UserError) as caught:
        IngredientLexicon(entries)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("entries: {a: {zh: [甲]}}", "title"),
        ("title: 测试\nentries: {a: {chinese: [甲]}}", "chinese"),
        ("title: 测试\nentries: {a: {zh: [377]}}", "377"),
        ("title: [", "YAML"),
    ],
)
def test_file_that_breaks_the_schema_is_named(tmp_path, text, says):
    (tmp_path / "herbs.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_ingredients(tmp_path)
    assert "herbs.yaml" in str(caught.value)
    assert says in str(caught.value)


def test_id_that_stands_in_two_files_is_named(tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text("title: 测试\nentries: {a: {zh: [甲]}}", encoding="utf-8")
    with pytest.raises(UserError, match="twice"):
        read_ingredients(tmp_path)
