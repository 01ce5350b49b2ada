"""The name of the installation and its version, so that an operator does not mistake production for a laptop."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django import template
from django.conf import settings

from livingdocs_import import VERSION

register = template.Library()


@dataclass(frozen=True)
class Environment:
    """The public address without its scheme, whether this is a development machine, and the service's version."""

    host: str
    development: bool
    version: str


@register.simple_tag
def environment() -> Environment:
    return Environment(host=urlsplit(settings.PUBLIC_URL).netloc, development=settings.DEBUG, version=VERSION)


@register.simple_tag
def openid_connect() -> str:
    """The name of the provider by which users log in; "" if there is none."""
    return settings.OIDC_NAME if settings.OIDC_ISSUER else ""
