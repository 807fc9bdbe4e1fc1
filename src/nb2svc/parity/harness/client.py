"""Sends the proof's requests: run with `python -I` from another directory, so that it can't import the project.

python -I client.py URL requests.json answers.json
"""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Dict


def send(url: str, document: Any) -> Dict[str, Any]:
    """One POST; the status and body that came back, or the error."""
    body = json.dumps(document).encode()
    request = urllib.request.Request(url + "/predict", data=body, headers={"content-type": "application/json"})  # noqa: S310 - our own loopback URL
    try:
        with urllib.request.urlopen(request, timeout=120) as response:  # noqa: S310 - as above
            return {"status": response.status, "body": json.loads(response.read())}
    except urllib.error.HTTPError as error:
        return {"status": error.code, "body": error.read().decode(errors="replace")[:500]}
    except (OSError, ValueError) as error:
        return {"error": type(error).__name__ + ": " + str(error)}


def main() -> None:
    """Send every request of the file and write what came back."""
    url, requests, answers = sys.argv[1:4]
    documents = json.loads(Path(requests).read_text(encoding="utf-8"))
    received = [send(url.rstrip("/"), document) for document in documents]
    Path(answers).write_text(json.dumps(received), encoding="utf-8")


if __name__ == "__main__":
    main()
