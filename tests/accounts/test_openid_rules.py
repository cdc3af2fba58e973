"""The rules of OpenID Connect: which token holds, whose address counts, and where a sign-in may lead."""

import hmac
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey

from kb.accounts.openid_rules import (
    ALGORITHMS,
    PATIENCE,
    asked,
    begin,
    claims_of,
    must_answer,
    must_be_fresh,
    proven_by,
    refused,
)
from kb.base.errors import Unknown
from kb.base.hashing import to_base64url

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
AT = int(NOW.timestamp())
ISSUER, CLIENT, NONCE = "https://provider.example", "kb", "a nonce"
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
KEYS = KeySet([RSA, ECKey.generate_key("P-256", {"kid": "ec"}), OKPKey.generate_key("Ed25519", {"kid": "okp"})])
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "sub": "subject-1",
    "aud": CLIENT,
    "iat": AT,
    "exp": AT + 300,
    "nonce": NONCE,
    "email": "Lena@Larkfield.example",
    "email_verified": True,
}


def a_token(key: Key = RSA, alg: str = "RS256", kid: str = "rsa", **changed: Any) -> str:
    """A token of the provider; a claim that is changed to None is left out."""
    claims = {name: value for name, value in (CLAIMS | changed).items() if value is not None}
    return jwt.encode({"alg": alg, "kid": kid}, claims, key, algorithms=[alg])


def holds(token: str) -> dict[str, Any]:
    return claims_of(token, KEYS, ISSUER, CLIENT, NONCE, NOW)


def test_a_token_that_holds_tells_who_it_is_about() -> None:
    proven = proven_by(holds(a_token(auth_time=AT - 5)), {})
    assert (proven.issuer, proven.subject, proven.email) == (ISSUER, "subject-1", "lena@larkfield.example")
    assert proven.authenticated == AT - 5


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize(("alg", "kid"), [("ES256", "ec"), ("EdDSA", "okp"), ("Ed25519", "okp")])
def test_other_signatures_of_the_list_hold_too(alg: str, kid: str) -> None:
    assert alg in ALGORITHMS
    assert holds(a_token(KEYS.get_by_kid(kid), alg, kid))["sub"] == "subject-1"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://provider.example/"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": []},
        {"aud": None},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": AT - 60},
        {"exp": None},
        {"exp": "never"},
        {"iat": AT + 61},
        {"iat": None},
        {"nbf": AT + 61},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "s" * 256},
    ],
    ids=str,
)
def test_a_token_with_a_wrong_claim_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(Unknown, match="doesn't hold"):
        holds(a_token(**changed))


@pytest.mark.parametrize(
    "changed",
    [{"aud": [CLIENT]}, {"aud": [CLIENT, "another"], "azp": CLIENT}, {"exp": AT - 59}, {"iat": AT + 60}],
    ids=str,
)
def test_a_minute_between_the_clocks_and_several_audiences_are_no_fault(changed: dict[str, Any]) -> None:
    assert holds(a_token(**changed))["sub"] == "subject-1"


def test_a_signature_outside_the_list_is_refused() -> None:
    for token in (a_token(alg="RS512"), _signed_with_the_public_key(), _unsigned()):
        with pytest.raises(Unknown, match="doesn't hold"):
            holds(token)


def test_a_changed_token_and_no_token_are_refused() -> None:
    head, body, signature = a_token().split(".")
    other = a_token(sub="subject-2").split(".")[1]
    for token in (f"{head}.{other}.{signature}", f"{head}.{body}.", "", "...", "no token", "a.b.c", "é"):
        with pytest.raises(Unknown, match="doesn't hold"):
            holds(token)


def test_a_key_that_is_not_published_is_told_apart_so_that_keys_are_read_anew() -> None:
    fresh = RSAKey.generate_key(2048, {"kid": "next"})
    with pytest.raises(InvalidKeyIdError):
        holds(a_token(fresh, kid="next"))


