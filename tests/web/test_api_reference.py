"""The API's documentation: a page like any other, made from the description."""

from typing import Any

from httpx2 import AsyncClient

from tests.web.pages import get_page


async def described(client: AsyncClient) -> dict[str, Any]:
    answer: dict[str, Any] = (await client.get("/openapi.json")).json()
    return answer


async def test_it_has_each_call_with_its_parameters_and_answers(client: AsyncClient) -> None:
    page = await get_page(client, "/docs")
    ids = {attributes.get("id") for _, attributes in page.tags}
    for path, operations in (await described(client))["paths"].items():
        assert path in page.text
        for operation in operations.values():
            assert operation["operationId"] in ids
            assert operation["summary"] in page.headings
            for parameter in operation.get("parameters", ()):
                assert parameter["description"].replace("`", "") in page.text
    assert 'curl -s "$API/search?q=asyncio"' in page.text


async def test_each_model_and_error_it_names_is_explained(client: AsyncClient) -> None:
    page = await get_page(client, "/docs")
    ids = {attributes.get("id") for _, attributes in page.tags}
    here = {address[1:] for address in page.addresses if address.startswith("#")}
    assert {"NewEntry", "EntryView", "list_entries"} <= here | ids
    assert here <= ids
    problems = {address for address in page.addresses if address.startswith("/problems/")}
    assert len(problems) > 5
    for address in problems:
        assert (await client.get(address)).status_code == 200


async def test_it_shows_examples_and_where_the_server_is(client: AsyncClient) -> None:
    page = await get_page(client, "/docs")
    assert "API=http://kb.test/api/v1" in page.text
    assert '"title": "Sleeping in an endpoint stalls the others"' in page.text
    assert "10 to 200 characters" in page.text


async def test_it_loads_nothing_from_elsewhere_and_has_nothing_inline(client: AsyncClient) -> None:
    page = await get_page(client, "/docs")
    for tag, attributes in page.tags:
        assert tag != "style"
        assert "style" not in attributes
        if tag in {"script", "img", "link"}:
            loaded = attributes.get("src") or attributes["href"]
            assert loaded.startswith(("/", "http://kb.test/"))
