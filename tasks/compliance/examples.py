"""The examples that rules carry, run against the rules: a pack that lies about itself is found at once."""

from __future__ import annotations

from tasks.brief.model import ContentType, Product
from tasks.compliance.check import check
from tasks.compliance.pack import Example, Rule
from tasks.compliance.rules import Rules
from tasks.lineage.errors import UserError


def failed_examples(rules: Rules) -> list[UserError]:
    """Return one error for each example on which its rule says the opposite of what it promises."""
    return [error for rule in rules.rules for error in _failed(rule, rules)]


def _failed(rule: Rule, rules: Rules) -> list[UserError]:
    wanted = [(example, True) for example in rule.positive] + [(example, False) for example in rule.negative]
    errors = []
    for example, fires in wanted:
        found = rule.id in fired_rules(example, rules)
        if found != fires:
            said = "fires" if found else "is silent"
            expected = "a finding" if fires else "no finding"
            errors.append(UserError(f"rule {rule.id}", f"it {said} on {example.text!r}", expected, "mend the rule"))
    return errors


def fired_rules(example: Example, rules: Rules) -> set[str]:
    """Return the ids of all rules that find something in an example."""
    return {reason.rule for reason in check(example.text, product_of(example), content_type_of(example), rules).reasons}


def product_of(example: Example) -> Product:
    return Product(
        product_id="example",
        product_name=example.name,
        category=example.category,
        core_ingredients=example.ingredients,
        features=example.features,
        target_audience=example.audience,
        registration=example.registration,
        claims=example.claims,
        evidence=example.evidence,
    )


def content_type_of(example: Example) -> ContentType:
    return ContentType(
        id="example",
        family=example.family,
        title="示例",
        title_en="example",
        min_chars=example.min_chars,
        max_chars=example.max_chars,
        hashtags=example.hashtags,
        call_to_action=example.call_to_action,
        structure=(),
        labels=example.labels,
    )
