"""Pages for logging in by the provider, and out of it."""

import logging

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from livingdocs_import.oidc import identities
from livingdocs_import.oidc.provider import FAILURES, provider

log = logging.getLogger(__name__)

BACKEND = "livingdocs_import.security.password_hashing.OneAtATime"  # that reads the user of a session
_NEXT, _IS_EXTERNAL = "oidc_next", "oidc_login"  # kept in the session


@never_cache
@require_GET
def log_in(request: HttpRequest) -> HttpResponse:
    """To the provider."""
    request.session[_NEXT] = _local(request, request.GET.get("next", ""))
    try:
        return provider().begin(request, settings.PUBLIC_URL + reverse("oidc_callback"))
    except FAILURES as error:
        return _failed(request, error, "The provider does not answer as it should. Try again later.")


@never_cache
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Back from the provider, with a code that works once."""
    try:
        claims = provider().claims(request)
        user = identities.user_of(settings.OIDC_ISSUER, claims)
    except identities.NotAdmitted as why:
        return _failed(request, why, f"You cannot log in: {why}.")
    except FAILURES as error:
        return _failed(request, error, "Logging in failed. Try it once more.")
    following = request.session.pop(_NEXT, "") or settings.LOGIN_REDIRECT_URL
    login(request, user, backend=BACKEND)
    request.session[_IS_EXTERNAL] = True
    return HttpResponseRedirect(_local(request, following))


@never_cache
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Out of this service; a link leads on to the log-out of the provider.

    A redirect would be refused by the Content-Security-Policy of the page that the form was on.
    """
    url = ""
    if request.session.get(_IS_EXTERNAL):
        try:
            url = provider().end_session_url(settings.PUBLIC_URL + settings.LOGIN_REDIRECT_URL)
        except FAILURES as error:
            log.warning("no log-out page of the provider: %.200r", error)
    return admin.site.logout(request, {"provider_logout": url, "provider_name": settings.OIDC_NAME})


def _failed(request: HttpRequest, error: Exception, text: str) -> HttpResponse:
    log.warning("a log-in by OpenID Connect failed: %s: %.300r", type(error).__name__, str(error))
    messages.error(request, text)
    return HttpResponseRedirect(reverse("admin:login"))


def _local(request: HttpRequest, address: str) -> str:
    """An address of this admin; the first page instead of any other."""
    is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts=None) and address.startswith(settings.ADMIN_PATH)
    return address if is_ours else settings.LOGIN_REDIRECT_URL
