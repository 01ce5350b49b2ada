"""Logging in by OpenID Connect, against a provider that is a real HTTP server, and that may lie (THR-15)."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from joserfc.jwk import OctKey

from livingdocs_import.models import ExternalIdentity, Membership
from livingdocs_import.oidc.provider import provider as ours
from livingdocs_import.security import role_mapping
from tests.api_client import Caller
from tests.oidc_provider import ANOTHER_KEY, CLIENT, NEXT_KEY, SECRET, Provider
from tests.operators import operator

LOGIN, CALLBACK = "/admin/oidc/login/", "/admin/oidc/callback/"


@pytest.fixture
def provider(db: None, settings: Any) -> Iterator[Provider]:
    with Provider() as running, ours.fresh():
        settings.ROOT_URLCONF = "tests.livingdocs_import.oidc.urls"
        settings.FETCH_ALLOWED_NETWORKS = [running.address]
        settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = running.issuer, CLIENT, SECRET
        settings.OIDC_NAME = "Desk accounts"
        yield running


def way_back(client: Client, provider: Provider, **query: str) -> str:
    """The address to which the provider sends the browser."""
    return provider.authorize(client.get(LOGIN, query)["Location"]).removeprefix("http://testserver")


def log_in(client: Client, provider: Provider, **query: str) -> Any:
    return client.get(way_back(client, provider, **query))


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def refusal(client: Client, answer: Any) -> str:
    """The message of the log-in page."""
    assert not is_in(client)
    assert answer["Location"] == "/admin/login/"
    return str(client.get("/admin/login/").content.decode())


def test_a_user_without_a_role_is_in_and_sees_no_project(times: Caller, provider: Provider) -> None:
    client = Client()
    page = client.get("/admin/", follow=True).content.decode()
    assert f'href="{LOGIN}?next=%2Fadmin%2F"' in page
    assert "Log in with Desk accounts" in page
    provider.claims = {"preferred_username": "mara@desk.example", "given_name": "Mara", "email": "boss@desk.example"}
    answer = log_in(client, provider)
    assert answer["Location"] == "/admin/"
    user = User.objects.get()
    assert (user.first_name, user.is_staff, user.is_superuser) == ("Mara", True, False)
    assert user.username.startswith("mara-")
    assert not user.has_usable_password()
    page = client.get("/admin/").content.decode()
    assert "No project yet" in page
    assert user.username in page
    assert client.get("/admin/imports/importjob/").status_code == 403


def test_the_same_subject_is_the_same_user_whatever_it_is_called(provider: Provider) -> None:
    for name in ("mara", "otto"):
        provider.claims = {"preferred_username": name}
        log_in(Client(), provider)
    assert User.objects.count() == 1
    provider.subject = "sub-2"
    log_in(Client(), provider)
    assert User.objects.count() == 2


@pytest.mark.parametrize(
    "claims", [{"email": "boss@desk.example", "email_verified": True}, {"preferred_username": "boss"}]
)
def test_no_name_and_no_address_finds_an_existing_user(provider: Provider, claims: dict[str, Any]) -> None:
    User.objects.create_superuser("boss", "boss@desk.example", "pw")
    client = Client()
    provider.claims = claims
    log_in(client, provider)
    assert not User.objects.get(pk=client.session["_auth_user_id"]).is_superuser
    assert User.objects.get(pk=client.session["_auth_user_id"]).username != "boss"


def test_a_superuser_links_an_existing_user(provider: Provider) -> None:
    boss = User.objects.create_superuser("boss")
    ExternalIdentity.objects.create(user=boss, issuer=provider.issuer, subject="sub-1")
    client = Client()
    log_in(client, provider)
    assert client.session["_auth_user_id"] == str(boss.pk)
    assert ExternalIdentity.objects.get().last_used_at is not None
    assert "sub-1" in operator().get(f"/admin/auth/user/{boss.pk}/change/").content.decode()


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
def test_who_was_shut_out_stays_out(provider: Provider, change: dict[str, bool]) -> None:
    log_in(Client(), provider)
    User.objects.update(**change)
    client = Client()
    assert "You cannot log in" in refusal(client, log_in(client, provider))


LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"claims": {"nonce": "other"}},
    "no nonce": {"claims": {"nonce": None}},
    "another audience": {"claims": {"aud": "other"}},
    "no audience": {"claims": {"aud": None}},
    "another issuer": {"claims": {"iss": "https://other.example"}},
    "no issuer": {"claims": {"iss": None}},
    "expired": {"claims": {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200}},
    "no end": {"claims": {"exp": None}},
    "no subject": {"claims": {"sub": None}},
    "a subject that is no text": {"claims": {"sub": 5}},
    "a subject that is empty": {"claims": {"sub": ""}},
    "another key": {"key": ANOTHER_KEY},
    "no signature": {"header": {"alg": "none"}},
    "a secret that the client knows": {
        "key": OctKey.import_key(SECRET * 4),
        "header": {"alg": "HS256", "kid": "first"},
    },
    "an unknown key": {"header": {"alg": "RS256", "kid": "unknown"}},
    "no ID token": {"token_answer": {"id_token": None}},
    "claims beside the ID token": {"token_answer": {"id_token": None, "userinfo": {"sub": "sub-1"}}},
    "an ID token that is none": {"token_answer": {"id_token": "x.y.z"}},
    "metadata of another issuer": {"metadata": {"issuer": "https://other.example"}},
    "metadata without an issuer": {"metadata": {"issuer": None}},
    "no address of keys": {"metadata": {"jwks_uri": None}},
    "keys in a file": {"metadata": {"jwks_uri": "file:///etc/passwd"}},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_refused(provider: Provider, lie: str) -> None:
    vars(provider).update(LIES[lie])
    client = Client()
    answer = client.get(LOGIN)
    if answer["Location"] != "/admin/login/":
        answer = client.get(provider.authorize(answer["Location"]).removeprefix("http://testserver"))
    refusal(client, answer)
    assert not User.objects.exists()


def test_keys_inside_the_network_are_not_asked_for(provider: Provider) -> None:
    """The provider may be taken over: its metadata lead nowhere but to public addresses, or those that are allowed."""
    with Provider() as inside:
        provider.metadata = {"jwks_uri": f"{inside.issuer}/keys"}
        client = Client()
        refusal(client, log_in(client, provider))
        assert inside.asked == []


def test_a_code_works_once(provider: Provider) -> None:
    client = Client()
    back = way_back(client, provider)
    assert client.get(back)["Location"] == "/admin/"
    client.post("/admin/logout/")
    assert client.get(back)["Location"] == "/admin/login/"
    assert provider.asked.count("/token") == 1, "without its state the code is not even tried"


def test_a_code_that_the_provider_has_seen_is_refused_there(provider: Provider) -> None:
    first, second = Client(), Client()
    used, other = way_back(first, provider), way_back(second, provider)
    first.get(used)
    code = used.partition("code=")[2].partition("&")[0]
    mixed = f"{CALLBACK}?code={code}&{other.partition('&')[2]}"
    refusal(second, second.get(mixed))
    assert provider.refused == ["the code is unknown or was used"]


def test_an_answer_that_another_browser_began_is_refused(provider: Provider) -> None:
    """An attacker who sends their own code logs no other user in."""
    back = way_back(Client(), provider)
    victim = Client()
    victim.get(LOGIN)
    refusal(victim, victim.get(back))
    assert "/token" not in provider.asked


@pytest.mark.parametrize(
    "query", ["", "code=x", "state=x", "code=x&state=x", "error=access_denied&state=x", "code=%00&state=%00"]
)
def test_a_call_that_the_provider_did_not_make_is_refused(provider: Provider, query: str) -> None:
    client = Client()
    refusal(client, client.get(f"{CALLBACK}?{query}"))


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/admin\\@evil.example",
        "/api/",
        "",
    ],
)
def test_it_leads_to_no_other_site(provider: Provider, address: str) -> None:
    assert log_in(Client(), provider, next=address)["Location"] == "/admin/"


def test_it_leads_back_to_the_page_that_was_asked_for(provider: Provider) -> None:
    assert (
        log_in(Client(), provider, next="/admin/imports/importjob/?q=1")["Location"] == "/admin/imports/importjob/?q=1"
    )


def test_the_session_is_another_one_after_logging_in(provider: Provider) -> None:
    client = Client()
    back = way_back(client, provider)
    before = client.session.session_key
    client.get(back)
    assert client.session.session_key != before


def test_logging_out_ends_the_session_and_leads_on_to_the_provider(provider: Provider) -> None:
    client = Client()
    log_in(client, provider)
    page = client.post("/admin/logout/").content.decode()
    assert f'href="{provider.issuer}/logout?post_logout_redirect_uri=http%3A%2F%2Ftestserver%2Fadmin%2F' in page
    assert not is_in(client)
    assert client.get("/admin/logout/").status_code == 405
    by_password = operator()
    assert "goes on" not in by_password.post("/admin/logout/").content.decode()


def test_a_provider_that_is_away_is_named(provider: Provider, settings: Any) -> None:
    settings.FETCH_ALLOWED_NETWORKS = []
    client = Client()
    assert "does not answer as it should" in refusal(client, client.get(LOGIN))
    assert provider.asked == []


def test_roles_follow_the_claim_in_the_projects_that_are_mapped(
    times: Caller, herald: Caller, provider: Provider, settings: Any
) -> None:
    settings.OIDC_ROLES = role_mapping.parse(["desk=times:operator", "chiefs=times:administrator", "all=gone:viewer"])
    provider.claims = {"groups": ["desk", "chiefs", 5]}
    log_in(Client(), provider)
    user = User.objects.get()
    Membership.objects.create(user=user, project=herald.project, role="viewer")

    def roles() -> set[tuple[str, str]]:
        return set(Membership.objects.filter(user=user).values_list("project__handle", "role"))

    assert roles() == {("times", "administrator"), ("herald", "viewer")}
    for groups, left in ((["desk"], {("times", "operator")}), ("desk", {("times", "operator")}), ({"desk": 1}, set())):
        provider.claims = {"groups": groups}
        log_in(Client(), provider)
        assert roles() == {*left, ("herald", "viewer")}


def test_without_a_provider_there_is_no_button_and_no_page(db: None) -> None:
    client = Client()
    assert "oidc" not in client.get("/admin/login/").content.decode()
    assert client.get(LOGIN, follow=True).redirect_chain[-1][0].startswith("/admin/login/")


def test_keys_are_fetched_once_and_again_when_the_provider_has_changed_them(provider: Provider) -> None:
    for _ in range(2):
        log_in(Client(), provider)
    assert provider.asked.count("/keys") == 1
    provider.published = [NEXT_KEY]
    provider.key, provider.header = NEXT_KEY, {"alg": "RS256", "kid": "next"}
    client = Client()
    log_in(client, provider)
    assert is_in(client)
    assert provider.asked.count("/keys") == 2
