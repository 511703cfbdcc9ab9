//! Pieces of SQL that the queries of the catalogue share, written `{name argument …}` in them, and what differs between
//! versions of the server.

/// `all` leaves out the restriction to the oids in `$1`.
pub(super) fn expand(sql: &str, number: u32, all: bool) -> String {
    let mut expanded = String::new();
    let mut rest = sql;
    while let Some((before, behind)) = rest.split_once('{') {
        let (inside, after) = behind.split_once('}').unwrap_or((behind, ""));
        expanded.push_str(before);
        let words: Vec<&str> = inside.split_whitespace().collect();
        expanded.push_str(&piece(&words, number, all));
        rest = after;
    }
    expanded + rest
}

/// The role that migrations run as owns the database.
const ROLE: &str = "(SELECT datdba FROM pg_database WHERE datname = current_database())";

fn piece(words: &[&str], number: u32, all: bool) -> String {
    match *words {
        // A name with its schema, unless that is the usual one.
        ["name", schema, name] => {
            format!("CASE {schema} WHEN 'public' THEN '' ELSE quote_ident({schema}) || '.' END || quote_ident({name})")
        }
        ["role", oid] => format!(
            "CASE {oid} WHEN 0 THEN 'public' WHEN {ROLE} THEN 'owner' ELSE quote_ident(pg_get_userbyid({oid})) END"
        ),
        ["owner", oid] => {
            format!("CASE WHEN {oid} <> {ROLE} THEN 'owner ' || quote_ident(pg_get_userbyid({oid})) END")
        }
        ["comment", oid, catalogue] => format!("'comment ' || quote_literal(obj_description({oid}, '{catalogue}'))"),
        // What the extension brings is not the schema's.
        ["member", oid, catalogue] => format!(
            "EXISTS (SELECT 1 FROM pg_depend m_ WHERE m_.classid = '{catalogue}'::regclass AND m_.objid = {oid} AND m_.deptype = 'e')"
        ),
        // Privileges as they differ from those that an object of its kind begins with.
        ["acl", acl, kind, owner] => {
            let role = piece(&["role", "x.grantee"], number, all);
            let difference = |word: &str, to: &str, a: &str, b: &str| {
                format!(
                    "SELECT '{word} ' || lower(x.privilege_type) || ' {to} ' || {role} \
                     || CASE WHEN x.is_grantable THEN ' with grant option' ELSE '' END AS line FROM \
                     (SELECT grantee, privilege_type, is_grantable FROM aclexplode({a}) \
                     EXCEPT SELECT grantee, privilege_type, is_grantable FROM aclexplode({b})) x"
                )
            };
            let default = format!("acldefault('{kind}', {owner})");
            format!(
                "(SELECT string_agg(line, chr(10) ORDER BY line) FROM ({} UNION ALL {}) lines)",
                difference("grant", "to", acl, &default),
                difference("revoke", "from", &default, acl)
            )
        }
        ["among", _] if all => String::new(),
        ["among", oid] => format!("AND {oid} = ANY ($1::oid[])"),
        ["attcompression"] if number >= 14_00_00 => {
            "CASE WHEN a.attcompression <> '' THEN 'compression ' || a.attcompression::text END".into()
        }
        ["attcompression"] => "NULL".into(),
        ["collation"] if number >= 17_00_00 => "c.collcollate, c.collctype, c.colllocale, c.collicurules".into(),
        ["collation"] if number >= 16_00_00 => "c.collcollate, c.collctype, c.colliculocale, c.collicurules".into(),
        ["collation"] if number >= 15_00_00 => "c.collcollate, c.collctype, c.colliculocale".into(),
        ["collation"] => "c.collcollate, c.collctype".into(),
        ["pubviaroot"] if number >= 13_00_00 => "p.pubviaroot".into(),
        ["pubviaroot"] => "false".into(),
        ["publication"] if number >= 15_00_00 => {
            "|| coalesce(' columns ' || r.prattrs::text, '') || coalesce(' where ' || pg_get_expr(r.prqual, r.prrelid), '')".into()
        }
        ["publication"] => String::new(),
        ["publication", "schemas"] if number >= 15_00_00 => {
            "(SELECT string_agg('schema ' || quote_ident(k.nspname), chr(10) ORDER BY k.nspname) \
             FROM pg_publication_namespace r JOIN pg_namespace k ON k.oid = r.pnnspid WHERE r.pnpubid = p.oid)"
                .into()
        }
        ["publication", "schemas"] => "NULL".into(),
        // The server refuses what is not known here.
        _ => format!("{{{}}}", words.join(" ")),
    }
}
