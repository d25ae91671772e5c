"""The server over real HTTP: answers, faults on demand, usage, and the log of requests."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from tasks.teacher.request import ATTEMPT_HEADER, SAMPLE_HEADER, request_sha
from tasks.teacher.simulator.request_log import repeats
from tests.teacher.simulator.asking import answer, body, draft_body, products, sheet

PATH = "/chat/completions"
BODY = draft_body(products()[0], "paid_ad_cta")


def headers(sample: int = 0, attempt: int = 1) -> dict[str, str]:
    return {SAMPLE_HEADER: str(sample), ATTEMPT_HEADER: str(attempt)}


def fresh(number: int, **more) -> dict:
    """Return a body of its own, so that tests share no cache and no count of attempts."""
    return draft_body(products()[number % 88], "paid_ad_cta", user=f"test {number}", **more)


def text_of(reply: httpx.Response) -> str:
    assert reply.status_code == 200, reply.text
    return reply.json()["choices"][0]["message"]["content"]


@pytest.mark.parametrize("path", [PATH, "/v1/chat/completions"])
def test_answer_is_a_chat_completion_that_says_what_it_is(http, path):
    reply = http.post(path, json=BODY, headers=headers())
    data = reply.json()
    assert data["object"] == "chat.completion"
    assert data["system_fingerprint"] == "copymill-simulator"
    assert data["model"] == "deepseek-v4-pro (simulator)"
    assert data["choices"][0]["finish_reason"] == "stop"
    assert text_of(reply) == answer(BODY)


def test_samples_of_one_body_differ_and_attempts_do_not(http):
    texts = {
        (sample, attempt): text_of(http.post(PATH, json=BODY, headers=headers(sample, attempt)))
        for sample in range(3)
        for attempt in range(1, 4)
    }
    assert len({texts[sample, 1] for sample in range(3)}) == 3
    assert all(texts[sample, attempt] == texts[sample, 1] for sample, attempt in texts)


def test_streamed_answer_is_the_same_text_with_usage_at_the_end(http):
    text, usage = "", None
    with http.stream("POST", PATH, json={**BODY, "stream": True}, headers=headers()) as reply:
        assert reply.headers["content-type"].startswith("text/event-stream")
        for line in reply.iter_lines():
            if line.startswith("data: {"):
                event = json.loads(line.removeprefix("data: "))
                text += event["choices"][0]["delta"].get("content", "")
                usage = event.get("usage", usage)
    assert text == answer(BODY)
    assert usage["completion_tokens"] > 0


def test_transient_faults_of_the_defaults_are_over_by_the_third_attempt(simulator, http):
    simulator.control(faults={"rate_limit": 0.3, "server_error": 0.3, "blank": 0.3})
    seen = set()
    for number in range(40):
        request = fresh(number)
        for attempt in range(1, 4):
            reply = http.post(PATH, json=request, headers=headers(0, attempt))
            seen.add(reply.status_code)
            if reply.status_code == 200 and reply.json()["choices"][0]["message"]["content"]:
                break
        assert text_of(reply) == answer(request)
    assert seen == {200, 429, 500}


def test_attempts_are_counted_for_clients_that_do_not_say(simulator, http):
    simulator.control(faults={"server_error": 1.0})
    request = fresh(1000)
    assert [http.post(PATH, json=request).status_code for _ in range(4)] == [500, 500, 200, 200]


def test_rate_limit_names_a_time_only_if_told_to(simulator, http):
    simulator.control(faults={"rate_limit": 1.0})
    assert "retry-after" not in http.post(PATH, json=BODY, headers=headers()).headers
    simulator.control(faults={"retry_after": 1.5})
    reply = http.post(PATH, json=BODY, headers=headers())
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "1.5")


def test_storm_refuses_so_many_requests_in_a_row(simulator, http):
    simulator.control(faults={"storm": 3, "storm_after": 2})
    got = [http.post(PATH, json=BODY, headers=headers(attempt=9)).status_code for _ in range(7)]
    assert got == [200, 200, 429, 429, 429, 200, 200]


def test_balance_runs_out_and_can_be_topped_up(simulator, http):
    simulator.control(faults={"balance": 2})
    assert [http.post(PATH, json=BODY).status_code for _ in range(3)] == [200, 200, 402]
    assert http.get("/user/balance").json()["is_available"] is False
    simulator.control(faults={"balance": 1})
    assert [http.post(PATH, json=BODY).status_code for _ in range(2)] == [200, 402]


def test_balance_is_not_touched_by_other_knobs(simulator, http):
    simulator.control(faults={"balance": 1})
    simulator.control(delays={"latency": 0.0})
    assert [http.post(PATH, json=BODY).status_code for _ in range(2)] == [200, 402]


def test_key_is_checked_where_one_is_set(simulator, http):
    simulator.control(faults={"key": "right"})
    assert http.post(PATH, json=BODY, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert http.post(PATH, json=BODY, headers={"Authorization": "Bearer right"}).status_code == 200
    simulator.control(faults={"unauthorized": True})
    assert http.post(PATH, json=BODY, headers={"Authorization": "Bearer right"}).status_code == 401


@pytest.mark.parametrize(
    ("kind", "finish", "blank"),
    [
        ("truncated", "length", False),
        ("filtered", "content_filter", True),
        ("exhausted", "insufficient_system_resource", False),
        ("blank", "stop", True),
    ],
)
def test_answer_that_is_no_answer_has_its_finish_reason(simulator, http, kind, finish, blank):
    simulator.control(faults={kind: 1.0})
    choice = http.post(PATH, json=BODY, headers=headers()).json()["choices"][0]
    assert choice["finish_reason"] == finish
    assert (choice["message"]["content"] == "") is blank
    assert answer(BODY).startswith(choice["message"]["content"])


def test_answer_over_max_tokens_is_cut_off(http):
    request = {**draft_body(products()[0], "ecommerce_long_form"), "max_tokens": 50}
    data = http.post(PATH, json=request, headers=headers()).json()
    assert data["choices"][0]["finish_reason"] == "length"
    assert data["usage"]["completion_tokens"] <= 50


def test_json_answers_can_be_broken_and_plain_ones_are_spared(simulator, http):
    simulator.control(faults={"broken_json": 1.0})
    asked = body(sheet("duel", products()[0], "paid_ad_cta", first="甲。", second="乙。"))
    broken = text_of(http.post(PATH, json={**asked, "response_format": {"type": "json_object"}}, headers=headers()))
    with pytest.raises(ValueError):
        json.loads(broken)
    assert text_of(http.post(PATH, json=BODY, headers=headers())) == answer(BODY)


def test_connection_can_break_in_the_middle_of_a_body(simulator, http):
    simulator.control(faults={"cut": 1.0})
    with pytest.raises(httpx.RemoteProtocolError):
        http.post(PATH, json=BODY, headers=headers())


def test_endless_keep_alive_outlasts_the_clients_deadline(simulator, http):
    simulator.control(faults={"hang": 1.0})
    lines = b""
    with http.stream("POST", PATH, json=BODY, headers=headers()) as reply:
        for piece in reply.iter_raw():
            lines += piece
            if len(lines) >= 3:
                break
    assert lines.strip() == b""


def test_slow_tail_sends_blank_lines_and_then_the_answer(simulator, http):
    simulator.control(delays={"slow_tail": 1.0, "slow_seconds": 1.2})
    reply = http.post(PATH, json=BODY, headers=headers())
    assert reply.content.startswith(b"\n")
    assert text_of(reply) == answer(BODY)


def test_more_requests_at_once_than_allowed_are_refused(simulator):
    simulator.control(faults={"max_in_flight": 2}, delays={"latency": 0.3})

    async def at_once() -> list[int]:
        async with httpx.AsyncClient(base_url=simulator.base_url, trust_env=False) as client:
            replies = await asyncio.gather(*(client.post(PATH, json=fresh(2000 + n)) for n in range(6)))
            return sorted(reply.status_code for reply in replies)

    assert asyncio.run(at_once()) == [200, 200, 429, 429, 429, 429]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "not JSON"),
        (b"[]", "messages"),
        (b'{"messages": []}', "messages"),
        (b'{"messages": ["x"]}', "messages"),
        ('{"messages": [{"role": "user", "content": "你好"}]}'.encode(), "任务单"),
    ],
)
def test_request_that_cannot_be_understood_is_a_bad_request_with_the_reason(http, content, told):
    reply = http.post(PATH, content=content)
    assert reply.status_code == 400
    assert told in reply.json()["error"]["message"]


def test_control_refuses_an_unknown_knob_and_keeps_the_old_ones(simulator, http):
    before = simulator.state()["knobs"]
    reply = http.post("/control", json={"faults": {"rate_limt": 1}})
    assert reply.status_code == 400 and "rate_limt" in reply.json()["error"]["message"]
    assert http.post("/control", content=b"{").status_code == 400
    assert http.post("/control", json=[1]).status_code == 400
    assert simulator.state()["knobs"] == before


def test_repeated_prefixes_are_counted_as_cache_hits(http):
    first, other = fresh(3000), fresh(3001)
    for request in (first, other):
        request["messages"][0]["content"] += "（缓存）" * 200
    usages = [http.post(PATH, json=each, headers=headers()).json()["usage"] for each in (first, other, first)]
    assert all(u["prompt_cache_hit_tokens"] + u["prompt_cache_miss_tokens"] == u["prompt_tokens"] for u in usages)
    assert usages[0]["prompt_cache_hit_tokens"] == 0
    assert 0 < usages[1]["prompt_cache_hit_tokens"] < usages[2]["prompt_cache_hit_tokens"]


def test_conversation_that_goes_on_hits_all_that_was_said(http):
    request = fresh(3100)
    request["messages"][0]["content"] += "（续写）" * 200
    said = text_of(http.post(PATH, json=request, headers=headers()))
    turn = sheet("repair", products()[0], "paid_ad_cta", reasons=[], chars=len(said))
    longer = [*request["messages"], *body(said, turn, guide=False)["messages"]]
    usage = http.post(PATH, json={**request, "messages": longer}, headers=headers()).json()["usage"]
    spoken = sum(len(message["content"]) for message in longer[:-1]) * 0.6
    assert abs(usage["prompt_cache_hit_tokens"] - spoken) <= 66


def test_every_request_is_one_line_of_the_log(simulator, http):
    before = len(simulator.requests())
    request = fresh(4000)
    http.post(PATH, json=request, headers=headers(7, 2))
    simulator.control(faults={"server_error": 1.0})
    http.post(PATH, json=request, headers=headers(7, 1))
    http.post(PATH, content=b"{")
    good, bad, unread = simulator.requests()[before:]
    assert good.request_sha == request_sha(request) == bad.request_sha
    assert (good.sample, good.attempt, good.status, good.usable, good.fault) == ("7", 2, 200, True, "")
    assert (good.task, good.content_type, good.product) == ("draft", "paid_ad_cta", products()[4000 % 88].product_name)
    assert (bad.status, bad.usable, bad.fault) == (500, False, "server_error")
    assert (unread.status, unread.fault) == (400, "bad_request")


def test_repeats_are_counted_by_body_and_sample(simulator, http):
    before = len(simulator.requests())
    request = fresh(4100)
    for sample, attempt in [(0, 1), (0, 2), (1, 1)]:
        http.post(PATH, json=request, headers=headers(sample, attempt))
    assert repeats(simulator.requests()[before:]) == {(request_sha(request), "0"): 1}


def test_answer_is_logged_before_it_arrives(simulator, http):
    for number in range(20):
        request = fresh(4200 + number)
        http.post(PATH, json=request)
        assert simulator.requests()[-1].request_sha == request_sha(request)


def test_models_are_listed(http):
    assert [model["id"] for model in http.get("/v1/models").json()["data"]] == ["deepseek-flash", "deepseek-v4-pro"]
