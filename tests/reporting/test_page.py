"""The page as a file: whole, self-contained, the same every time, and nothing in it that a text could run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from tasks.judging.conclusion import conclusions
from tasks.judging.quality import Mark, wording_of
from tasks.lineage.params import undeclared_fields
from tasks.reporting.page import between, embedded_json, money, number, points, share
from tasks.reporting.steps import REPORT, write_report
from tests.judging.answering import silent
from tests.judging.brandbook import TEACHER
from tests.judging.trying import plants_and_trials
from tests.judging.world import product_rows
from tests.reporting.homes import report_inputs

HOSTILE = "</script><img src=x onerror=alert(1)>{{ 7*7 }}<!--"


class Seen(HTMLParser):
    """Note the elements, attributes and script bodies that a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.scripts: list[str] = []
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data):
        (self.scripts if self.open[-1:] == ["script"] else self.words).append(data)


def built(folder, change=None, **options):
    inputs = report_inputs(folder / "models", **options)
    if change:
        change(inputs)
    out = folder / "out"
    out.mkdir()
    write_report(inputs, out, silent)
    page = (out / "report.html").read_text(encoding="utf-8")
    seen = Seen()
    seen.feed(page)
    return page, seen, json.loads((out / "report.json").read_text(encoding="utf-8")), inputs


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return built(tmp_path_factory.mktemp("report"), count=30)


def test_page_opens_with_the_verdict_and_says_it_is_simulated(made):
    page, _, figures, inputs = made
    sentence = conclusions(inputs.rows("verdicts"))[0].sentence
    assert "<h1" in page
    assert sentence.en in page
    assert sentence.zh in page
    assert page.index('class="simulated"') < page.index("<h1")
    assert figures["judging"]["conclusions"][0]["sentence"]["en"] == sentence.en


def test_page_needs_nothing_but_itself(made):
    page, seen, _, _ = made
    loading = {"src", "srcset", "data", "action", "poster", "background"}
    assert not [name for name, _ in seen.attributes if name in loading]
    assert all((value or "").startswith("#") for name, value in seen.attributes if name == "href")
    assert {"link", "iframe", "img", "object"} & set(seen.tags) == set()
    assert "@import" not in page
    assert "url(" not in page


def test_flow_is_drawn_and_told_in_numbers(made):
    page, seen, figures, inputs = made
    flow = figures["copywriting"]["flow"]
    assert seen.tags.count("path") >= len(flow["links"])
    assert page.count("<title>") == 1 + len(flow["links"]) + sum(bool(n) for c in flow["counts"] for n in c.values())
    accepted = sum(row["status"] == "accepted" for row in inputs.tables["copy"])
    assert flow["counts"][-1]["accepted"] == accepted
    assert f"round 4 / 第 4 轮: accepted / 合格: {accepted}" in page


def test_repaired_texts_are_marked(made):
    _, seen, figures, _ = made
    marks = [way for text in figures["copywriting"]["repaired"] for step in text["steps"] for way, _ in step["pieces"]]
    assert seen.tags.count("del") == marks.count("cut") > 0


def test_pairs_card_says_what_surface_can_tell(made):
    _, seen, figures, inputs = made
    words = " ".join(" ".join(seen.words).split())
    pairs = figures["pairs"]
    assert pairs["coverage"]["accepted"] == sum(row["status"] == "accepted" for row in inputs.tables["copy"])
    assert pairs["surface"]["by_method"].keys() == {"weak", "exaggerated", "fake", "all"}
    assert f"{pairs['ratios']['train']['proportion']} of weak, exaggerated and false-fact pairs" in words
    assert "the pairs teach surface" in words
    assert (pairs["trial"]["plants"], pairs["trial"]["right"], pairs["trial"]["trusted"]) == (40, 38, True)
    assert "it told 38 of them from the good text in both orders" in words
    # every rejected text of this made-up home is the chosen one cut short: length alone knows
    assert pairs["surface"]["by_method"]["all"]["longer_is_better"] == 1.0
    assert "Length tells which text is chosen" in words


