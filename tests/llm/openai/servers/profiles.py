"""The servers, each with what it refuses and where people have reported that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from slackbot.llm.openai.request import Feature
from slackbot.playground.fake_openai.azure_server import API_VERSION, AzureServer
from slackbot.playground.fake_openai.odd_scripts import calls_whole
from slackbot.playground.fake_openai.script import Script, calls
from slackbot.playground.fake_openai.server import ModelServer
from tests.llm.openai.servers.rules import ServerRules, openai_body

KEY = "sk-test"


@dataclass(frozen=True, slots=True)
class ServerProfile:
    name: str
    rules: ServerRules
    negotiated: frozenset[Feature]
    """What the bot leaves out after the conversation, as it has learned."""
    refusals: int = 0
    """How many requests it refuses in the conversation."""
    later_refusals: int = 0
    """How many of one more question."""
    sources: Sequence[str] = ()
    """Where the server's words are reported."""
    deployment: str = ""
    """For Azure's form of addresses."""
    sees: bool = True
    """Whether the model sees pictures there."""
    has_tools: bool = True
    call: Script = calls("current_time", "{}", call_id="call_0123456789abcdef")  # noqa: RUF009 - a value
    """How the server streams a call of the clock."""

    def server(self) -> ModelServer:
        if self.deployment:
            server: ModelServer = AzureServer(KEY, {self.deployment})
        else:
            server = ModelServer(api_key=KEY)
        server.rules = self.rules
        return server

    def url(self, server: ModelServer) -> str:
        """What people write into OPENAI_BASE_URL."""
        if isinstance(server, AzureServer):
            path = f"/openai/deployments/{self.deployment}"
            return f"{server.origin}{path}?api-version={API_VERSION}"
        return server.url


def _mistral(words: str) -> Any:
    """As https://github.com/dnakov/anon-kode/issues/53 shows it. The words are a path."""
    detail = {"type": "extra_forbidden", "loc": words.split("."), "msg": NOT_PERMITTED, "input": ""}
    return {
        "object": "error",
        "message": {"detail": [detail]},
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }


def _mistral_order(words: str) -> Any:
    """As https://github.com/BerriAI/litellm/issues/17761 shows it."""
    return {
        "object": "error",
        "message": words,
        "type": "invalid_request_message_order",
        "param": None,
        "code": "3230",
    }


def _gemini(words: str) -> Any:
    """As https://github.com/FuzzAnything/PromptFuzz/issues/42 shows it: in a list."""
    violations = {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"description": words}],
    }
    error = {"code": 400, "message": words, "status": "INVALID_ARGUMENT", "details": [violations]}
    return [{"error": error}]


def _ollama(words: str) -> Any:
    return {"error": {"message": words, "type": "api_error", "param": None, "code": None}}


def _vllm(words: str) -> Any:
    """As https://github.com/suitenumerique/conversations/issues/197 shows it."""
    return {"error": {"message": words, "type": "BadRequestError", "param": None, "code": 400}}


def _openrouter(words: str) -> Any:
    return {"error": {"message": words, "code": 404}}


def _bedrock(words: str) -> Any:
    """As https://github.com/BerriAI/litellm/issues/19225 shows it, from LiteLLM."""
    message = f'litellm.BadRequestError: BedrockException - {{"message":"{words}"}}'
    return {"error": {"message": message, "type": "None", "param": None, "code": "400"}}


def _llama_cpp(words: str) -> Any:
    """As https://github.com/anomalyco/opencode/issues/5034 shows it."""
    return {"error": {"code": 500, "message": words, "type": "server_error"}}


def _call_after_answer(messages: Sequence[Mapping[str, Any]]) -> str | None:
    """Gemini's rule about calls: https://ai.google.dev/gemini-api/docs/function-calling"""
    for before, message in pairwise(messages):
        if message.get("tool_calls") and before["role"] not in {"user", "tool"}:
            return (
                "Please ensure that function call turn comes immediately after a user turn or "
                "after a function response turn."
            )
    return None


CLOCK = {"name": "current_time", "arguments": "{}"}

NOT_PERMITTED = "Extra inputs are not permitted"

