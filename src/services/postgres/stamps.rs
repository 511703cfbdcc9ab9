//! What tells that a schema changed: the keys of the rows of the catalogue, which of them are new, and what each belongs to.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::{Error, Row};

/// A part of the catalogue whose rows belong to a relation, a routine or a type.
struct Part {
    name: &'static str,
    key: &'static str,
    /// Oid of what a row belongs to.
    belongs: &'static str,
    /// A name that stands in definitions of others.
    label: &'static str,
    row: &'static str,
    from: &'static str,
}

const PARTS: &[Part] = &[
    Part {
        name: "class",
        key: "c.oid::int8",
        belongs: "coalesce(x.indrelid, c.oid)",
        label: "CASE WHEN x.indrelid IS NULL THEN c.relnamespace || '.' || c.relname END",
        row: "c",
        from: "pg_class c LEFT JOIN pg_index x ON x.indexrelid = c.oid \
               WHERE c.oid >= 16384 AND c.relkind <> 't' AND c.relpersistence <> 't'",
    },
    Part {
        name: "attribute",
        // Columns are never deleted but with their table.
        key: "NULL::int8",
        belongs: "a.attrelid",
        label: "a.attnum || '.' || CASE WHEN NOT a.attisdropped THEN a.attname END",
        row: "a",
        from: "pg_attribute a WHERE a.attrelid >= 16384 AND a.attnum > 0",
    },
    Part {
        name: "attrdef",
        key: "d.oid::int8",
        belongs: "d.adrelid",
        label: "NULL::text",
        row: "d",
        from: "pg_attrdef d WHERE d.oid >= 16384",
    },
    Part {
        name: "constraint",
        key: "k.oid::int8",
        belongs: "CASE k.conrelid WHEN 0 THEN k.contypid ELSE k.conrelid END",
        label: "k.conname::text",
        row: "k",
        from: "pg_constraint k WHERE k.oid >= 16384",
    },
    Part {
        name: "index",
        key: "i.indexrelid::int8",
        belongs: "i.indrelid",
        label: "NULL::text",
        row: "i",
        from: "pg_index i WHERE i.indexrelid >= 16384",
    },
    Part {
        name: "trigger",
        key: "t.oid::int8",
        belongs: "t.tgrelid",
        label: "NULL::text",
        row: "t",
        from: "pg_trigger t WHERE t.oid >= 16384 AND NOT t.tgisinternal",
    },
    Part {
        name: "policy",
        key: "p.oid::int8",
        belongs: "p.polrelid",
        label: "NULL::text",
        row: "p",
        from: "pg_policy p",
    },
    Part {
        name: "rewrite",
        key: "w.oid::int8",
        belongs: "w.ev_class",
        label: "NULL::text",
        row: "w",
        from: "pg_rewrite w WHERE w.oid >= 16384",
    },
    Part {
        name: "inherits",
        key: "(h.inhrelid::int8 << 16) + h.inhseqno",
        belongs: "h.inhrelid",
        label: "NULL::text",
        row: "h",
        from: "pg_inherits h",
    },
    Part {
        name: "sequence",
        key: "s.seqrelid::int8",
        belongs: "s.seqrelid",
        label: "NULL::text",
        row: "s",
        from: "pg_sequence s",
    },
    Part {
        // Which column owns a sequence.
        name: "depend",
        key: "(d.objid::int8 << 28) # (d.refobjid::int8 << 12) # d.refobjsubid",
        belongs: "d.objid",
        label: "NULL::text",
        row: "d",
        from: "pg_sequence s JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid \
               AND d.deptype IN ('a', 'i')",
    },
    Part {
        name: "proc",
        key: "p.oid::int8",
        belongs: "p.oid",
        label: "p.pronamespace || '.' || p.proname",
        row: "p",
        from: "pg_proc p WHERE p.oid >= 16384",
    },
    Part {
        name: "type",
        key: "t.oid::int8",
        belongs: "t.oid",
        label: "t.typnamespace || '.' || t.typname",
        row: "t",
        from: "pg_type t WHERE t.oid >= 16384 AND t.typrelid = 0 AND t.typcategory <> 'A'",
    },
    Part {
        // The privileges and comment of a composite type are its type's, the rest is its relation's.
        name: "composite",
        key: "t.oid::int8",
        belongs: "t.typrelid",
        label: "NULL::text",
        row: "t",
        from: "pg_type t JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c' WHERE t.oid >= 16384",
    },
    Part {
        name: "enum",
        key: "e.oid::int8",
        belongs: "e.enumtypid",
        label: "e.enumlabel::text",
        row: "e",
        from: "pg_enum e",
    },
    Part {
        // What a comment belongs to is told by the others.
        name: DESCRIPTION,
        key: "(d.objoid::int8 << 16) + d.objsubid",
        belongs: "d.objoid",
        label: "NULL::text",
        row: "d",
        from: "pg_description d WHERE d.objoid >= 16384",
    },
];

