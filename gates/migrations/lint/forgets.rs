//! Downs that do not mention what the up created. Told where no rehearsal proves more.

use super::super::lexer::{self, Reading, Word};
use super::super::rules::DOWN_FORGETS;
use super::action::Action;
use super::remark::Remark;
use super::script::Side;
use super::statement::Name;
use super::stub;

/// Objects that are named one by one.
const MOST_NAMED: usize = 4;

pub(super) fn lint(up: &Side<'_>, down: &Side<'_>) -> Option<Remark> {
    if down.statements.is_empty() || stub::lint(up, down).is_some() {
        return None;
    }
    let mentioned = mentioned(down);
    let has = |name: &str| mentioned.iter().any(|word| word.eq_ignore_ascii_case(name));
    // What goes with its table, and what the up itself takes away again.
    let gone = |later: usize, name: &Name| {
        up.deeds().any(|(i, a)| {
            i > later
                && match a {
                    Action::DropTable(n) | Action::RenameTable { from: n, .. } => n.is(name),
                    Action::Drop { name: n, .. } => n.is(name),
                    _ => false,
                }
        })
    };
    let mut forgotten: Vec<String> = vec![];
    for (i, action) in up.deeds() {
        let said = match action {
            Action::CreateTable(name) => (!has(&name.name) && !gone(i, name)).then(|| format!("table `{name}`")),
            Action::RenameTable { to, .. } => (!has(&to.name)).then(|| format!("table `{to}`")),
            Action::AddColumn { table, column } => {
                let kept = !has(&column.name) && !drops(down, table);
                kept.then(|| format!("column `{table}.{column}`"))
            }
            Action::AddConstraint { table, name } => {
                let kept = !has(&name.name) && !drops(down, table) && !takes_away(up, i, name);
                kept.then(|| format!("constraint `{name}`"))
            }
            // What a `CREATE EXTENSION` brings may be in use elsewhere.
            Action::Create { kind, .. } if kind == "extension" => None,
            Action::Create { kind, name, on, of } => {
                let with_table = on.as_ref().is_some_and(|table| drops(down, table));
                let with_column = down.deeds().any(|(_, a)| {
                    matches!(a, Action::DropColumn { column, .. } if of.iter().any(|w| w.trim_matches('"') == column.name))
                });
                let with_owner = kind == "sequence" && owner(up, name).is_some_and(|table| drops(down, &table));
                let kept = !with_owner
                    && !name.name.is_empty()
                    && !has(&name.name)
                    && !with_table
                    && !with_column
                    && !gone(i, name);
                kept.then(|| format!("{kind} `{name}`"))
            }
            _ => None,
        };
        forgotten.extend(said.filter(|s| !forgotten.contains(s)));
    }
    if forgotten.is_empty() {
        return None;
    }
    let more = forgotten.len().saturating_sub(MOST_NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    let named = forgotten[..forgotten.len().min(MOST_NAMED)].join(", ");
    let message = format!("the down does not mention what the up creates: {named}{rest}");
    Some(down.at_statement(&DOWN_FORGETS, message, 0).help("let the down drop it"))
}

/// Whether the down drops or empties the whole table, or its schema.
fn drops(down: &Side<'_>, table: &Name) -> bool {
    down.deeds().any(|(_, action)| match action {
        Action::DropTable(name) => name.is(table),
        Action::RenameTable { to, .. } => to.is(table),
        Action::Drop { kind, name } => kind == "schema" && table.schema.as_ref() == Some(&name.name),
        _ => false,
    })
}

/// A constraint that a later statement of the up drops again.
fn takes_away(up: &Side<'_>, added: usize, name: &Name) -> bool {
    up.statements[added + 1..].iter().any(|statement| {
        let dropped = statement.words.windows(2).position(|pair| pair[0].is("drop") && pair[1].is("constraint"));
        dropped.is_some_and(|at| statement.words[at..].iter().any(|w| w.text.trim_matches('"') == name.name))
    })
}

/// The table with which a sequence goes: `ALTER SEQUENCE s OWNED BY t.c`, or in its `CREATE`.
fn owner(up: &Side<'_>, sequence: &Name) -> Option<Name> {
    let about = |statement: &&super::statement::Statement<'_>| {
        statement.words.iter().take(2).any(|w| w.is("sequence"))
            && statement.words.iter().any(|w| w.text.trim_matches('"').eq_ignore_ascii_case(&sequence.name))
    };
    up.statements.iter().filter(about).find_map(|statement| {
        let by = statement.words.windows(2).position(|pair| pair[0].is("owned") && pair[1].is("by"))?;
        let (column, _) = Name::read(&statement.words[by + 2..])?;
        Some(Name { schema: None, name: column.schema?, at: column.at })
    })
}

/// Every name in the down, those inside of texts and bodies too.
fn mentioned<'a>(down: &Side<'a>) -> Vec<&'a str> {
    let mut names = vec![];
    let mut open: Vec<Word<'a>> = down.statements.iter().flat_map(|s| s.words.iter().copied()).collect();
    while let Some(word) = open.pop() {
        if let Some((at, body)) = word.body() {
            open.extend(Reading::of(None).read(body, at).0);
        } else if word.is_text() {
            names.extend(word.text.split(|c| !lexer::in_name(c)).filter(|name| !name.is_empty()));
        } else {
            names.push(word.text.trim_matches(['"', '`']));
        }
    }
    names
}