SERVERS = (
    ServerProfile(
        "OpenAI",
        ServerRules(),
        frozenset(),
        sources=("https://platform.openai.com/docs/api-reference/chat/create",),
    ),
    ServerProfile(
        "Azure, with an older api-version",
        ServerRules(
            words={"stream_options": "Unrecognized request argument supplied: stream_options"}
        ),
        frozenset({"stream_options"}),
        refusals=1,
        sources=(
            "https://github.com/openai/openai-python/issues/1469",
            "https://github.com/MicrosoftDocs/azure-docs/issues/114013",
        ),
        deployment="ours",
    ),
    ServerProfile(
        "Bedrock through LiteLLM",
        ServerRules(strict=frozenset({"no_blank_content", "starts_with_user"}), body=_bedrock),
        frozenset({"blank_content", "developer"}),
        refusals=2,
        sources=(
            "https://github.com/langchain-ai/langchain/issues/26968",
            "https://github.com/pydantic/pydantic-ai/issues/4495",
        ),
    ),
    ServerProfile(
        "Mistral",
        ServerRules(
            status=422,
            words={
                "developer": "body.messages.0.role",
                "name": "body.messages.1.user.name",
                "stream_options": "body.stream_options.include_usage",
                "max_completion_tokens": "body.max_completion_tokens",
            },
            strict=frozenset({"alternating_roles", "no_user_after_tool", "nine_character_ids"}),
            body=_mistral,
            shape_status=400,
            shape_body=_mistral_order,
        ),
        frozenset(
            {
                "developer",
                "name",
                "stream_options",
                "max_completion_tokens",
                "repeated_roles",
                "long_call_ids",
            }
        ),
        refusals=6,
        sources=(
            "https://github.com/dnakov/anon-kode/issues/53",
            "https://github.com/Gage-Technologies/mistral-go/issues/3",
            "https://github.com/BerriAI/litellm/issues/17761",
        ),
    ),
    ServerProfile(
        "Ollama, a model without tools",
        ServerRules(
            words={"tools": "registry.ollama.ai/library/gemma3:4b does not support tools"},
            body=_ollama,
        ),
        frozenset({"tools"}),
        refusals=1,
        sources=("https://github.com/pydantic/pydantic-ai/issues/703",),
        has_tools=False,
    ),
    ServerProfile(
        "vLLM, Gemma 3",
        ServerRules(
            words={
                "tools": '"auto" tool choice requires --enable-auto-tool-choice and '
                "--tool-call-parser to be set"
            },
            strict=frozenset({"alternating_roles"}),
            body=_vllm,
        ),
        frozenset({"tools", "repeated_roles", "developer"}),
        refusals=3,
        sources=(
            "https://github.com/suitenumerique/conversations/issues/197",
            "https://github.com/langchain4j/langchain4j/issues/3475",
        ),
        has_tools=False,
    ),
    ServerProfile(
        "OpenRouter, a model without tools and eyes",
        ServerRules(
            status=404,
            words={
                "tools": "No endpoints found that support tool use. To learn more about provider "
                "routing, visit: https://openrouter.ai/docs/provider-routing",
                "image_url": "No endpoints found that support image input",
            },
            body=_openrouter,
        ),
        frozenset({"tools", "image_url"}),
        refusals=2,
        sources=(
            "https://github.com/evalstate/fast-agent/issues/122",
            "https://github.com/github/app/issues/2163",
        ),
        sees=False,
        has_tools=False,
    ),
    ServerProfile(
        "Gemini's compatibility layer",
        ServerRules(problem=_call_after_answer, body=_gemini),
        frozenset(),
        sources=(
            "https://github.com/editor-code-assistant/eca/issues/247",
            "https://github.com/FuzzAnything/PromptFuzz/issues/42",
        ),
        call=calls_whole({"id": "", "type": "function", "function": CLOCK}),
    ),
    ServerProfile(
        "llama.cpp, an older build with Gemma 2",
        ServerRules(
            status=500,
            words={
                "image_url": "image input is not supported - hint: if this is unexpected, you "
                "may need to provide the mmproj"
            },
            strict=frozenset({"no_system_role", "alternating_roles"}),
            body=_llama_cpp,
        ),
        frozenset({"image_url", "system", "developer", "repeated_roles"}),
        refusals=10,
        sources=(
            "https://github.com/anomalyco/opencode/issues/5034",
            "https://github.com/abetlen/llama-cpp-python/issues/1580",
        ),
        sees=False,
    ),
    ServerProfile(
        "a server that names nothing",
        ServerRules(
            words={"developer": "", "name": "", "stream_options": ""},
            strict=frozenset({"alternating_roles"}),
            body=lambda _: openai_body("Bad request."),
        ),
        frozenset({"repeated_roles"}),
        refusals=11,
        later_refusals=1,
    ),
)