const DESCRIPTION: &str = "description";

/// What is rare, with a condition that leaves out what comes with the server. All is read again where any of it changed.
const RARE: &[(&str, &str)] = &[
    ("pg_namespace", "nspname !~ '^pg_' AND nspname <> 'information_schema'"),
    ("pg_extension", "true"),
    ("pg_operator", "oid >= 16384"),
    ("pg_opclass", "oid >= 16384"),
    ("pg_opfamily", "oid >= 16384"),
    ("pg_amop", "oid >= 16384"),
    ("pg_amproc", "oid >= 16384"),
    ("pg_cast", "oid >= 16384"),
    ("pg_collation", "oid >= 16384"),
    ("pg_conversion", "oid >= 16384"),
    ("pg_language", "oid >= 16384"),
    ("pg_ts_config", "oid >= 16384"),
    ("pg_ts_config_map", "mapcfg >= 16384"),
    ("pg_ts_dict", "oid >= 16384"),
    ("pg_ts_parser", "oid >= 16384"),
    ("pg_ts_template", "oid >= 16384"),
    ("pg_foreign_data_wrapper", "true"),
    ("pg_foreign_server", "true"),
    ("pg_foreign_table", "true"),
    ("pg_publication", "true"),
    ("pg_publication_rel", "true"),
    ("pg_event_trigger", "true"),
    ("pg_statistic_ext", "true"),
    ("pg_default_acl", "true"),
    ("pg_transform", "oid >= 16384"),
    ("pg_am", "oid >= 16384"),
    ("pg_db_role_setting", "setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))"),
    ("pg_shdescription", "objoid = (SELECT oid FROM pg_database WHERE datname = current_database())"),
];

/// The query; `$1` is the transaction before which everything was over at the last look, or NULL for all rows.
pub(super) fn sql(number: u32) -> String {
    let mut arms = vec![];
    for Part { name, key, belongs, label, row, from } in PARTS {
        let new = format!("coalesce(age({row}.xmin) <= (SELECT age($1::text::xid)), true)");
        arms.push(format!(
            "SELECT '{name}', array_agg({key}), array_agg({key}) FILTER (WHERE {new}), \
             array_agg({belongs}) FILTER (WHERE {new}), array_agg({label}) FILTER (WHERE {new}) FROM {from}"
        ));
    }
    let mut rare: Vec<String> = RARE
        .iter()
        .map(|(catalogue, which)| {
            format!("(SELECT string_agg(ctid || '/' || xmin, ',' ORDER BY ctid) FROM {catalogue} WHERE {which})")
        })
        .collect();
    if number >= 15_00_00 {
        rare.push("(SELECT string_agg(ctid || '/' || xmin, ',' ORDER BY ctid) FROM pg_publication_namespace)".into());
    }
    // A copy is another row with the same settings.
    rare.push(
        "(SELECT (to_jsonb(d) - '{oid,datname,datfrozenxid,datminmxid}'::text[])::text FROM pg_database d \
          WHERE datname = current_database())"
            .into(),
    );
    rare.push(
        "(SELECT count(*)::text FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e')".into(),
    );
    arms.push(format!(
        "SELECT 'rare', NULL, NULL, NULL, ARRAY[concat_ws(';', {}), txid_snapshot_xmin(txid_current_snapshot())::text]",
        rare.iter().map(|one| format!("coalesce({one}, '')")).collect::<Vec<_>>().join(", ")
    ));
    arms.join("\nUNION ALL ")
}

/// What was seen, to compare the next answer with.
#[derive(Clone, Default)]
pub(super) struct Seen {
    /// For each part, what the row of a key belongs to.
    parts: BTreeMap<String, BTreeMap<i64, u32>>,
    labels: BTreeMap<String, BTreeMap<i64, String>>,
    columns: BTreeMap<u32, BTreeMap<String, String>>,
    rare: String,
}

/// Rows of one part.
#[derive(Default)]
struct Stamped {
    keys: Vec<i64>,
    new: Vec<(Option<i64>, u32, Option<String>)>,
}

pub(super) struct Answer {
    parts: BTreeMap<String, Stamped>,
    rare: String,
    pub(super) since: Option<String>,
}

