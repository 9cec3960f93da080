"""The description of the API is one that a client can be made from."""

from typing import Any

from httpx2 import AsyncClient


async def description(client: AsyncClient) -> dict[str, Any]:
    """Return the OpenAPI description."""
    answer = await client.get("/openapi.json")
    assert answer.status_code == 200
    described: dict[str, Any] = answer.json()
    return described


def shared_by(described: dict[str, Any], answer: dict[str, str]) -> dict[str, Any]:
    """Return the answer that a reference stands for."""
    found: dict[str, Any] = described["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return found


async def test_every_operation_documents_its_errors_as_problems(client: AsyncClient) -> None:
    described = await description(client)
    paths = described["paths"]
    assert "/api/v1/entries/{slug}/revisions" in paths
    for path, operations in paths.items():
        assert path.startswith("/api/v1/"), "pages are not part of the API"
        for method, operation in operations.items():
            errors = {
                status: list(shared_by(described, answer)["content"])
                for status, answer in operation["responses"].items()
                if status >= "400"
            }
            assert {"401", "403", "422", "503"} <= errors.keys(), (method, path)
            assert set(map(tuple, errors.values())) == {("application/problem+json",)}


async def test_it_says_how_to_sign_in(client: AsyncClient) -> None:
    described = await description(client)
    assert described["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert {"token": []} in described["security"]


async def test_every_operation_has_a_summary_and_a_description(client: AsyncClient) -> None:
    for path, operations in (await description(client))["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            assert operation["description"], (method, path)


async def test_a_conflict_is_described_with_its_three_contents(client: AsyncClient) -> None:
    described = await description(client)
    for path in ("/entries/{slug}/revisions", "/suggestions/{number}/accept"):
        answers = described["paths"][f"/api/v1{path}"]["post"]["responses"]
        content = shared_by(described, answers["409"])["content"]
        schema = content["application/problem+json"]["schema"]["anyOf"][0]
        fields = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
        assert {"base", "theirs", "yours", "conflicts"} <= set(fields)
