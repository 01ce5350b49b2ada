"""Actions on more rows than one request carries out: chosen in a list, frozen, confirmed, and done by workers."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from livingdocs_import import errors
from livingdocs_import.admin.pages import Listed
from livingdocs_import.models import Operation, Project, SelectedRow
from livingdocs_import.operations import steps
from livingdocs_import.operations.kinds import Batch, BatchResult, FailedRow, Kind, Question, RowFailed, kinds
from livingdocs_import.validation.json_reader import InvalidConfig

log = logging.getLogger(__name__)

NOT_ALLOWED = "your role in the project does not allow it"
FAILURES = (RowFailed, InvalidConfig, errors.Unavailable, errors.ApiError)  # of one row: the others go on
CHOOSE_A_PROJECT = (
    f"More than {steps.MAX_AT_ONCE} rows of several projects are selected, and nothing was done: choose one project."
)


def reasons(error: Exception) -> Sequence[str]:
    """Why an action failed on an object, in sentences for the operator."""
    match error:
        case RowFailed():
            return [str(sentence) for sentence in error.args]
        case InvalidConfig():
            return ["the project's configuration cannot be used", str(error)]
        case errors.Unavailable():
            return [f"try again later: {error}"]
        case errors.ApiError():
            return [str(error.details.get("message", error))]
    return ["an internal error, see the log"]


def freeze(
    request: HttpRequest, rows: QuerySet[Any], kind: Kind, project_path: str, *, of_all: bool
) -> HttpResponse | None:
    """Freeze a selection and lead to the question; None, with a message, if it cannot be.

    `project_path`: the look-up from a row to its project; "" if it has none. `of_all`: whether the user may act on
    rows of several projects at once. Others could not see such an operation.
    """
    project, rows, is_one = _project_of(rows, project_path)
    if not is_one and not of_all:
        messages.error(request, CHOOSE_A_PROJECT)
        return None
    try:
        operation = steps.freeze(rows, kind, user=request.user, project=project)
    except steps.TooManySelected as error:
        messages.error(request, f"Nothing was done: {error}. Choose fewer with a filter.")
        return None
    return HttpResponseRedirect(reverse("admin:livingdocs_import_operation_begin", args=[operation.pk]))


def _project_of(rows: QuerySet[Any], path: str) -> tuple[Project | None, QuerySet[Any], bool]:
    """The only project of the rows, and the rows of it; whether there is no other."""
    if not path:
        return None, rows, False
    found = list(rows.order_by().values_list(path, flat=True).distinct()[:2])
    if len(found) != 1:
        return None, rows, False
    return Project.objects.get(pk=found[0]), rows.filter(**{path: found[0]}), True


class InBackground(Listed):
    """The part of WithActions for many rows: a kind of operation for each action of the list."""

    object_actions: ClassVar[Mapping[str, Any]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for action in self.object_actions.values():
            if action.listed:
                kinds.register(self._kind(action))

    def _kind(self, action: Any) -> Kind:
        return Kind(
            name=f"{self.opts.app_label}.{self.opts.model_name}.{action.name}",
            label=f"{action.label.partition(':')[0]}: {self.opts.verbose_name_plural}",
            permission=f"{self.opts.app_label}.{action.permission}_{self.opts.model_name}",
            carry_out=lambda batch: self.carry_out(action, batch),
            ask=lambda operation: self.question(action, operation),
            rows=action.rows_of_a_batch,
            back=f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist",
        )

    # --- In the request

    def selected(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        """What "all that match" selects. `rows`: what the list shows, which may be the newest ones only."""
        return rows

    def freeze(self, request: HttpRequest, action: Any, rows: QuerySet[Any]) -> HttpResponse | None:
        """Lead to the question about many rows, as far as the user may act on them."""
        allowed = self.projects(request, action.permission)
        mine = rows.filter(allowed.within(self.access.path))
        return freeze(request, mine, self._kind(action), self.access.path, of_all=allowed.is_everything)

    def examples(self, operation: Operation) -> Sequence[Any]:
        """Rows that stand for all of a selection: what is asked about them is asked about all. Here: the first."""
        first = SelectedRow.objects.filter(operation=operation).order_by("batch", "key").values_list("key", flat=True)
        return list(self._rows().filter(pk__in=list(first[:1])))

    def question(self, action: Any, operation: Operation) -> Question:
        """What is asked about a frozen selection."""
        examples = self.examples(operation)
        sentences = dict.fromkeys(text for row in examples if action.fits(row) and (text := action.question_about(row)))
        form = (lambda data: action.inputs(examples, data)) if action.inputs and examples else None
        return Question(list(sentences), form, action.destructive)

    # --- In a worker

    def _rows(self) -> QuerySet[Any]:
        related: Any = self.list_select_related
        rows: QuerySet[Any] = self.model._default_manager.order_by("pk")
        return rows.select_related(*related) if related else rows

    def carry_out(self, action: Any, batch: Batch) -> BatchResult:
        """Do with each row what the action does with one, if the user still may and it still applies."""
        result, changed, permission = BatchResult(), [], self._kind(action).permission
        for row in self._rows().filter(pk__in=batch.keys):
            if not batch.user.has_perm(permission, self.owner(row)):
                result.failed.append(FailedRow(row.pk, self.named(row), NOT_ALLOWED))
            elif action.fits(row):
                failed = attempt(lambda row=row: action.do(row, batch.by, **batch.inputs))  # type: ignore[misc]
                if failed:
                    result.failed.append(FailedRow(row.pk, self.named(row), failed))
                else:
                    changed.append(self.owner(row))
        result.done = len(changed)
        LogEntry.objects.log_actions(batch.user.pk, changed, CHANGE, action.history or action.label)
        return result

    def owner(self, thing: Any) -> Any:
        """The row that has the object on its page and in its history."""
        return thing

    def named(self, thing: Any) -> str:
        """The object's name in a sentence."""
        return str(thing)


def attempt(do: Callable[[], object]) -> str:
    """Do something with one row; why it failed, or "". A lost connection to the database, or a deadlock, is raised."""
    try:
        with transaction.atomic():
            do()
    except FAILURES as error:
        return ". ".join(reasons(error))
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("an operation failed on a row")
        return ". ".join(reasons(error))
    return ""
