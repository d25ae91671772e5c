"""The implicit label: seven fields, content bound to it by its hash."""

import hashlib

from tasks.compliance.implicit_label import implicit_label

FIELDS = ["Label", "ContentProducer", "ProduceID", "ReservedCode1", "ContentPropagator", "PropagateID", "ReservedCode2"]


def test_label_has_the_fields_of_the_annex_in_its_order():
    label = implicit_label("原素方程", "p1/note/0@1", "文案")
    assert list(label) == FIELDS
    assert all(isinstance(value, str) for value in label.values())


def test_first_producer_is_the_propagator_too():
    label = implicit_label("原素方程", "p1/note/0@1", "文案")
    assert label["ContentPropagator"] == label["ContentProducer"] == "原素方程"
    assert label["PropagateID"] == label["ProduceID"]


def test_changed_content_no_longer_fits_its_label():
    label = implicit_label("原素方程", "1", "文案")
    assert label["ReservedCode1"] == hashlib.sha256("文案".encode()).hexdigest()
    assert implicit_label("原素方程", "1", "文案。")["ReservedCode1"] != label["ReservedCode1"]
