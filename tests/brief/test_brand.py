"""brand.yaml and content_types.yaml: what loads, and one sentence for each fault."""

import pytest

from tasks.brief.brand import brand_lines, load_brand, load_content_types
from tasks.lineage.errors import InputErrors, UserError

BRAND = """\
id: acme
name: 某品牌
philosophy: 精简
persona: 科研人员
points:
  - 专业严谨
encouraged: [屏障]
forbidden:
  - 神器
  - " 逆天 "
"""
TYPE = """\
live_script:
  family: social
  title: 直播口播
  title_en: Live script
  min_chars: 50
  max_chars: 200
  structure: [开场]
"""


def brand_folder(tmp_path, brand=BRAND, types=None):
    (tmp_path / "brand.yaml").write_text(brand, encoding="utf-8")
    if types is not None:
        (tmp_path / "content_types.yaml").write_text(types, encoding="utf-8")
    return tmp_path


def fault_of(load, folder) -> str:
    with pytest.raises(UserError) as caught:
        load(folder)
    return str(caught.value).replace(f"{folder}/", "")


def test_brand_is_loaded_stripped(tmp_path):
    brand = load_brand(brand_folder(tmp_path))
    assert (brand.id, brand.name, brand.forbidden) == ("acme", "某品牌", ("神器", "逆天"))
    assert "forbidden" not in brand.guide()


def test_brand_lines_tell_where_every_value_stands(tmp_path):
    lines = brand_lines(brand_folder(tmp_path))
    assert (lines["name"], lines["points.0"], lines["encouraged.0"], lines["forbidden.1"]) == (2, 6, 7, 10)


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        (("name: 某品牌\n", ""), "brand.yaml: the field `name` is missing; expected the fields id, name, "),
        (("persona:", "persoan:"), "brand.yaml line 4: the field `persoan` is unknown; expected one of id, name, "),
        (("name: 某品牌", "name: [某品牌"), "brand.yaml line 3: not valid YAML ("),
        (("name: 某品牌", "name: 2024-01-01"), "brand.yaml line 2: `name` is 2024-01-01; expected text, in quotes"),
        (("[屏障]", "屏障"), "brand.yaml line 7: `encouraged` is '屏障'; expected a list"),
        (("专业严谨", "专业: 严谨"), "brand.yaml line 6: `points.0` is {'专业': '严谨'}; expected text, in quotes"),
        (("persona: 科研人员", "name: 乙"), "brand.yaml line 4: `name` stands twice (first in line 2)"),
        (("[屏障]", "[屏障, 神器]"), "brand.yaml line 9: 神器 is encouraged and forbidden"),
        (("- 神器", '- ""'), "brand.yaml line 9: `forbidden` holds an empty entry"),
        (("philosophy: 精简", 'philosophy: " "'), "brand.yaml line 3: `philosophy` is empty"),
        (("id: acme", "id: A/B"), "brand.yaml line 1: `id` is 'A/B'; expected lower-case letters, digits and _"),
        (("[屏障]", "&a [屏障, *a]"), "brand.yaml line 7: an alias (*a); expected values written out"),
        (("id: acme", "id: !!python/name:os.system x"), "brand.yaml line 1: not valid YAML ("),
        (("某品牌", "某\x00品牌"), "brand.yaml: not valid YAML ("),
    ],
)
def test_brand_fault_is_one_sentence_with_its_line(tmp_path, edit, found):
    folder = brand_folder(tmp_path, BRAND.replace(*edit))
    message = fault_of(load_brand, folder)
    assert found in message
    assert "\n" not in message


def test_several_brand_faults_are_told_together(tmp_path):
    folder = brand_folder(tmp_path, BRAND.replace("name: 某品牌\n", "").replace("encouraged:", "words:"))
    with pytest.raises(InputErrors) as caught:
        load_brand(folder)
    assert [fault.found for fault in caught.value.faults] == [
        "the field `name` is missing",
        "the field `encouraged` is missing",
        "the field `words` is unknown",
    ]


def test_missing_brand_files_name_what_is_missing(tmp_path):
    assert "no such folder" in fault_of(load_brand, tmp_path / "gone")
    assert "brand.yaml: the file is missing" in fault_of(load_brand, tmp_path)
    (tmp_path / "brand.yaml").write_bytes("id: 品牌".encode("gb18030"))
    assert "brand.yaml: byte 7 is not UTF-8" in fault_of(load_brand, tmp_path)
    (tmp_path / "brand.yaml").write_text("")
    assert "brand.yaml: no fields in it" in fault_of(load_brand, tmp_path)


def test_deeply_nested_yaml_is_an_error_not_a_crash(tmp_path):
    assert "not valid YAML" in fault_of(load_brand, brand_folder(tmp_path, "id: " + "[" * 5_000))


# -- content types -----------------------------------------------------------------------------------------------------


def test_default_content_types_are_the_nine(tmp_path):
    types = load_content_types(tmp_path)
    assert len(types) == 9
    assert {name: kind.max_chars for name, kind in types.items() if kind.family == "paid_ad"} == {
        "paid_ad_cta": 100,
        "paid_ad_bab": 100,
        "paid_ad_pas": 120,
        "paid_ad_fab": 120,
    }
    assert all(kind.call_to_action == (kind.family == "paid_ad") for kind in types.values())
    assert all(kind.hashtags == ((3, 5) if kind.family == "social" else (0, 0)) for kind in types.values())


def test_brand_adds_a_type_and_changes_one_field_of_another(tmp_path):
    types = load_content_types(brand_folder(tmp_path, types=TYPE + "paid_ad_cta:\n  max_chars: 80\n"))
    default = load_content_types(tmp_path.parent)
    assert list(types) == [*default, "live_script"]
    assert types["paid_ad_cta"] == default["paid_ad_cta"].model_copy(update={"max_chars": 80})


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        (("family: social", "family: radio"), "line 2: `live_script.family` is 'radio'; expected one of 'social', "),
        (("  title: 直播口播\n", ""), "line 1: the field `live_script.title` is missing"),
        (("title_en:", "titel:"), "the field `live_script.titel` is unknown"),
        (("min_chars: 50", "min_chars: 500"), "line 1: `live_script` has min_chars 500 over max_chars 200"),
        (("min_chars: 50", "min_chars: 0"), "line 5: `live_script.min_chars` is 0; expected greater than or equal"),
        (("min_chars: 50", "min_chars: many"), "line 5: `live_script.min_chars` is 'many'; expected a whole number"),
        (("[开场]", "[开场]\n  hashtags: [5, 3]"), "line 1: `live_script` has hashtags [5, 3]; expected [least, most]"),
        (("[开场]", "[]"), "line 1: `live_script` has an empty structure or label"),
        (("live_script:", "Live/Script:"), "line 1: the id Live/Script; expected lower-case letters"),
        (("  family: social", "  id: x\n  family: social"), "line 2: `live_script` has a field `id`"),
    ],
)
def test_content_type_fault_names_field_and_line(tmp_path, edit, found):
    message = fault_of(load_content_types, brand_folder(tmp_path, types=TYPE.replace(*edit)))
    assert found in message


def test_content_type_without_fields_is_refused(tmp_path):
    assert "`live_script` has no fields" in fault_of(load_content_types, brand_folder(tmp_path, types="live_script:\n"))
