"""Bulk imports: a file of any size becomes jobs, batch by batch, and can be interrupted at any moment (docs/adr/0036).

    reading ─► mapping ─► checking ─► plan_file ─► batching ─► run (state_file, service) ─► failures_file

| Module | Answers |
|---|---|
| `reading/` | What are the rows of a CSV, TSV, NDJSON or XLSX file, and at which place is one that is none? |
| `kinds.py`, `shapes.py`, `mapping.py` | Which property is a column, and what is the item of a row? |
| `checking.py` | What would the API refuse of an item? |
| `batching.py` | Which rows go together? The same input always gives the same batches. |
| `repeated_ids.py` | Which ids come twice? |
| `state_file.py` | Which batches were posted, and under which keys? |
| `service.py`, `local_service.py`, `remote_service.py` | What is asked of the service: a Protocol, and its two sides |
| `read_ahead.py` | Which batch is read while one is posted? |
| `pipeline.py`, `run.py` | Rows as checked items; what is done with them, and in which order |
| `plan_file.py`, `reconcile.py` | What would an import do, and what do input and service disagree about? |
| `failures_file.py`, `report.py`, `progress.py` | What is left to be imported, and what is shown? |
"""
