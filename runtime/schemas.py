"""JSON Schemas of models, as the published contracts show them."""

from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

Schema = dict[str, Any]


class _Plain(GenerateJsonSchema):
    """Without a title for each field, which would only repeat its name."""

    def field_title_should_be_set(self, _schema: Any) -> bool:
        return False


def schema_of(model: Any) -> Schema:
    """The schema of whatever pydantic can check; models that it is made of are under `$defs`."""
    return TypeAdapter(model).json_schema(schema_generator=_Plain)


def inline_schema_of(model: Any) -> Schema:
    """The same without `$defs`, to stand inside another document; the model may not contain itself."""
    schema = schema_of(model)
    inlined: Schema = _inlined(schema, schema.pop("$defs", {}))
    return inlined


def _inlined(value: Any, definitions: Schema) -> Any:
    if isinstance(value, list):
        return [_inlined(part, definitions) for part in value]
    if not isinstance(value, dict):
        return value
    parts = {key: _inlined(part, definitions) for key, part in value.items() if key != "$ref"}
    if "$ref" in value:
        return {**_inlined(definitions[value["$ref"].removeprefix("#/$defs/")], definitions), **parts}
    return parts