def test_data_card_counts_the_datasets_and_says_that_nobody_marked_a_text(made):
    _, seen, figures, inputs = made
    words = " ".join(" ".join(seen.words).split())
    assert figures["data"]["datasets"]["sft"]["rows"] == len(inputs.tables["sft"])
    assert "No test product stands in a dataset" in words
    assert "Nobody has looked at a sample of the accepted texts yet" in words


def test_marks_of_people_are_shown_with_their_interval(made, tmp_path):
    texts = [row for row in made[3].tables["copy"] if row["status"] == "accepted"][:50]
    marks = [Mark(row["item_id"], row["content_type"], wording_of(row["text"]), n >= 4) for n, row in enumerate(texts)]
    _, seen, figures, _ = built(tmp_path, marks=marks, count=30)
    words = " ".join(" ".join(seen.words).split())
    assert figures["quality"]["all"]["good"] == 46
    assert "would publish 46 of them as they stand: 92%" in words
    assert "between 81.2% and 96.8%" in words


def test_policy_names_the_one_script_that_may_run(made):
    _, seen, _, _ = made
    assert len(seen.scripts) == 2
    policy = next(value for name, value in seen.attributes if name == "content" and "script-src" in value)
    named = re.search(r"script-src 'sha256-([^']+)'", policy)[1]
    assert named == base64.b64encode(hashlib.sha256(seen.scripts[1].encode()).digest()).decode()
    assert not [name for name, _ in seen.attributes if name.startswith("on")]


def test_every_section_is_there_and_named(made):
    _, seen, _, _ = made
    ids = {value for name, value in seen.attributes if name == "id"}
    sections = {"verdict", "copy", "data", "models", "gates", "opinions", "texts", "cost", "lineage", "limits"}
    assert sections <= ids
    targets = {value.removeprefix("#") for name, value in seen.attributes if name == "href"}
    assert {target for target in targets if "=" not in target} <= ids
    labelled = {value for name, value in seen.attributes if name == "aria-labelledby"}
    assert labelled <= ids


def test_disclosures_are_printed(made):
    page, _, _, _ = made
    assert "60.3% of the texts it was pre-trained on were made bad on purpose" in page
    assert "are of one family" in page
    assert "GB 45438—2025" in page
    assert "ended by eos sampled" in page


def test_same_inputs_give_the_same_bytes(made, tmp_path):
    assert built(tmp_path, count=30)[0] == made[0]


def test_model_gates_have_their_table_where_they_were_asked(made, tmp_path):
    def ask(inputs):
        row = inputs.tables["copy"][0]
        asked = {"gate": "tone", "call_key": "k", "outcome": "refused", "fault": "", "unquoted": 0}
        row["history"][0]["gates"] = [asked]
        row["gates"] = [{"gate": "tone", "calls": 1, "tokens": 1234, "cost": 0.5}]

    _, seen, figures, _ = built(tmp_path, ask, count=30)
    assert "Model gates" in "".join(seen.words) and "1,234" in "".join(seen.words)
    assert [line["refused"] for line in figures["copywriting"]["model_gates"]] == [1]
    assert "Model gates" not in made[0]


