#!/usr/bin/env python3
"""Checks the OpenAPI document of a running server: that it is one, and that the server answers as it says.

    check_openapi.py http://127.0.0.1:8080 [ADMIN_TOKEN]

The server has authentication off. Needs openapi-spec-validator (with jsonschema) from PyPI. What is posted: one message
to the room `openapi-check`, and one announcement.
"""

import json
import sys
import urllib.error
import urllib.request

from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

BODIES = {
    "/api/users/{user}/disconnect": {"reason": "a check"},
    "/api/revocations": {"jti": "a-check"},
    "/api/publish": {"room": "openapi-check", "content": "a check", "sender": "checker"},
    "/api/announce": {"content": "a check"},
}
NAMES = {"user": "nobody-of-this-name", "room": "openapi-check"}


def ask(base, token, method, path, body=None):
    request = urllib.request.Request(base + path, method=method)
    if token:
        request.add_header("Authorization", "Bearer " + token)
    data = json.dumps(body).encode() if body is not None else None
    try:
        answer = urllib.request.urlopen(request, data, timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, answer.headers.get("Content-Type", ""), answer.read().decode()


def check(document, base, token, method, path, operation):
    """Returns what is wrong with the answer of one operation."""
    target = path
    for name, value in NAMES.items():
        target = target.replace("{" + name + "}", value)
    status, kind, text = ask(base, token, method.upper(), target, BODIES.get(path))
    response = operation["responses"].get(str(status))
    if response is None:
        return [f"{method} {path}: {status} is not in the document: {text[:200]}"]
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    schema = response.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return []
    if not kind.startswith("application/json"):
        return [f"{method} {path}: {status} is {kind}"]
    whole = {**schema, "components": document["components"]}
    return [
        f"{method} {path}: {status}: {error.json_path}: {error.message}"
        for error in Draft202012Validator(whole).iter_errors(json.loads(text))
    ]


def main():
    base = sys.argv[1].rstrip("/")
    token = sys.argv[2] if len(sys.argv) > 2 else None
    document = json.loads(ask(base, token, "GET", "/api/openapi.json")[2])
    validate(document)
    found = []
    count = 0
    # What is posted first can be read afterwards.
    for method in ("post", "get"):
        for path, item in document["paths"].items():
            if method in item:
                count += 1
                found += check(document, base, token, method, path, item[method])
    print("\n".join(found) or f"{count} operations answer as the document says")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
