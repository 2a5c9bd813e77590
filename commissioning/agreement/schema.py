"""The JSON Schema of `agreement.yaml`, for editors that complete and check it; made from the models that read it."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from commissioning.agreement.model import Agreement

SCHEMA_ID = "urn:poolbook:agreement:1"


class _AsWritten(GenerateJsonSchema):
    """Values as people write them: amounts and exact numbers as numbers or text, whatever they become inside."""

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        if schema["schema"]["type"] in ("any", "date", "int", "is-instance"):
            return {"type": ["number", "string"]}
        return super().function_before_schema(schema)

    def literal_schema(self, schema: core_schema.LiteralSchema) -> JsonSchemaValue:
        if schema["expected"] == ["1"]:  # the version of the language, which YAML and JSON write as a number
            return {"enum": [1, "1"]}
        return super().literal_schema(schema)

    def is_instance_schema(self, schema: core_schema.IsInstanceSchema) -> JsonSchemaValue:
        return {"type": ["number", "string"]}


def agreement_schema() -> dict[str, Any]:
    """The schema as plain data (draft 2020-12)."""
    schema = Agreement.model_json_schema(schema_generator=_AsWritten)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID,
            **schema, "title": "A Poolbook agreement"}
