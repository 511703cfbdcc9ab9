-- What one must know of a table to put rows into it: its columns, keys, foreign keys and checks.
WITH RECURSIVE wanted (oid) AS (
    SELECT c.oid FROM pg_class c WHERE c.relkind IN ('r', 'p') AND lower(c.relname) = ANY ({named})
    UNION
    SELECT f.confrelid FROM wanted w JOIN pg_constraint f ON f.conrelid = w.oid AND f.contype = 'f'
), base (oid, below, modifier) AS (
    SELECT t.oid, t.oid, -1 FROM pg_type t WHERE t.typtype <> 'd'
    UNION ALL
    SELECT t.oid, b.below, CASE t.typtypmod WHEN -1 THEN b.modifier ELSE t.typtypmod END
    FROM pg_type t JOIN base b ON b.oid = t.typbasetype WHERE t.typtype = 'd'
), domains (oid, domain) AS (
    SELECT t.oid, t.oid FROM pg_type t WHERE t.typtype = 'd'
    UNION ALL
    SELECT d.oid, t.typbasetype FROM domains d JOIN pg_type t ON t.oid = d.domain WHERE t.typbasetype <> 0
), relation AS (
    SELECT c.oid, CASE n.nspname WHEN 'public' THEN '' ELSE '"' || replace(n.nspname, '"', '""') || '".' END
        || '"' || replace(c.relname, '"', '""') || '"' AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    -- Rows go into a partitioned table, which passes them on.
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.oid >= 16384 AND n.nspname !~ '^pg_'
        AND NOT {member c.oid pg_class} AND c.oid IN (SELECT w.oid FROM wanted w)
), listed AS (
    SELECT '1 column' AS what, r.name, a.attname::text AS a, format_type(a.atttypid, a.atttypmod) AS b, CASE WHEN t.typcategory = 'A' THEN '[]' || (SELECT l.typname FROM pg_type l WHERE l.oid = t.typelem) ELSE t.typname::text END AS c,
        concat(CASE WHEN a.attnotnull OR y.typnotnull THEN 'n' END,
            CASE WHEN a.atthasdef AND a.attgenerated = '' OR a.attidentity <> '' OR y.typdefault IS NOT NULL THEN 'd' END,
            CASE WHEN a.attgenerated <> '' OR a.attidentity = 'a' THEN 'g' END) AS d,
        format_type(b.below, CASE a.atttypmod WHEN -1 THEN b.modifier ELSE a.atttypmod END) AS e,
        (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder)::text FROM pg_enum e
         WHERE e.enumtypid = CASE WHEN t.typelem <> 0 AND t.typlen = -1 THEN t.typelem ELSE t.oid END) AS f,
        a.attnum::int AS place
    FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type y ON y.oid = a.atttypid JOIN base b ON b.oid = a.atttypid JOIN pg_type t ON t.oid = b.below
    UNION ALL
    SELECT CASE WHEN i.indisprimary THEN '2 primary' ELSE '3 unique' END, r.name,
        (SELECT json_agg(a.attname ORDER BY k.place)::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
         JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = k.number WHERE k.place <= i.indnkeyatts),
        NULL, NULL, NULL, NULL, NULL, i.indexrelid::int
    FROM relation r JOIN pg_index i ON i.indrelid = r.oid
    -- An expression names no column; a partial index is more than its columns.
    WHERE i.indisunique AND i.indisvalid AND i.indexprs IS NULL AND i.indpred IS NULL
    UNION ALL
    SELECT '4 foreign', r.name,
        (SELECT json_agg(a.attname ORDER BY k.place)::text FROM unnest(f.conkey) WITH ORDINALITY AS k (number, place)
         JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.number),
        g.name,
        (SELECT json_agg(a.attname ORDER BY k.place)::text FROM unnest(f.confkey) WITH ORDINALITY AS k (number, place)
         JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.number),
        NULL, NULL, NULL, f.oid::int
    FROM relation r JOIN pg_constraint f ON f.conrelid = r.oid AND f.contype = 'f' JOIN relation g ON g.oid = f.confrelid
    UNION ALL
    SELECT '5 check', r.name, pg_get_constraintdef(k.oid), NULL, NULL, NULL, NULL, NULL, k.oid::int
    FROM relation r JOIN pg_constraint k ON k.conrelid = r.oid AND k.contype = 'c'
    UNION ALL
    SELECT DISTINCT '5 check', r.name, replace(pg_get_constraintdef(k.oid), 'VALUE', quote_ident(a.attname)), NULL, NULL, NULL, NULL, NULL, k.oid::int
    FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN domains d ON d.oid = a.atttypid JOIN pg_constraint k ON k.contypid = d.domain AND k.contype = 'c'
)
SELECT what, name, a, b, c, d, e, f FROM listed ORDER BY name, what, place
