-- Copies what was made through the API once: a column that a later version adds has in every copy what it has there.
SET session_replication_role = replica;

-- {number} items in jobs of fifty, and one job of 10,000. One job of two hundred is open, one of forty is a dry run.
INSERT INTO imports_importjob
SELECT another.* FROM imports_importjob AS one,
    generate_series(1, {number} / 50) AS n, jsonb_populate_record(one, jsonb_build_object(
        'id', one.id + 1000 + n,
        'public_id', 'j' || n,
        'started_at', now() - n * interval '100 seconds',
        'state', CASE WHEN n % 200 = 0 THEN 'started' ELSE 'success' END,
        'finished_at', CASE WHEN n % 200 = 0 THEN NULL ELSE now() - (n - 1) * interval '100 seconds' END,
        'dry_run', n % 40 = 1,
        'total', CASE WHEN n = 7 THEN 10000 ELSE 50 END,
        'success', 40, 'skipped', 5, 'failed', 2,
        'last_claimed_at', now()
    )) AS another
WHERE one.id = (SELECT min(id) FROM imports_importjob WHERE kind = 'images');

INSERT INTO imports_importitem
SELECT another.* FROM imports_importitem AS one,
    imports_importjob AS job, generate_series(1, job.total) AS p, jsonb_populate_record(one, jsonb_build_object(
        'id', 1000000 + job.id * 50 + CASE WHEN job.total > 50 THEN 100000000 + p ELSE p END,
        'job_id', job.id,
        'position', p,
        'external_id', 'item-' || job.id || '-' || p,
        'outcome', CASE
            WHEN p % 20 = 0 THEN 'failed' WHEN p % 10 = 5 THEN 'skipped'
            WHEN job.state = 'started' AND p % 20 = 1 THEN 'open' ELSE 'success' END,
        'reason', CASE WHEN p % 20 = 0 THEN one.reason WHEN p % 10 = 5 THEN 'unchanged' ELSE '' END,
        'cause', CASE WHEN p % 20 = 0 THEN one.cause ELSE '' END,
        'due_at', CASE WHEN job.state = 'started' AND p % 20 = 1 THEN now() + interval '1 hour' END,
        'failed_at', CASE WHEN p % 20 = 0 THEN job.started_at END,
        'resolved_at', CASE WHEN p % 20 = 0 AND job.id % 10 > 0 THEN now() END
    )) AS another
WHERE one.id = (SELECT min(id) FROM imports_importitem WHERE outcome = 'failed') AND job.id > 1000;

INSERT INTO imports_failuregroup
SELECT another.* FROM imports_failuregroup AS one,
    imports_importjob AS job, generate_series(1, 2) AS n, jsonb_populate_record(one, jsonb_build_object(
        'id', one.id + 1000 + job.id * 2 + n,
        'job_id', job.id,
        'host_key', 1 + (job.id * 2 + n) % 5000,
        'host', 'h' || (job.id * 2 + n) % 5000 || '.example:443',
        'failed', 1, 'resolved', CASE WHEN job.id % 10 > 0 THEN 1 ELSE 0 END,
        'first_at', job.started_at,
        'last_at', job.started_at
    )) AS another
WHERE one.id = (SELECT min(id) FROM imports_failuregroup) AND job.id > 1000;

INSERT INTO imports_throughput (hour, project_id, kind, success, skipped, failed, bytes)
SELECT date_trunc('hour', now()) - n * interval '1 hour', project.id, 'images', 100, 5, 5, 1000000
FROM livingdocs_import_project AS project, generate_series(10, 9000) AS n;

-- {number} entries with a change each
INSERT INTO media_library_mediaentry
SELECT another.* FROM media_library_mediaentry AS one,
    generate_series(1, {number}) AS n, jsonb_populate_record(one, jsonb_build_object(
        'id', one.id + 1000 + n,
        'media_id', 'entry' || n,
        'system_name', 'system-' || n % 20,
        'external_id', 'entry-' || n,
        'asset_key', 'key-' || n,
        'revoked', n % 1000 = 0,
        'archived', n % 100 = 1,
        'created_at', now() - n * interval '1 minute',
        'updated_at', now() - n * interval '1 minute'
    )) AS another
WHERE one.id = (SELECT min(id) FROM media_library_mediaentry);

INSERT INTO media_library_indexedentry
SELECT another.* FROM media_library_indexedentry AS one,
    generate_series(1, {number}) AS n, jsonb_populate_record(one, jsonb_build_object(
        'entry_id', one.entry_id + 1000 + n,
        'lexemes', format('%s ''%s·w%s'':31', one.lexemes, one.project_id, n),  -- a word of its own each
        'updated_at', now() - n * interval '1 minute',
        'system_name', 'system-' || n % 20,
        'pixels', n % 10000 * 1000,
        'size', n % 5000 * 1000,
        'lacks_alt', n % 3 = 0
    )) AS another
