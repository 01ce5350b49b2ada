"""A POST that is sent twice is accepted once (spec 2.9)."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.request import Request

from livingdocs_import import errors
from livingdocs_import.models import IdempotentAnswer, Project

REMEMBERED = timedelta(days=7)  # a program that was interrupted may go on after a weekend
KEY_LENGTH = 255
USED_OTHERWISE = "The Idempotency-Key was used with another request"


def idempotent(request: Request, project: Project, accept: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Run `accept` in a transaction and return its response, or the stored response to the same key.

    Without an `Idempotency-Key` header `accept` simply runs.
    """
    key = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
    if not key:
        with transaction.atomic():
            return accept()
    if len(key) > KEY_LENGTH:
        raise errors.Invalid({"Idempotency-Key": f"must NOT have more than {KEY_LENGTH} characters"})
    if not (key.isascii() and key.isprintable()):
        raise errors.Invalid({"Idempotency-Key": "must be printable ASCII"})
    body = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS)
    digest = hashlib.sha256(request.path.encode() + b"\0" + body).hexdigest()
    return answered_once(project, key, digest, accept)


def answered_once(project: Project, key: str, digest: str, accept: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Run `accept` in a transaction and return its response, or the stored response to the same key.

    `digest`: of what is accepted; the same key with another one is a Conflict. A second call while the first is still
    being accepted waits for it at the unique constraint. What is refused is not stored: its transaction is rolled back.
    """
    with transaction.atomic():
        IdempotentAnswer.objects.filter(project=project, key=key, created_at__lt=timezone.now() - REMEMBERED).delete()
        try:
            with transaction.atomic():
                kept = IdempotentAnswer.objects.create(project=project, key=key, digest=digest, answer={})
        except IntegrityError:
            earlier = IdempotentAnswer.objects.get(project=project, key=key)
            if earlier.digest != digest:
                raise errors.Conflict(USED_OTHERWISE) from None
            return dict(earlier.answer)
        kept.answer = accept()
        kept.save(update_fields=["answer"])
        return dict(kept.answer)
