-- Enums, domains, ranges and base types. $1: their oids, or NULL for all.
SELECT 't', t.oid, 0::oid, CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, {name n.nspname t.typname},
    concat_ws(chr(10),
        CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'r' THEN 'range' WHEN 'p' THEN 'shell' WHEN 'b' THEN
            format('base input %s output %s receive %s send %s length %s by value %s storage %s align %s', t.typinput, t.typoutput,
                t.typreceive, t.typsend, t.typlen, t.typbyval, t.typstorage, t.typalign) END,
        (SELECT string_agg('label ' || quote_literal(e.enumlabel), chr(10) ORDER BY e.enumsortorder)
         FROM pg_enum e WHERE e.enumtypid = t.oid),
        CASE WHEN t.typtype = 'd' THEN concat_ws(' ', 'as ' || format_type(t.typbasetype, t.typtypmod),
            (SELECT 'collate ' || {name k.nspname o.collname} FROM pg_collation o
             JOIN pg_namespace k ON k.oid = o.collnamespace JOIN pg_type b ON b.oid = t.typbasetype
             WHERE o.oid = t.typcollation AND t.typcollation <> b.typcollation),
            CASE WHEN t.typnotnull THEN 'not null' END,
            'default ' || replace(pg_get_expr(t.typdefaultbin, 0), 'CURRENT_TIMESTAMP', 'now()')) END,
        (SELECT string_agg('constraint ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid)
            || coalesce(chr(10) || {comment k.oid pg_constraint}, ''), chr(10) ORDER BY k.conname)
         FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype <> 'n'),
        (SELECT concat_ws(' ', 'subtype ' || format_type(r.rngsubtype, NULL),
            (SELECT 'opclass ' || {name k.nspname o.opcname} FROM pg_opclass o
             JOIN pg_namespace k ON k.oid = o.opcnamespace WHERE o.oid = r.rngsubopc),
            (SELECT 'collate ' || o.collname FROM pg_collation o WHERE o.oid = r.rngcollation),
            'canonical ' || nullif(r.rngcanonical, 0)::regproc, 'subdiff ' || nullif(r.rngsubdiff, 0)::regproc)
         FROM pg_range r WHERE r.rngtypid = t.oid),
        {owner t.typowner},
        CASE WHEN t.typacl IS NOT NULL THEN {acl t.typacl T t.typowner} END,
        {comment t.oid pg_type})
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.oid >= 16384 AND n.nspname !~ '^pg_' AND t.typrelid = 0
    AND (t.typtype IN ('e', 'd', 'r', 'p') OR t.typtype = 'b' AND t.typcategory <> 'A') {among t.oid}
    AND NOT {member t.oid pg_type}
