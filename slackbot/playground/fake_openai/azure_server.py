"""A model server that is addressed as Azure's is, in both of its forms.

https://learn.microsoft.com/azure/ai-foundry/openai/reference and /latest have the addresses; the
texts of refusals are those that people report, such as in
https://github.com/MicrosoftDocs/azure-docs/issues/114013
"""

from collections.abc import Collection

from aiohttp import web

from slackbot.playground.fake_openai.script import Refusal
from slackbot.playground.fake_openai.server import ModelServer

API_VERSION = "2024-10-21"

DEPLOYMENTS_PATH = "/openai/deployments/{deployment}"
RESOURCE_PATH = "/openai"
V1_PATH = "/openai/v1"

WRONG_KEY = Refusal(
    401,
    "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a "
    "valid key for an active subscription and use a correct regional API endpoint for your "
    "resource.",
    code="401",
)
NOT_FOUND = Refusal(404, "Resource not found", code="404")
NO_DEPLOYMENT = Refusal(
    404,
    "The API deployment for this resource does not exist. If you created the deployment within the "
    "last 5 minutes, please wait a moment and try again.",
    code="DeploymentNotFound",
)

BELOW_RESOURCE = frozenset({f"{RESOURCE_PATH}/models", f"{RESOURCE_PATH}/responses"})
"""What needs no deployment in its path."""


class AzureServer(ModelServer):
    """Takes the key in the header `api-key` alone, and serves these deployments alone."""

    def __init__(self, key: str, deployments: Collection[str]) -> None:
        super().__init__(api_key=key, paths=(DEPLOYMENTS_PATH, V1_PATH, RESOURCE_PATH))
        self.models = ["gpt-base-model"]  # what could be deployed
        self._deployments = deployments

    @property
    def origin(self) -> str:
        return f"http://{self.address}"

    def refusal(self, request: web.Request) -> Refusal | None:
        if request.headers.get("api-key") != self._api_key or "Authorization" in request.headers:
            return WRONG_KEY
        if request.path.startswith(f"{V1_PATH}/"):
            return None
        if request.query.get("api-version") != API_VERSION:
            return NOT_FOUND
        deployment = request.match_info.get("deployment")
        if deployment is None:
            return None if request.path in BELOW_RESOURCE else NOT_FOUND
        return None if deployment in self._deployments else NO_DEPLOYMENT
