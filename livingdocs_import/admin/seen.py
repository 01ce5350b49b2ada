"""A confirmation names the newest revision that its question was about: if there is a newer one, it is asked again."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError


class SeenForm(forms.Form):
    """`seen`: the revision that was the newest when the question was asked."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, newest: int, data: Any = None) -> None:
        super().__init__(data, initial={"seen": newest})
        self._newest = newest

    def clean(self) -> dict[str, Any]:
        """Where it is not the newest one, the question that follows is about the newest."""
        seen = self.cleaned_data.get("seen")
        if seen == self._newest:
            return self.cleaned_data
        self.data = {"seen": self._newest}
        if seen is not None:
            raise ValidationError(f"Meanwhile revision {self._newest} was stored, and nothing was restored.")
        return self.cleaned_data
