-- Functions, procedures and aggregates. $1: their oids, or NULL for all.
SELECT 'p', p.oid, 0::oid,
    CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END,
    {name n.nspname p.proname} || '(' || pg_get_function_identity_arguments(p.oid) || ')',
    concat_ws(chr(10),
        CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) ELSE (
            SELECT concat_ws(chr(10),
                'returns ' || pg_get_function_result(p.oid),
                format('sfunc %s, stype %s, finalfunc %s (%s%s), combinefunc %s, serialfunc %s, deserialfunc %s', a.aggtransfn,
                    format_type(a.aggtranstype, NULL), a.aggfinalfn, a.aggfinalmodify, a.aggfinalextra, a.aggcombinefn,
                    a.aggserialfn, a.aggdeserialfn),
                format('msfunc %s, minvfunc %s, mstype %s, mfinalfunc %s (%s%s)', a.aggmtransfn, a.aggminvtransfn,
                    format_type(a.aggmtranstype, NULL), a.aggmfinalfn, a.aggmfinalmodify, a.aggmfinalextra),
                format('kind %s, direct %s, sspace %s, mspace %s, parallel %s', a.aggkind, a.aggnumdirectargs, a.aggtransspace,
                    a.aggmtransspace, p.proparallel),
                'sortop ' || nullif(a.aggsortop, 0)::regoperator,
                'initcond ' || a.agginitval, 'minitcond ' || a.aggminitval)
            FROM pg_aggregate a WHERE a.aggfnoid = p.oid) END,
        {owner p.proowner},
        CASE WHEN p.proacl IS NOT NULL THEN {acl p.proacl f p.proowner} END,
        {comment p.oid pg_proc})
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.oid >= 16384 AND n.nspname !~ '^pg_' {among p.oid} AND NOT {member p.oid pg_proc}
    -- The constructors of ranges come with their type.
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
