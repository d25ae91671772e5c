"""Which teacher is asked, and how: providers are data (providers.yaml), secrets are names of environment variables.

Identity is who answers (provider, models, extra body); everything else may change between two runs of one home.
A key is read when it is needed and held nowhere: not in this config, a record, a log or the journal.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import urlsplit

import yaml
from pydantic import Field, SecretStr, ValidationError, field_validator

from tasks.lineage.canonical import digest
from tasks.lineage.errors import UserError
from tasks.lineage.params import Ident, Params, Run
from tasks.teacher.price import Price

PROVIDERS_FILE = Path(__file__).with_name("providers.yaml")
BASE_URL_VARIABLE = "COPYMILL_BASE_URL"

ModelRole = Literal["writer", "weak", "judge"]


class Models(Params):
    """The model that plays each role, under the name the provider knows it by."""

    writer: Ident[str]
    weak: Ident[str]
    judge: Ident[str]


class TeacherConfig(Params):
    """One provider of answers.

    logprobs: alternatives of each token that the judge's scores are asked with, by likelihood; 0 where an API has none.
    extra_body: members added to every request body (DeepSeek: thinking switched off). rpm, tpm: requests and tokens a
    minute, null where there is no limit. deadline_s: total time of one request, from connection to last byte.
    attempts: requests made for one call before it fails (429 apart). bills: false where nothing is really charged;
    the costs are then what the calls would have cost.
    """

    provider: Ident[str] = Field(min_length=1)
    models: Ident[Models]
    logprobs: Ident[int] = Field(default=0, ge=0, le=20)
    extra_body: Ident[dict[str, Any]] = Field(default_factory=dict)
    base_url: Run[str]
    key_env: Run[str | None] = None
    rpm: Run[int | None] = Field(default=None, ge=1)
    tpm: Run[int | None] = Field(default=None, ge=1)
    max_in_flight: Run[int] = Field(default=64, ge=1)
    deadline_s: Run[float] = Field(default=180.0, gt=0)
    attempts: Run[int] = Field(default=5, ge=1)
    prices: Run[tuple[Price, ...]] = ()
    bills: Run[bool] = True

    @field_validator("base_url")
    @classmethod
    def _plain_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an http(s) address such as https://api.deepseek.com")
        if parts.username or parts.password:
            raise ValueError("must not hold a user or a password; the key comes from the environment")
        return url.rstrip("/")

    def model_for(self, role: ModelRole) -> str:
        """Return the provider's name of the model that plays a role."""
        return cast(str, getattr(self.models, role))

    def api_key(self) -> SecretStr:
        """Return the key from the environment variable that the provider names; the simulator needs none.

        Raises:
            UserError: the provider needs a key, and the variable is unset, blank or not a header value.
        """
        if self.key_env is None:
            return SecretStr("none-needed")
        key = os.environ.get(self.key_env, "").strip()
        if not key:
            raise UserError(
                f"teacher {self.provider}",
                f"no key in the environment variable {self.key_env}",
                "an API key",
                f"run `export {self.key_env}=...`, or name the simulator as the teacher",
            )
        if not (key.isascii() and key.isprintable()):
            raise UserError(
                f"teacher {self.provider}",
                f"the key in {self.key_env} has characters that no HTTP header can carry",
                "printable ASCII",
                "copy it again from the provider's page",
            )
        return SecretStr(key)


def load_provider(name: str, overrides: Mapping[str, Any] | None = None) -> TeacherConfig:
    """Return the config of a provider named in providers.yaml, with fields replaced by `overrides`.

    `overrides["models"]` may name some of the roles only. COPYMILL_BASE_URL, where set, wins over every base_url (it
    is runtime: no answer gets stale by it). Another extra_body makes another provider: its id gets a suffix, so that
    answers written with thinking on never pass for answers written with thinking off.

    Raises:
        UserError: unknown name, or a value that the config does not allow.
    """
    known = yaml.safe_load(PROVIDERS_FILE.read_text(encoding="utf-8"))["providers"]
    if name not in known:
        raise UserError(
            "teacher", f"unknown provider {name!r}", f"one of {', '.join(sorted(known))}", "name one of them"
        )
    fields = {"provider": name, **known[name], **(overrides or {})}
    fields["models"] = {**known[name]["models"], **_plain_mapping(fields["models"])}
    if fields.get("extra_body", {}) != known[name].get("extra_body", {}):
        fields["provider"] = f"{fields['provider']}~{digest(fields['extra_body'])[:8]}"
    if url := os.environ.get(BASE_URL_VARIABLE, "").strip():
        fields["base_url"] = url
    return _validated(name, fields)


def known_providers() -> list[str]:
    """Return the names that `load_provider` knows, sorted."""
    return sorted(yaml.safe_load(PROVIDERS_FILE.read_text(encoding="utf-8"))["providers"])


def _plain_mapping(models: object) -> dict[str, Any]:
    if isinstance(models, Models):
        return models.model_dump()
    return dict(models) if isinstance(models, Mapping) else {}


def _validated(name: str, fields: dict[str, Any]) -> TeacherConfig:
    try:
        return TeacherConfig.model_validate(fields)
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]  # the input may hold a secret: never shown
        place = ".".join(str(part) for part in fault["loc"]) or "the provider"
        raise UserError(
            f"teacher {name}, {place}", fault["msg"], "a value the config allows", "mend it in the config"
        ) from None
