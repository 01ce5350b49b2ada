"""Users as an OpenID Connect provider knows them."""

from django.conf import settings
from django.db import models


class ExternalIdentity(models.Model):
    """A subject of an issuer, and the user who logs in by it. Nothing else of a token identifies a user."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="identities")
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)  # null: never used

    class Meta:
        verbose_name_plural = "external identities"
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="one_user_for_a_subject")]

    def __str__(self) -> str:
        return f"{self.subject} of {self.issuer}"