def test_hostile_values_are_shown_and_never_run(tmp_path):
    def poison(inputs):
        for row in inputs.tables["products"]:
            row["product_name"] = row["category"] = HOSTILE
        for row in [*inputs.tables["copy"], *inputs.tables["answers"]]:
            row["text"] = row["product_name"] = HOSTILE
        for entry in (entry for row in inputs.tables["copy"] for entry in row["history"]):
            entry["text"] = HOSTILE * entry["round"] + entry["text"] + HOSTILE
        for row in [*inputs.tables["verdicts"], *inputs.tables["copy"]]:
            for reason in row["reasons"]:
                reason.update(message=HOSTILE, message_en=HOSTILE, basis=HOSTILE, rule=HOSTILE, text=HOSTILE)
        for row in inputs.tables["scores"]:
            for criterion in row["criteria"]:
                criterion["evidence"] = HOSTILE
        inputs.sources["guide"] = inputs.sources["guide"].model_copy(update={"name": HOSTILE})
        card = inputs.folders["sft_model"] / "card.json"
        card.write_text(json.dumps({HOSTILE: HOSTILE, "kind": HOSTILE}))

    page, seen, _, _ = built(tmp_path, poison, count=30)
    assert "img" not in seen.tags
    assert len(seen.scripts) == 2
    assert not [name for name, _ in seen.attributes if name.startswith("on")]
    assert "<img" not in page
    assert json.loads(seen.scripts[0])["items"][0]["texts"][0][1] == HOSTILE
    assert HOSTILE in "".join(seen.words)


def test_refused_judge_is_explained_and_its_opinions_stand_nowhere_on_the_page(tmp_path):
    def refused(inputs):
        inputs.tables |= plants_and_trials(product_rows(55), {"injection": 0.5})

    page, seen, figures, _ = built(tmp_path, refused)
    assert "its scores and duels are hidden" in page
    assert "a text can buy its own verdict" in page
    assert "Rubric scores, 1 to 5" not in page
    texts = [text for item in json.loads(seen.scripts[0])["items"] for text in item["texts"]]
    assert {text[-1] for text in texts} == {None}, "no score of any text is in the viewer's data"
    assert figures["judging"]["certificate"]["causes"] == ["obeyed"]


def test_embedded_json_cannot_leave_its_element():
    text = str(embedded_json({"t": "</script><!--\u2028&"}))
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"t": "</script><!--\u2028&"}


def test_real_teacher_is_not_called_simulated(tmp_path):
    def real(inputs):
        models = {"writer": "deepseek-v4-pro", "weak": "deepseek-flash", "judge": "qwen-max"}
        named = type(TEACHER.models)(**models)
        inputs.sources["teacher"] = TEACHER.model_copy(update={"provider": "deepseek", "bills": True, "models": named})

    page, _, figures, _ = built(tmp_path, real)
    assert 'class="simulated"' not in page
    assert "are of one family" not in page
    assert "paid to the teacher" in page
    assert figures["teacher"]["simulated"] is False


def test_home_in_which_nothing_could_be_judged_still_has_a_report(tmp_path):
    def nothing(inputs):
        for name in ("answers", "verdicts", "scores", "duels", "pairs", "negatives"):
            inputs.tables[name] = []
        for folder in inputs.folders.values():
            (folder / "metrics.parquet").unlink()
            (folder / "card.json").unlink()

    page, _, figures, _ = built(tmp_path, nothing)
    assert figures["judging"]["conclusions"][0]["outcome"] == "nothing"
    assert "Nothing can be said of the SFT model" in page


def test_numbers_are_said_as_people_read_them():
    assert [share(v) for v in (None, 0.0, 0.125, 1.0)] == ["–", "0%", "12.5%", "100%"]
    assert [share(v) for v in (1.4e-17, 1 - 1e-16)] == ["0%", "100%"], "rounding is no event"
    assert [share(v, 0) for v in (0.999, 0.001, 1.0)] == ["99%", "1%", "100%"]
    assert [points(v) for v in (0.4999, -0.031, 0.0, -0.00001)] == ["+50", "−3.1", "0", "0"]
    assert [money(v) for v in (None, 0.0, 0.0123, 12.5)] == ["price unknown", "$0.00", "$0.0123", "$12.50"]
    assert [number(v) for v in (None, 1234567.0, 0.000012, -2.5)] == ["–", "1,234,567", "1.2e−05", "−2.5"]
    assert between({"low": 0.758, "high": 1.0}) == "75.8–100%"


def test_report_parameters_are_declared():
    assert undeclared_fields(REPORT.params) == []