WHERE one.entry_id = (SELECT min(entry_id) FROM media_library_indexedentry);

INSERT INTO media_library_entrychange
SELECT another.* FROM media_library_entrychange AS one,
    generate_series(1, {number}) AS n, jsonb_populate_record(one, jsonb_build_object(
        'id', one.id + 1000 + n,
        'entry_id', one.entry_id + 1000 + n,
        'at', now() - n * interval '1 minute'
    )) AS another
WHERE one.id = (SELECT min(id) FROM media_library_entrychange);

-- {number} links between entries, of which a tenth leads to the first
INSERT INTO media_library_mediareference (project_id, entry_id, target_type, target_id, property_name, external_system)
SELECT entry.project_id, entry.id, 'image',
    CASE WHEN entry.id % 10 = 0 THEN (SELECT media_id FROM media_library_mediaentry ORDER BY id LIMIT 1)
         ELSE 'entry' || entry.id * 7919 % {number} END, 'original', ''
FROM media_library_mediaentry AS entry;

-- A tenth of that of published documents with five references each; the first entry is used by each tenth
INSERT INTO documents_document
SELECT another.* FROM documents_document AS one,
    generate_series(1, {number} / 10) AS n, jsonb_populate_record(one, jsonb_build_object(
        'id', one.id + 1000 + n,
        'title', 'Article ' || n,
        'current_revision_id', one.current_revision_id + 1000 + n,
        'live_publication_id', one.live_publication_id + 1000 + n,
        'last_publication_date', now() - n * interval '1 minute',
        'updated_at', now() - n * interval '1 minute'
    )) AS another
WHERE one.id = (SELECT min(id) FROM documents_document);

INSERT INTO documents_revision
SELECT another.* FROM documents_revision AS one,
    generate_series(1, {number} / 10) AS n, jsonb_populate_record(one, jsonb_build_object(
        'id', one.id + 1000 + n,
        'document_id', one.document_id + 1000 + n,
        'created_at', now() - n * interval '1 minute'
    )) AS another
WHERE one.id = (SELECT min(id) FROM documents_revision);

INSERT INTO documents_publication
SELECT another.* FROM documents_publication AS one,
    generate_series(1, {number} / 10) AS n, jsonb_populate_record(one, jsonb_build_object(
        'id', one.id + 1000 + n,
        'document_id', one.document_id + 1000 + n,
        'revision_id', one.revision_id + 1000 + n,
        'published_at', now() - n * interval '1 minute'
    )) AS another
WHERE one.id = (SELECT min(id) FROM documents_publication);

INSERT INTO documents_documentreference
SELECT another.* FROM documents_documentreference AS one,
    generate_series(1, {number} / 10) AS n, generate_series(1, 5) AS p, jsonb_populate_record(one, jsonb_build_object(
        'id', one.id + 1000 + n * 5 + p,
        'document_id', one.document_id + 1000 + n,
        'sort_id', one.sort_id + 1000 + n,
        'position', p,
        'target', CASE WHEN p = 1 AND n % 10 = 0 THEN one.target ELSE 'image:entry' || n * 5 + p END
    )) AS another
WHERE one.id = (SELECT min(id) FROM documents_documentreference WHERE scope = 'publication');

-- A fiftieth of that of deliveries, each tried twice; one of a hundred was given up
INSERT INTO livingdocs_import_webhookdelivery
SELECT another.* FROM livingdocs_import_webhookdelivery AS one,
    generate_series(1, {number} / 50) AS n, jsonb_populate_record(one, jsonb_build_object(
        'id', one.id + 1000 + n,
        'delivery_id', 'd' || n,
        'subject', 'job j' || n,
        'state', CASE WHEN n % 100 = 0 THEN 'given up' WHEN n % 101 = 0 THEN 'pending' ELSE 'delivered' END,
        'created_at', now() - n * interval '1 minute',
        'due_at', CASE WHEN n % 100 > 0 AND n % 101 = 0 THEN now() + interval '1 hour' END,
        'ended_at', CASE WHEN n % 100 > 0 AND n % 101 = 0 THEN NULL ELSE now() - n * interval '1 minute' END
    )) AS another
WHERE one.id = (SELECT min(id) FROM livingdocs_import_webhookdelivery);

INSERT INTO livingdocs_import_webhookattempt (delivery_id, at, status, milliseconds, answer, error)
SELECT delivery.id, delivery.created_at, 500, 7, '', '' FROM livingdocs_import_webhookdelivery AS delivery,
    generate_series(1, 2);

SET session_replication_role = origin;

SELECT setval(pg_get_serial_sequence(format('%I', table_name), column_name), 1000000000)
FROM information_schema.columns WHERE identity_generation IS NOT NULL AND table_schema = current_schema();

-- As VACUUM does, which cannot be part of a transaction
SELECT gin_clean_pending_list('media_library_indexedentry_lexemes');

ANALYZE
