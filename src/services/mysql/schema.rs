//! The schema of a database, from the statements that would create it.
//!
//! A table's columns and options are its own, its indexes and constraints are objects of their own. What no migration decides
//! is left away: the counter of `AUTO_INCREMENT`, the name of the scratch database, and its user as the definer.

use predeploy_gates::SchemaObject;

use super::catalogue::{self, Kind, Made};
use super::session::Session;
use super::{Own, quote};

pub(super) async fn read(observer: &mut Session, own: &Own) -> Result<Vec<SchemaObject>, mysql_async::Error> {
    let own_name = [
        (own.host.definer(&own.made.name) + " ").replace('`', "\""),
        own.host.definer(&own.made.name) + " ",
        format!("\"{}\".", own.made.name),
        format!("{}.", quote(&own.made.name)),
    ];
    let mut all = vec![];
    for made in catalogue::read(observer).await? {
        // In the quotes of the mode that it was made in.
        let create = own_name.iter().fold(made.create.clone(), |create, name| create.replace(name, ""));
        match made.kind {
            Kind::Table => table(&made.name, &create, &mut all),
            Kind::Sequence | Kind::Routine | Kind::View | Kind::Trigger | Kind::Event => {
                all.push(object(&made.word.to_lowercase(), &made.name, definition(&made, &create)));
            }
        }
    }
    let database = observer
        .rows(
            "SELECT CONCAT('CHARACTER SET ', default_character_set_name, ' COLLATE ', default_collation_name) \
             FROM information_schema.schemata WHERE schema_name = DATABASE()",
        )
        .await?;
    if let Some(default) = database.into_iter().flatten().flatten().next() {
        all.push(object("database", "default", default));
    }
    all.sort();
    Ok(all)
}

fn object(kind: &str, name: &str, definition: String) -> SchemaObject {
    SchemaObject { kind: kind.into(), name: name.into(), definition }
}

/// Bodies are kept as they were typed.
fn definition(made: &Made, create: &str) -> String {
    let mut lines: Vec<String> = create.trim_end().lines().map(str::to_owned).collect();
    lines.extend(made.mode.as_ref().map(|mode| format!("sql_mode {mode}")));
    lines.extend(made.zone.as_ref().map(|zone| format!("time_zone {zone}")));
    lines.extend(made.order.as_ref().filter(|order| *order != "1").map(|order| format!("order {order}")));
    lines.join("\n")
}

/// A line of the server's statement for each column, index and constraint; options behind them.
fn table(name: &str, create: &str, all: &mut Vec<SchemaObject>) {
    let mut own = vec![];
    let mut lines = create.lines().skip(1);
    for line in lines.by_ref() {
        let Some(part) = line.strip_prefix("  ") else {
            own.push(without_counter(line.trim_start_matches(") ")));
            break;
        };
        let part = part.strip_suffix(',').unwrap_or(part);
        if let Some((column, rest)) = identifier(part) {
            own.push(format!("column {} {}", plain(&column), rest.trim()));
        } else if let Some(rest) = part.strip_prefix("CONSTRAINT ") {
            let constraint = identifier(rest).map_or_else(String::new, |(constraint, _)| constraint);
            let body = identifier(rest).map_or(rest, |(_, body)| body.trim());
            all.push(object("constraint", &format!("{name}.{constraint}"), body.to_owned()));
        } else if part.starts_with("PRIMARY KEY") {
            all.push(object("constraint", &format!("{name}.PRIMARY"), part.to_owned()));
        } else if let Some((kind, rest)) = part.split_once("KEY ")
            && let Some((index, rest)) = identifier(rest)
        {
            all.push(object("index", &format!("{name}.{index}"), format!("{kind}KEY {}", rest.trim())));
        } else {
            own.push(part.to_owned());
        }
    }
    own.extend(lines.map(|line| line.trim().to_owned()));
    all.push(object("table", name, own.join("\n")));
}

/// A name in backticks at the beginning, and what follows it.
fn identifier(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('`')?;
    let mut name = String::new();
    let mut chars = inner.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '`' && chars.next_if(|(_, next)| *next == '`').is_none() {
            return Some((name, &inner[at + 1..]));
        }
        name.push(c);
    }
    None
}

/// A name as people write it, in quotes only where it needs them.
fn plain(name: &str) -> String {
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$');
    if is_plain && !name.is_empty() { name.to_owned() } else { quote(name) }
}

/// Options of a table without the next value of its counter, which rows decide. A comment is text, and stands behind it.
fn without_counter(options: &str) -> String {
    const COUNTER: &str = " AUTO_INCREMENT=";
    let end = options.find(" COMMENT='").unwrap_or(options.len());
    match options[..end].find(COUNTER) {
        None => options.to_owned(),
        Some(at) => {
            let rest = options[at + COUNTER.len()..].trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{}{rest}", &options[..at])
        }
    }
}
