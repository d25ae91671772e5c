"""The split: a threshold on a seeded hash of the name."""

from tasks.brief.config import BriefParams
from tasks.brief.model import Product
from tasks.brief.split import balance, side_of, split_of
from tasks.lineage.params import undeclared_fields


def product(name: str, category: str = "精华", product_id: str = "x") -> Product:
    return Product(
        product_id=product_id,
        product_name=name,
        category=category,
        core_ingredients=("水",),
        features=("保湿",),
        target_audience="所有肤质",
    )


def test_share_of_val_is_near_the_wanted_one():
    sides = [split_of(f"产品{number}", 1, 0.2) for number in range(10_000)]
    assert 0.19 < sides.count("val") / len(sides) < 0.21


def test_larger_share_only_moves_products_to_val():
    names = [f"产品{number}" for number in range(500)]
    small, large = ({name for name in names if split_of(name, 1, share) == "val"} for share in (0.2, 0.3))
    assert small < large


def test_other_seed_is_another_choice():
    names = [f"产品{number}" for number in range(200)]
    assert [split_of(name, 1, 0.2) for name in names] != [split_of(name, 2, 0.2) for name in names]


def test_namesakes_are_on_one_side_whatever_category_and_id():
    for number in range(100):
        one = product(f"产品 {number}", "精华", "a")
        other = product(f"产品{number}", "面霜", "b")
        assert side_of(one, 3, 0.5) == side_of(other, 3, 0.5)


def test_balance_counts_each_category_largest_first():
    rows = [{"category": "面霜", "split": "train"}] + [{"category": "精华", "split": side} for side in ("train", "val")]
    assert balance(rows) == [
        {"category": "精华", "train": 1, "val": 1, "val_share": 0.5},
        {"category": "面霜", "train": 1, "val": 0, "val_share": 0.0},
    ]


def test_every_parameter_is_declared():
    assert undeclared_fields(BriefParams) == []
    assert BriefParams().identity() == {"split_seed": 38, "val_share": 0.2}