@pytest.mark.parametrize(
    ("email", "verified", "counts"),
    [
        ("lena@larkfield.example", True, True),
        ("lena@larkfield.example", "true", True),
        ("lena@larkfield.example", False, False),
        ("lena@larkfield.example", "false", False),
        ("lena@larkfield.example", 1, False),
        ("lena@larkfield.example", None, False),
        (["lena@larkfield.example"], True, False),
    ],
)
def test_only_a_verified_address_counts(email: Any, verified: Any, counts: bool) -> None:
    proven = proven_by(holds(a_token(email=email, email_verified=verified)), {})
    assert proven.email == ("lena@larkfield.example" if counts else "")


def test_the_address_may_be_told_beside_the_token_but_only_of_the_same_person() -> None:
    claims = holds(a_token(email=None, email_verified=None))
    told = {"sub": "subject-1", "email": "lena@larkfield.example", "email_verified": True}
    assert proven_by(claims, told).email == "lena@larkfield.example"
    assert proven_by(claims, {}).email == ""
    with pytest.raises(Unknown):
        proven_by(claims, told | {"sub": "subject-2"})


def test_the_question_to_the_provider_is_bound_to_the_attempt() -> None:
    """RFC 7636's own example: this verifier has this challenge (appendix B)."""
    attempt = msgspec.structs.replace(begin(NOW), verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    question = asked(attempt, CLIENT, "https://kb.example/back")
    assert question["code_challenge"] == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert (question["state"], question["nonce"]) == (attempt.state, attempt.nonce)
    assert len({attempt.state, attempt.nonce, begin(NOW).state, begin(NOW).nonce}) == 4
    assert "prompt" not in question


def test_whoever_proves_it_again_must_be_asked_and_the_provider_must_say_when() -> None:
    attempt = begin(NOW, session="s-1")
    question = asked(attempt, CLIENT, "https://kb.example/back")
    assert question["prompt"] == "login"
    assert int(question["max_age"]) <= 60
    must_be_fresh(proven_by(CLAIMS | {"auth_time": AT - 59}, {}), attempt)
    for claims in (CLAIMS, CLAIMS | {"auth_time": AT - 61}, CLAIMS | {"auth_time": "now"}):
        with pytest.raises(Unknown, match="who you are"):
            must_be_fresh(proven_by(claims, {}), attempt)


def test_an_answer_belongs_to_one_attempt_and_comes_in_time() -> None:
    attempt = begin(NOW)
    must_answer(attempt, attempt.state, NOW + PATIENCE)
    for state, at in (
        ("", NOW),
        ("é", NOW),
        (begin(NOW).state, NOW),
        (attempt.state, NOW + PATIENCE + timedelta(seconds=1)),
    ):
        with pytest.raises(Unknown, match="begin it again"):
            must_answer(attempt, state, at)


@pytest.mark.parametrize(
    "to", ["", "https://evil.example", "//evil.example", "/\\evil.example", "/a\\b", "/a\r\nb", "console"]
)
def test_a_sign_in_never_leads_elsewhere(to: str) -> None:
    assert begin(NOW, to).to == "/"


def test_a_sign_in_leads_to_the_page_that_asked() -> None:
    to = begin(NOW, "/console/reviews?topic=cards#first").to
    assert to == "/console/reviews?topic=cards#first"
    assert urlsplit(to).netloc == ""


def test_what_a_provider_says_about_its_error_is_repeated_only_if_it_is_a_plain_word() -> None:
    assert "(access_denied)" in refused("access_denied").message
    assert "<script>" not in refused("<script>").message


def _unsigned() -> str:
    """RFC 7515, `none`."""
    head = to_base64url(b'{"alg":"none"}')
    return f"{head}.{a_token().split('.')[1]}."


def _signed_with_the_public_key() -> str:
    """The public half, which everyone has, taken for the secret of an HMAC."""
    head = to_base64url(b'{"alg":"HS256","kid":"rsa"}')
    signed = f"{head}.{a_token().split('.')[1]}"
    mark = hmac.digest(RSA.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{to_base64url(mark)}"
