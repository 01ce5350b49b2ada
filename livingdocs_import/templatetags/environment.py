"""Which installation this is: nobody should cancel a job in production and mean the laptop."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django import template
from django.conf import settings

register = template.Library()


@dataclass(frozen=True)
class Environment:
    """The public address without its scheme, and whether this is a development machine."""

    host: str
    development: bool


@register.simple_tag
def environment() -> Environment:
    return Environment(host=urlsplit(settings.PUBLIC_URL).netloc, development=settings.DEBUG)
