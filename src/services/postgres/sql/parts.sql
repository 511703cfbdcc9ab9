-- What belongs to a relation: indexes, constraints, triggers, rules, policies. $1: oids of the relations, or NULL for all.
-- Names of constraints and indexes are not in their definitions: one may be the other under another name.
WITH relation AS (
    SELECT c.oid, {name n.nspname c.relname} AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' {among c.oid}
        AND NOT {member c.oid pg_class}
)
SELECT 'r', r.oid, i.indexrelid, 'index', {name n.nspname c.relname},
    concat_ws(chr(10),
        replace(pg_get_indexdef(i.indexrelid), ' INDEX ' || quote_ident(c.relname) || ' ON ', ' INDEX ON '),
        CASE WHEN NOT i.indisvalid AND c.relkind = 'i' THEN 'invalid' END,
        CASE WHEN i.indisclustered THEN 'clustered' END,
        CASE WHEN i.indisreplident THEN 'replica identity' END,
        (SELECT 'partition of ' || {name k.nspname p.relname}
         FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace k ON k.oid = p.relnamespace
         WHERE h.inhrelid = i.indexrelid),
        (SELECT string_agg('statistics ' || a.attnum || ' ' || a.attstattarget, chr(10) ORDER BY a.attnum)
         FROM pg_attribute a WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0),
        {comment c.oid pg_class})
FROM relation r JOIN pg_index i ON i.indrelid = r.oid JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = r.oid AND k.contype IN ('p', 'u', 'x'))
UNION ALL
SELECT 'r', r.oid, k.oid, 'constraint', r.name || '.' || quote_ident(k.conname),
    concat_ws(chr(10),
        pg_get_constraintdef(k.oid),
        CASE WHEN k.coninhcount > 0 THEN CASE WHEN k.conislocal THEN 'merged' ELSE 'inherited' END END,
        CASE WHEN i.indisclustered THEN 'clustered' END,
        CASE WHEN i.indisreplident THEN 'replica identity' END,
        {comment k.oid pg_constraint},
        {comment i.indexrelid pg_class})
FROM relation r JOIN pg_constraint k ON k.conrelid = r.oid
LEFT JOIN pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
-- A column that may not be null says so itself; constraint triggers are triggers.
WHERE k.contype NOT IN ('n', 't')
UNION ALL
SELECT 'r', r.oid, t.oid, 'trigger', r.name || '.' || quote_ident(t.tgname),
    concat_ws(chr(10), pg_get_triggerdef(t.oid),
        CASE t.tgenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'enabled replica' WHEN 'A' THEN 'enabled always' END,
        {comment t.oid pg_trigger})
FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid
WHERE NOT t.tgisinternal
UNION ALL
SELECT 'r', r.oid, w.oid, 'rule', r.name || '.' || quote_ident(w.rulename),
    concat_ws(chr(10), pg_get_ruledef(w.oid),
        CASE w.ev_enabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'enabled replica' WHEN 'A' THEN 'enabled always' END,
        {comment w.oid pg_rewrite})
FROM relation r JOIN pg_rewrite w ON w.ev_class = r.oid
WHERE w.rulename <> '_RETURN'
UNION ALL
SELECT 'r', r.oid, p.oid, 'policy', r.name || '.' || quote_ident(p.polname),
    concat_ws(chr(10),
        CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END
            || CASE p.polcmd WHEN 'r' THEN ' for select' WHEN 'a' THEN ' for insert' WHEN 'w' THEN ' for update'
                WHEN 'd' THEN ' for delete' ELSE ' for all' END,
        'to ' || (SELECT string_agg({role g.role}, ', ' ORDER BY {role g.role}) FROM unnest(p.polroles) AS g (role)),
        'using (' || pg_get_expr(p.polqual, p.polrelid) || ')',
        'with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')',
        {comment p.oid pg_policy})
FROM relation r JOIN pg_policy p ON p.polrelid = r.oid