impl Answer {
    pub(super) fn read(rows: &[Row]) -> Result<Self, Error> {
        let mut answer = Self { parts: BTreeMap::new(), rare: String::new(), since: None };
        for row in rows {
            let name: String = row.try_get(0)?;
            let labels: Vec<Option<String>> = row.try_get::<_, Option<_>>(4)?.unwrap_or_default();
            if name == "rare" {
                let mut texts = labels.into_iter().flatten();
                answer.rare = texts.next().unwrap_or_default();
                // Transactions have 64 bits here, rows the lower 32.
                answer.since = texts.next().and_then(|id| Some((id.parse::<u64>().ok()? & 0xffff_ffff).to_string()));
                continue;
            }
            let keys: Vec<Option<i64>> = row.try_get::<_, Option<_>>(1)?.unwrap_or_default();
            let new: Vec<Option<i64>> = row.try_get::<_, Option<_>>(2)?.unwrap_or_default();
            let belongs: Vec<u32> = row.try_get::<_, Option<_>>(3)?.unwrap_or_default();
            let new = new.into_iter().zip(belongs).zip(labels).map(|((key, belongs), label)| (key, belongs, label));
            let stamped = Stamped { keys: keys.into_iter().flatten().collect(), new: new.collect() };
            answer.parts.insert(name, stamped);
        }
        Ok(answer)
    }

    /// Whether any of the oids is the key of a row of a part.
    pub(super) fn has(&self, part: &str, oids: &[u32]) -> bool {
        let keys: Option<&Stamped> = self.parts.get(part);
        keys.is_some_and(|stamped| stamped.keys.iter().any(|key| oids.iter().any(|oid| i64::from(*oid) == *key)))
    }

    /// The oids of what changed; nothing if all may have.
    pub(super) fn changed(&self, seen: &Seen) -> Option<BTreeSet<u32>> {
        if self.rare != seen.rare {
            return None;
        }
        let mut changed = BTreeSet::new();
        for (name, stamped) in &self.parts {
            let before = seen.parts.get(name);
            for (key, belongs, label) in &stamped.new {
                if self.renames(seen, name, *key, *belongs, label.as_deref()) {
                    return None;
                }
                if name == DESCRIPTION {
                    changed.insert(self.commented(seen, *belongs)?);
                } else {
                    changed.insert(*belongs);
                }
            }
            let keys: BTreeSet<i64> = stamped.keys.iter().copied().collect();
            for (key, belongs) in before.into_iter().flatten().filter(|(key, _)| !keys.contains(key)) {
                if name == DESCRIPTION {
                    // What it was about may be gone with it.
                    changed.insert(self.commented(seen, u32::try_from(key >> 16).ok()?)?);
                } else {
                    changed.insert(*belongs);
                }
            }
        }
        Some(changed)
    }

    /// What an object with a comment belongs to. Something rare has one so rarely that all is read again.
    fn commented(&self, seen: &Seen, object: u32) -> Option<u32> {
        let key = i64::from(object);
        let others = || seen.parts.iter().filter(|(name, _)| *name != DESCRIPTION);
        let new = self.parts.iter().filter(|(name, _)| *name != DESCRIPTION);
        let new = new.flat_map(|(_, stamped)| &stamped.new);
        others()
            .find_map(|(_, keys)| keys.get(&key).copied())
            .or_else(|| new.into_iter().find(|(k, _, _)| *k == Some(key)).map(|(_, belongs, _)| *belongs))
    }

    fn renames(&self, seen: &Seen, part: &str, key: Option<i64>, belongs: u32, label: Option<&str>) -> bool {
        let before = match (key, label.and_then(|label| label.split_once('.'))) {
            (Some(key), _) => seen.labels.get(part).and_then(|labels| labels.get(&key)).map(String::as_str),
            (None, Some((column, name))) => {
                let known = seen.columns.get(&belongs).and_then(|columns| columns.get(column));
                return known.is_some_and(|known| known != name);
            }
            // A column that is gone.
            (None, None) => None,
        };
        before.is_some() && before != label
    }

    pub(super) fn into_seen(self, mut seen: Seen) -> Seen {
        seen.rare = self.rare;
        for (name, stamped) in self.parts {
            let part = seen.parts.entry(name.clone()).or_default();
            let labels = seen.labels.entry(name).or_default();
            for (key, belongs, label) in stamped.new {
                match (key, label) {
                    (Some(key), label) => {
                        part.insert(key, belongs);
                        if let Some(label) = label {
                            labels.insert(key, label);
                        }
                    }
                    (None, Some(label)) => {
                        if let Some((column, text)) = label.split_once('.') {
                            seen.columns.entry(belongs).or_default().insert(column.into(), text.into());
                        }
                    }
                    (None, None) => {}
                }
            }
            let keys: BTreeSet<i64> = stamped.keys.into_iter().collect();
            part.retain(|key, _| keys.contains(key));
            labels.retain(|key, _| keys.contains(key));
        }
        let relations = seen.parts.get("class");
        seen.columns.retain(|relation, _| relations.is_some_and(|keys| keys.contains_key(&i64::from(*relation))));
        seen
    }
}
