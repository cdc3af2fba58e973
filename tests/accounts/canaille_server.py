"""A real OpenID provider (Canaille) in a process of its own: `python -m tests.accounts.canaille_server PORT`.

It knows four people, whose password is their name three times, and many clients of ours, one of which it gives tokens that
are meant for another. Each start makes new keys, as a provider that rotates them does. It says `ready` and serves until stopped.
"""

import os
import sys
from datetime import UTC, datetime
from typing import Any
from wsgiref.simple_server import make_server

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # loopback has no certificate; read when Authlib is imported

from canaille import create_app  # type: ignore[import-untyped]
from canaille.app import models  # type: ignore[import-untyped]
from canaille.backends import Backend  # type: ignore[import-untyped]
from joserfc.jwk import JWKRegistry

from tests.accounts.openid_provider import CLIENTS, CONFUSED, PEOPLE, REDIRECT, SECRET, UNVERIFIED


def configured(port: int) -> Any:
    """The provider on this port, which keeps everything in memory."""
    key = JWKRegistry.generate_key("RSA", 2048)
    key.ensure_kid()
    app = create_app(
        config={
            "SECRET_KEY": os.urandom(24).hex(),
            "WTF_CSRF_ENABLED": False,
            "PREFERRED_URL_SCHEME": "http",
            "SERVER_NAME": f"127.0.0.1:{port}",
            "ENV_FILE": None,
            "CANAILLE": {
                "DATABASE": "memory",
                "JAVASCRIPT": False,
                "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"]}},
            },
            "CANAILLE_OIDC": {"ACTIVE_JWKS": [key.as_dict(private=True)]},
        }
    )
    verified = f"{{% if user.user_name != '{UNVERIFIED}' %}}true{{% endif %}}"
    app.config["CANAILLE_OIDC"]["USERINFO_MAPPING"]["EMAIL_VERIFIED"] = verified
    with app.app_context():
        _fill(Backend.instance)
    return app


def _fill(backend: Any) -> None:
    for name in PEOPLE:
        emails = [f"{name}@larkfield.example"]
        backend.save(
            models.User(user_name=name, family_name=name, formatted_name=name, emails=emails, password=name * 3)
        )
    clients = {name: _client(name) for name in (*CLIENTS, CONFUSED)}
    for name, client in clients.items():
        backend.save(client)
        client.audience = [clients[CLIENTS[0] if name == CONFUSED else name]]
        backend.save(client)


def _client(name: str) -> Any:
    return models.Client(
        client_id=name,
        client_secret=SECRET,
        client_name=name,
        client_uri=REDIRECT,
        redirect_uris=[REDIRECT],
        grant_types=["authorization_code"],
        response_types=["code"],
        scope=["openid", "email"],
        token_endpoint_auth_method="client_secret_basic",
        id_token_signed_response_alg="RS256",
        client_id_issued_at=datetime.now(UTC),
    )


def main() -> None:
    """Serve on the port that the command line names."""
    port = int(sys.argv[1])
    with make_server("127.0.0.1", port, configured(port)) as server:
        print("ready", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
