-- Everything that is rare.
SELECT 'x', 0::oid, 0::oid, kind, name, definition FROM (
SELECT 'schema' AS kind, quote_ident(n.nspname) AS name,
    concat_ws(chr(10), {owner n.nspowner}, CASE WHEN n.nspacl IS NOT NULL THEN {acl n.nspacl n n.nspowner} END,
        CASE WHEN n.oid >= 16384 OR obj_description(n.oid, 'pg_namespace') <> 'standard public schema'
            THEN {comment n.oid pg_namespace} END) AS definition
FROM pg_namespace n
WHERE (n.oid >= 16384 OR n.nspname = 'public') AND n.nspname !~ '^pg_' AND NOT {member n.oid pg_namespace}
UNION ALL
SELECT 'extension', quote_ident(e.extname),
    concat_ws(chr(10), 'version ' || e.extversion, 'schema ' || quote_ident(n.nspname), {comment e.oid pg_extension})
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.oid >= 16384
UNION ALL
SELECT 'setting', s.setting, CASE WHEN d.setrole = 0 THEN 'of the database' ELSE 'of ' || {role d.setrole} END
FROM pg_db_role_setting d CROSS JOIN unnest(d.setconfig) AS s (setting)
WHERE d.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
    OR d.setdatabase = 0 AND d.setrole = (SELECT datdba FROM pg_database WHERE datname = current_database()) AND s.setting !~ '^temp_file_limit='
UNION ALL
SELECT 'database', 'the database',
    concat_ws(chr(10), CASE WHEN d.datacl IS NOT NULL THEN {acl d.datacl d d.datdba} END,
        'comment ' || quote_literal(shobj_description(d.oid, 'pg_database')))
FROM pg_database d WHERE d.datname = current_database()
UNION ALL
SELECT 'default privileges', concat_ws(' ', {role a.defaclrole}, 'in ' || quote_ident(n.nspname), 'on ' || a.defaclobjtype::text),
    CASE a.defaclnamespace WHEN 0 THEN
        CASE a.defaclobjtype WHEN 'S' THEN {acl a.defaclacl s a.defaclrole} WHEN 'f' THEN {acl a.defaclacl f a.defaclrole}
            WHEN 'T' THEN {acl a.defaclacl T a.defaclrole} WHEN 'n' THEN {acl a.defaclacl n a.defaclrole}
            ELSE {acl a.defaclacl r a.defaclrole} END
    ELSE (SELECT string_agg('grant ' || lower(x.privilege_type) || ' to ' || {role x.grantee}
        || CASE WHEN x.is_grantable THEN ' with grant option' ELSE '' END, chr(10) ORDER BY x.privilege_type, {role x.grantee})
        FROM aclexplode(a.defaclacl) x) END
FROM pg_default_acl a LEFT JOIN pg_namespace n ON n.oid = a.defaclnamespace
UNION ALL
SELECT 'operator', {name n.nspname o.oprname} || ' (' || format_type(nullif(o.oprleft, 0), NULL) || ', ' || format_type(nullif(o.oprright, 0), NULL) || ')',
    concat_ws(chr(10), format('function %s restrict %s join %s commutator %s negator %s hashes %s merges %s', o.oprcode, o.oprrest,
        o.oprjoin, o.oprcom::regoperator, o.oprnegate::regoperator, o.oprcanhash, o.oprcanmerge), {owner o.oprowner}, {comment o.oid pg_operator})
FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
WHERE o.oid >= 16384 AND NOT {member o.oid pg_operator}
UNION ALL
SELECT 'cast', format_type(c.castsource, NULL) || ' as ' || format_type(c.casttarget, NULL),
    concat_ws(chr(10), format('method %s context %s function %s', c.castmethod, c.castcontext, nullif(c.castfunc, 0)::regprocedure), {comment c.oid pg_cast})
FROM pg_cast c WHERE c.oid >= 16384 AND NOT {member c.oid pg_cast}
    -- Those of a range to its multirange come with the type.
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'i')
UNION ALL
SELECT 'operator family', {name n.nspname f.opfname} || ' using ' || m.amname,
    concat_ws(chr(10),
        (SELECT string_agg(format('operator %s %s %s %s', o.amopstrategy, o.amopopr::regoperator, o.amoppurpose, o.amopsortfamily), chr(10)
            ORDER BY o.amopstrategy, o.amoplefttype, o.amoprighttype) FROM pg_amop o WHERE o.amopfamily = f.oid),
        (SELECT string_agg(format('function %s %s', p.amprocnum, p.amproc), chr(10)
            ORDER BY p.amprocnum, p.amproclefttype, p.amprocrighttype) FROM pg_amproc p WHERE p.amprocfamily = f.oid),
        {owner f.opfowner}, {comment f.oid pg_opfamily})
FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am m ON m.oid = f.opfmethod
WHERE f.oid >= 16384 AND NOT {member f.oid pg_opfamily}
UNION ALL
SELECT 'operator class', {name n.nspname o.opcname} || ' using ' || m.amname,
    concat_ws(chr(10), format('for %s family %s key %s', format_type(o.opcintype, NULL),
        (SELECT f.opfname FROM pg_opfamily f WHERE f.oid = o.opcfamily), format_type(nullif(o.opckeytype, 0), NULL)),
        CASE WHEN o.opcdefault THEN 'default' END, {owner o.opcowner}, {comment o.oid pg_opclass})
FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace JOIN pg_am m ON m.oid = o.opcmethod
WHERE o.oid >= 16384 AND NOT {member o.oid pg_opclass}
UNION ALL
SELECT 'collation', {name n.nspname c.collname},
    concat_ws(chr(10), concat_ws(' ', 'provider ' || c.collprovider::text, CASE WHEN NOT c.collisdeterministic THEN 'nondeterministic' END,
        {collation}), {owner c.collowner}, {comment c.oid pg_collation})
FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
WHERE c.oid >= 16384 AND n.nspname !~ '^pg_' AND NOT {member c.oid pg_collation}
UNION ALL
SELECT 'conversion', {name n.nspname c.conname},
    concat_ws(chr(10), format('from %s to %s function %s', pg_encoding_to_char(c.conforencoding), pg_encoding_to_char(c.contoencoding), c.conproc),
        CASE WHEN c.condefault THEN 'default' END, {owner c.conowner})
FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace
WHERE c.oid >= 16384 AND NOT {member c.oid pg_conversion}
UNION ALL
SELECT 'language', quote_ident(l.lanname),
    concat_ws(chr(10), CASE WHEN l.lanpltrusted THEN 'trusted' END, format('handler %s inline %s validator %s', nullif(l.lanplcallfoid, 0)::regproc,
        nullif(l.laninline, 0)::regproc, nullif(l.lanvalidator, 0)::regproc), {owner l.lanowner},
        CASE WHEN l.lanacl IS NOT NULL THEN {acl l.lanacl l l.lanowner} END)
FROM pg_language l WHERE l.oid >= 16384 AND NOT {member l.oid pg_language}
UNION ALL
SELECT 'text search configuration', {name n.nspname c.cfgname},
    concat_ws(chr(10), 'parser ' || (SELECT p.prsname FROM pg_ts_parser p WHERE p.oid = c.cfgparser),
        (SELECT string_agg(format('%s %s %s', m.maptokentype, m.mapseqno, (SELECT d.dictname FROM pg_ts_dict d WHERE d.oid = m.mapdict)), chr(10)
            ORDER BY m.maptokentype, m.mapseqno) FROM pg_ts_config_map m WHERE m.mapcfg = c.oid),
        {owner c.cfgowner}, {comment c.oid pg_ts_config})
FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace
WHERE c.oid >= 16384 AND NOT {member c.oid pg_ts_config}
UNION ALL
SELECT 'text search dictionary', {name n.nspname d.dictname},
    concat_ws(chr(10), 'template ' || (SELECT t.tmplname FROM pg_ts_template t WHERE t.oid = d.dicttemplate), d.dictinitoption,
        {owner d.dictowner}, {comment d.oid pg_ts_dict})
FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace
WHERE d.oid >= 16384 AND NOT {member d.oid pg_ts_dict}
UNION ALL
SELECT 'text search parser', {name n.nspname p.prsname},
    format('start %s token %s end %s headline %s lextype %s', p.prsstart, p.prstoken, p.prsend, p.prsheadline, p.prslextype)
FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace
WHERE p.oid >= 16384 AND NOT {member p.oid pg_ts_parser}
UNION ALL
SELECT 'text search template', {name n.nspname t.tmplname}, format('init %s lexize %s', t.tmplinit, t.tmpllexize)
FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace
WHERE t.oid >= 16384 AND NOT {member t.oid pg_ts_template}
UNION ALL
SELECT 'foreign data wrapper', quote_ident(w.fdwname),
    concat_ws(chr(10), format('handler %s validator %s', nullif(w.fdwhandler, 0)::regproc, nullif(w.fdwvalidator, 0)::regproc),
        'options (' || array_to_string(w.fdwoptions, ', ') || ')', {owner w.fdwowner},
        CASE WHEN w.fdwacl IS NOT NULL THEN {acl w.fdwacl F w.fdwowner} END)
FROM pg_foreign_data_wrapper w WHERE w.oid >= 16384 AND NOT {member w.oid pg_foreign_data_wrapper}
UNION ALL
SELECT 'server', quote_ident(s.srvname),
    concat_ws(chr(10), 'wrapper ' || (SELECT w.fdwname FROM pg_foreign_data_wrapper w WHERE w.oid = s.srvfdw), 'type ' || s.srvtype,
        'version ' || s.srvversion, 'options (' || array_to_string(s.srvoptions, ', ') || ')', {owner s.srvowner},
        CASE WHEN s.srvacl IS NOT NULL THEN {acl s.srvacl S s.srvowner} END, {comment s.oid pg_foreign_server})
FROM pg_foreign_server s WHERE s.oid >= 16384 AND NOT {member s.oid pg_foreign_server}
UNION ALL
-- Its options may hold a password: their names only.
SELECT 'user mapping', m.usename || ' on ' || quote_ident(m.srvname),
    (SELECT string_agg(split_part(o.option, '=', 1), ', ' ORDER BY o.option) FROM unnest(m.umoptions) AS o (option))
FROM pg_user_mappings m WHERE m.umid >= 16384
UNION ALL
SELECT 'publication', quote_ident(p.pubname),
    concat_ws(chr(10), CASE WHEN p.puballtables THEN 'for all tables' END,
        format('insert %s update %s delete %s truncate %s', p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate)
        || CASE WHEN {pubviaroot} THEN ' via root' ELSE '' END,
        (SELECT string_agg('table ' || {name k.nspname c.relname} {publication}, chr(10) ORDER BY k.nspname, c.relname)
         FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace k ON k.oid = c.relnamespace
         WHERE r.prpubid = p.oid),
        {publication schemas},
        {owner p.pubowner}, {comment p.oid pg_publication})
FROM pg_publication p
UNION ALL
SELECT 'event trigger', quote_ident(e.evtname),
    concat_ws(chr(10), format('on %s execute %s', e.evtevent, e.evtfoid::regproc), array_to_string(e.evttags, ', '), 'enabled ' || e.evtenabled::text,
        {owner e.evtowner}, {comment e.oid pg_event_trigger})
FROM pg_event_trigger e WHERE NOT {member e.oid pg_event_trigger}
UNION ALL
SELECT 'statistics', {name n.nspname s.stxname},
    concat_ws(chr(10), pg_get_statisticsobjdef(s.oid), {owner s.stxowner}, {comment s.oid pg_statistic_ext})
FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
WHERE NOT {member s.oid pg_statistic_ext}
UNION ALL
SELECT 'access method', quote_ident(m.amname), format('type %s handler %s', m.amtype, m.amhandler)
FROM pg_am m WHERE m.oid >= 16384 AND NOT {member m.oid pg_am}
UNION ALL
SELECT 'transform', format_type(t.trftype, NULL) || ' for ' || l.lanname, format('from %s to %s', t.trffromsql, t.trftosql)
FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang WHERE NOT {member t.oid pg_transform}
) everything
