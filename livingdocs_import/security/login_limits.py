"""Refused log-ins: for how long, and the page that the user sees."""

from datetime import datetime
from math import ceil
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

BUSY_SECONDS = 2  # seconds after which a retry is likely to find a free slot


def seconds_locked(username: str | None, address: str | None) -> int:
    """For how many seconds this name is locked out from this address; 0 if it is not."""
    now = timezone.now()
    since = now - settings.AXES_COOLOFF_TIME
    recent: QuerySet[Any] = AccessAttempt.objects.filter(username=username, ip_address=address, attempt_time__gte=since)
    if (recent.aggregate(all=Sum("failures_since_start"))["all"] or 0) < settings.AXES_FAILURE_LIMIT:
        return 0
    newest: datetime = recent.latest("attempt_time").attempt_time
    return max(1, round((newest + settings.AXES_COOLOFF_TIME - now).total_seconds()))


def locked_out(request: Any, response: HttpResponse | None, credentials: dict[str, Any] | None) -> HttpResponse:
    """The page after too many wrong passwords: 429. (AXES_LOCKOUT_CALLABLE)"""
    seconds = seconds_locked((credentials or {}).get("username"), request.axes_ip_address)
    return not_now(request, 429, seconds or round(settings.AXES_COOLOFF_TIME.total_seconds()))


def not_now(request: HttpRequest, status: int, seconds: int) -> HttpResponse:
    """The page of a refused log-in: 429 after too many wrong ones, 503 with too many at once."""
    context = {
        **admin.site.each_context(request),
        "title": "Not now",
        "too_many": status == 429,
        "minutes": ceil(seconds / 60),
    }
    page = render(request, "admin/not_now.html", context, status=status)
    page.headers["Retry-After"] = str(seconds)
    return page
