"""The project's own schema, for validators that want `required` in it."""


def complete(schema):
    """Every property is required; here API Gateway's model leaves that to the function, which can name the field."""
    if "properties" in schema:
        schema["required"] = list(schema["properties"])
        for inner in schema["properties"].values():
            complete(inner)
    if "items" in schema:
        complete(schema["items"])
    return schema
