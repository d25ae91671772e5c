"""The digest of rules: it changes with what can change a verdict, and with nothing else."""

from tasks.compliance import load_rules
from tests.compliance.scene import brand, rules


def test_same_brand_gives_the_same_digest():
    assert load_rules(brand()).digest == rules().digest


def test_new_forbidden_word_changes_one_part_and_back_again():
    more = load_rules(brand(forbidden=(*brand().forbidden, "种草")))
    assert more.digest != rules().digest
    changed = {name for name in more.parts if more.parts[name] != rules().parts[name]}
    assert changed == {"forbidden_words"}
    assert load_rules(brand(forbidden=brand().forbidden)).digest == rules().digest


def test_prose_of_the_brand_is_no_part_of_the_rules():
    assert load_rules(brand(philosophy="另一句", encouraged=("温和",))).digest == rules().digest


def test_brand_file_changes_the_part_of_brand_rules(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yaml").write_text(
        "extend:\n  - id: medical_treatment\n    words: [调理]\n", encoding="utf-8"
    )
    changed = load_rules(brand(), tmp_path)
    assert {name for name in changed.parts if changed.parts[name] != rules().parts[name]} == {"brand_rules"}


def test_example_added_by_a_brand_changes_no_digest(tmp_path):
    (tmp_path / "rules").mkdir()
    text = "rules:\n  - id: medical_treatment\n    positive: [治疗干燥。]\n"
    (tmp_path / "rules" / "a.yaml").write_text(text, encoding="utf-8")
    assert load_rules(brand(), tmp_path).digest == rules().digest


def test_reason_of_a_switched_off_rule_is_no_part_of_the_digest(tmp_path):
    digests = set()
    for number, reason in enumerate(["标题习惯用它", "另一个理由"]):
        folder = tmp_path / str(number) / "rules"
        folder.mkdir(parents=True)
        text = f"switch_off:\n  - id: label_bracket\n    reason: {reason}\n"
        (folder / "a.yaml").write_text(text, encoding="utf-8")
        digests.add(load_rules(brand(), folder.parent).digest)
    assert len(digests) == 1
    assert digests != {rules().digest}
