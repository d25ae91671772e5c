"""The teacher against a real HTTP server: answers, repeats, and every way a call can fail."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import replace

import pytest

from tasks.lineage.errors import StopRun
from tasks.teacher.call import CallFailed, ErrorKind
from tasks.teacher.client import Teacher, request_body, request_sha


@pytest.fixture
def teacher(config, journal, fake_time):
    return lambda **changes: Teacher(
        config.model_copy(update=changes), journal, "run-1", surroundings=fake_time.surroundings()
    )


async def failure(teacher, call) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        await teacher.answer(call)
    return caught.value


async def test_answer_over_wire_carries_tokens_cost_and_text(teacher, call):
    async with teacher() as asked:
        answer = await asked.answer(call())
    assert (answer.text, answer.from_journal) == ("屏障修护，温和配方。", False)
    assert (answer.prompt_tokens, answer.cache_hit_tokens, answer.completion_tokens) == (100, 60, 20)
    assert answer.cost == pytest.approx((60 * 0.022 + 40 * 0.66 + 20 * 1.98) / 1e6)


async def test_answer_in_journal_makes_no_request(teacher, call, server):
    async with teacher() as asked:
        first = await asked.answer(call())
    async with teacher() as asked:
        second = await asked.answer(call())
    assert second.from_journal
    assert replace(second, from_journal=False) == first
    assert len(server.requests) == 1


async def test_purpose_is_not_part_of_the_question(teacher, call, server):
    async with teacher() as asked:
        await asked.answer(call(purpose="draft"))
        assert (await asked.answer(call(purpose="score"))).from_journal
    assert len(server.requests) == 1


async def test_equal_calls_in_flight_share_one_request(teacher, call, server, say):
    gate = threading.Event()
    server.default = say(wait_for=gate)
    async with teacher() as asked:
        waiting = [asyncio.create_task(asked.answer(call())) for _ in range(5)]
        while not server.requests:
            await asyncio.sleep(0.01)
        gate.set()
        answers = await asyncio.gather(*waiting)
    assert len(server.requests) == 1
    assert [answer.from_journal for answer in answers].count(False) == 1  # one of them bears the cost


async def test_cancelled_asker_leaves_the_answer_to_the_others(teacher, call, server, say):
    gate = threading.Event()
    server.default = say(wait_for=gate)
    async with teacher() as asked:
        first = asyncio.create_task(asked.answer(call()))
        second = asyncio.create_task(asked.answer(call()))
        while not server.requests:
            await asyncio.sleep(0.01)
        first.cancel()
        gate.set()
        assert (await second).text
    assert len(server.requests) == 1


async def test_samples_of_one_question_are_asked_apart_and_named_in_the_header(teacher, call, server):
    async with teacher() as asked:
        await asyncio.gather(*[asked.answer(call(sample=sample)) for sample in range(3)])
    assert sorted(request.headers["x-copymill-sample"] for request in server.requests) == ["0", "1", "2"]
    assert len({json.dumps(request.body, sort_keys=True) for request in server.requests}) == 1


async def test_server_computes_the_journaled_request_sha_from_the_body(teacher, call, server, say, journal, config):
    question = call("任务单：{}", json_answer=True, temperature=1.0)
    server.default = say(text='{"a": 1}')
    async with teacher() as asked:
        answer = await asked.answer(question)
    entry = journal.calls_of([answer.key])[answer.key]
    assert request_sha(server.requests[0].body) == entry.request_sha == request_sha(request_body(question, config))
    assert entry.messages == question.messages


async def test_body_switches_thinking_off(teacher, call, server):
    async with teacher() as asked:
        await asked.answer(call())
    assert server.requests[0].body["thinking"] == {"type": "disabled"}
    assert server.requests[0].headers["authorization"] == "Bearer sk-very-secret-0123456789"


async def test_rate_limit_waits_as_long_as_the_server_says(teacher, call, server, say, fake_time):
    server.script = [say(status=429, headers={"retry-after": "7"}, text="slow down")]
    started = fake_time.seconds
    async with teacher() as asked:
        await asked.answer(call())
    assert fake_time.seconds - started >= 7
    assert len(server.requests) == 2


async def test_rate_limits_do_not_use_up_the_attempts_of_a_call(teacher, call, server, say):
    server.script = [say(status=429, text="slow down") for _ in range(12)]
    async with teacher(attempts=2) as asked:
        assert (await asked.answer(call())).text
    assert len(server.requests) == 13


async def test_transient_faults_are_repeated_as_new_requests_and_recorded(teacher, call, server, say, journal):
    server.script = [say(status=500), say(status=503), say(finish="insufficient_system_resource"), say(text="  \n")]
    async with teacher() as asked:
        answer = await asked.answer(call())
    assert [request.headers["x-copymill-attempt"] for request in server.requests] == ["1", "2", "3", "4", "5"]
    assert journal.calls_of([answer.key])[answer.key].attempts == 5
    assert journal.faults() == {"blank": 1, "transient": 3}


async def test_call_fails_with_its_kind_after_all_attempts(teacher, call, server, say, journal):
    server.default = say(status=500, text="oops")
    async with teacher(attempts=3) as asked:
        failed = await failure(asked, call())
    assert (failed.kind, len(server.requests)) == (ErrorKind.TRANSIENT, 3)
    assert "HTTP 500: oops" in str(failed)
    assert journal.get(call().key("deepseek")) is None


@pytest.mark.parametrize("status", [400, 422])
async def test_bad_request_is_never_repeated(teacher, call, server, say, status):
    server.default = say(status=status, text="Model Not Exist")
    async with teacher() as asked:
        failed = await failure(asked, call())
    assert (failed.kind, len(server.requests)) == (ErrorKind.BAD_REQUEST, 1)


@pytest.mark.parametrize(
    ("finish", "kind", "requests"), [("content_filter", ErrorKind.FILTERED, 1), ("length", ErrorKind.TRUNCATED, 2)]
)
async def test_filtered_or_truncated_answer_is_never_reused(
    teacher, call, server, say, journal, finish, kind, requests
):
    server.default = say(finish=finish)
    async with teacher() as asked:
        assert (await failure(asked, call())).kind is kind
    assert len(server.requests) == requests
    assert journal.usage("run-1")[0].cost == pytest.approx(requests * 6.732e-05)  # charged all the same
    server.default = say()
    async with teacher() as asked:
        assert not (await asked.answer(call())).from_journal


@pytest.mark.parametrize(
    "body", [b'{"choices": [', b"<html>gateway</html>", b'{"choices": []}', b"[]", b'{"choices": [{"message": null}]}']
)
async def test_body_that_is_no_completion_is_malformed_and_repeated(teacher, call, server, say, body, journal):
    server.script = [say(body=body)]
    async with teacher() as asked:
        assert (await asked.answer(call())).text
    assert journal.faults() == {"malformed": 1}


@pytest.mark.parametrize("text", ["好的", "[1]", '{"a": 1', '{"a": NaN}', '```json\n{"a": 1}\n```', "[" * 100_000])
async def test_json_call_accepts_only_an_object(teacher, call, server, say, text):
    server.script = [say(text=text)]
    server.default = say(text='{"winner": "tie"}')
    async with teacher() as asked:
        answer = await asked.answer(call(json_answer=True))
    assert json.loads(answer.text) == {"winner": "tie"}
    assert len(server.requests) == 2


async def test_text_that_no_database_can_hold_is_malformed(teacher, call, server, say):
    server.script = [say(text="半个\ud83d"), say(text="零\x00")]
    async with teacher() as asked:
        assert (await asked.answer(call())).text == "屏障修护，温和配方。"


async def test_blank_lines_before_the_answer_do_not_matter(teacher, call, server, say):
    server.default = say(blank_lines=50)
    async with teacher() as asked:
        assert (await asked.answer(call())).text


async def test_endless_keep_alive_ends_at_the_deadline(teacher, call, server, say):
    server.script = [say(keep_alive=True)]
    async with teacher(deadline_s=0.3) as asked:
        assert (await asked.answer(call())).text
    assert len(server.requests) == 2


async def test_missing_usage_leaves_the_cost_unknown(teacher, call, server, say, journal):
    server.default = say(usage=None)
    async with teacher() as asked:
        answer = await asked.answer(call())
    assert answer.cost is None
    assert journal.usage()[0].cost is None


async def test_cache_hits_under_the_other_name_are_counted(teacher, call, server, say):
    usage = {"prompt_tokens": 100, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 64}}
    server.default = say(usage=usage)
    async with teacher() as asked:
        assert (await asked.answer(call())).cache_hit_tokens == 64


async def test_listener_hears_of_answers_hits_and_failures(config, journal, call, server, say):
    heard = []
    async with Teacher(config, journal, "run-1", on_call=lambda asked, outcome: heard.append(outcome)) as asked:
        await asked.answer(call())
        await asked.answer(call())
        server.default = say(status=400)
        await failure(asked, call("别的"))
    assert [type(outcome).__name__ for outcome in heard] == ["Answer", "Answer", "CallFailed"]
    assert (asked.tally.answered, asked.tally.from_journal, asked.tally.failed, asked.tally.requests) == (1, 1, 1, 2)


async def test_failed_call_fails_for_all_who_ask_and_stops_nobody_else(teacher, call, server, say):
    server.default = lambda request: say(status=400) if "坏" in request.user else say()
    async with teacher() as asked:
        results = await asyncio.gather(
            *[asked.answer(call(text)) for text in ("坏", "坏", "好")], return_exceptions=True
        )
    assert [type(result).__name__ for result in results] == ["CallFailed", "CallFailed", "Answer"]


async def test_repeated_refusals_without_an_answer_stop_the_run(teacher, call, server, say):
    server.default = say(status=400, text="Model Not Exist")
    async with teacher() as asked:
        with pytest.raises(StopRun, match=r"Model Not Exist.*mend base_url or the models"):
            for number in range(30):
                with pytest.raises(CallFailed):
                    await asked.answer(call(str(number)))
    assert len(server.requests) == 20
