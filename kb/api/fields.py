"""`fields=a,b`: small answers that hold only what was asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema
from starlette.responses import JSONResponse, Response


@dataclass(frozen=True, slots=True)
class FieldsOf:
    """Makes `Sequence[str]` the type of a parameter that chooses fields of a model.

    Names are separated by commas, or the parameter is repeated; none of them stands for all.
    """

    model: type[BaseModel]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Split at commas, and refuse what the model does not have."""
        return core_schema.no_info_after_validator_function(self._known, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Say which names there are."""
        names = {"type": "string", "enum": list(self.model.model_fields)}
        return handler(schema) | {"items": names, "description": "only these, separated by commas"}

    def _known(self, values: Sequence[str]) -> list[str]:
        names = [name.strip() for value in values for name in value.split(",")]
        for name in names:
            if name not in self.model.model_fields:
                known = ", ".join(self.model.model_fields)
                raise ValueError(f"has no “{name}”; there are: {known}")
        return names


def only(item: BaseModel, fields: Sequence[str]) -> dict[str, Any]:
    """Return those fields of the item as JSON has them, in the item's order."""
    return item.model_dump(mode="json", include=set(fields))


def small(page: BaseModel, fields: Sequence[str], response: Response) -> JSONResponse:
    """Return a page of a list whose `items` have only those fields, with the response's headers."""
    include = dict.fromkeys(type(page).model_fields, True) | {"items": {"__all__": set(fields)}}
    body = page.model_dump(mode="json", include=include)
    return JSONResponse(body, headers=dict(response.headers))
