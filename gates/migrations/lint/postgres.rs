//! PostgreSQL: syntax errors, and the rules of [squawk](https://squawkhq.com/docs/rules) about locks, rewrites and compatibility.

use squawk_linter::{Linter, Rule as Squawk};
use squawk_syntax::SourceFile;

use super::super::rules::{
    DESTRUCTIVE, FAILS_ON_ROWS, LOCKS_TABLE, NOT_BACKWARD_COMPATIBLE, REWRITES_TABLE, STYLE, SYNTAX_ERROR,
};
use super::remark::Remark;
use super::script::{Created, Side};
use crate::Rule;

/// Which rule of this gate a rule of squawk is told under. What is not here is told by rules of this gate's own (drops of tables
/// and columns, `CONCURRENTLY`, timeouts), or not at all: see the README.
const TOLD_AS: &[(Squawk, &Rule)] = &[
    (Squawk::RequireConcurrentIndexCreation, &LOCKS_TABLE),
    (Squawk::RequireConcurrentIndexDeletion, &LOCKS_TABLE),
    (Squawk::RequireConcurrentReindex, &LOCKS_TABLE),
    (Squawk::RequireConcurrentPartitionDetach, &LOCKS_TABLE),
    (Squawk::ConstraintMissingNotValid, &LOCKS_TABLE),
    (Squawk::AddingForeignKeyConstraint, &LOCKS_TABLE),
    (Squawk::AddingNotNullableField, &LOCKS_TABLE),
    (Squawk::AddingSerialPrimaryKeyField, &LOCKS_TABLE),
    (Squawk::DisallowedUniqueConstraint, &LOCKS_TABLE),
    (Squawk::ChangingColumnType, &REWRITES_TABLE),
    (Squawk::AddingFieldWithDefault, &REWRITES_TABLE),
    (Squawk::PreferRepack, &REWRITES_TABLE),
    (Squawk::AddingRequiredField, &FAILS_ON_ROWS),
    (Squawk::RenamingColumn, &NOT_BACKWARD_COMPATIBLE),
    (Squawk::RenamingTable, &NOT_BACKWARD_COMPATIBLE),
    (Squawk::BanSetSchema, &NOT_BACKWARD_COMPATIBLE),
    (Squawk::BanDropView, &NOT_BACKWARD_COMPATIBLE),
    (Squawk::BanDropFunction, &NOT_BACKWARD_COMPATIBLE),
    (Squawk::BanDropType, &NOT_BACKWARD_COMPATIBLE),
    (Squawk::BanDropDomain, &NOT_BACKWARD_COMPATIBLE),
    (Squawk::BanDropSequence, &NOT_BACKWARD_COMPATIBLE),
    (Squawk::BanDropExtension, &NOT_BACKWARD_COMPATIBLE),
    (Squawk::BanDropDefault, &NOT_BACKWARD_COMPATIBLE),
    (Squawk::BanDropDatabase, &DESTRUCTIVE),
    (Squawk::BanDropSchema, &DESTRUCTIVE),
];

/// Told only where the policy asks for `style`.
const STYLES: &[Squawk] = &[
    Squawk::PreferBigintOverInt,
    Squawk::PreferBigintOverSmallint,
    Squawk::PreferIdentity,
    Squawk::PreferRobustStmts,
    Squawk::PreferTextField,
    Squawk::PreferTimestampTz,
    Squawk::BanCharField,
    Squawk::RequireEnumValueOrdering,
    Squawk::IdentifierTooLong,
];

/// Of a down, only what says that it fails.
const OF_DOWNS: &[Squawk] = &[Squawk::AddingRequiredField];

fn told_as(code: Squawk) -> &'static Rule {
    TOLD_AS.iter().find(|(of, _)| *of == code).map_or(&STYLE, |(_, rule)| rule)
}

/// Looks at one script.
pub(super) fn lint(side: &Side<'_>, created: &Created, in_transaction: bool, style: bool) -> Vec<Remark> {
    let text = side.masked();
    // A comment of the change silences nothing here: waivers do, and they need an approval.
    let text = if text.contains("squawk-") { text.replace("squawk-", "squawk_").into() } else { text };
    let parse = SourceFile::parse(&text);
    let syntax = syntax_error(side, &parse);
    let mut remarks = vec![];
    let mut linter = if side.is_down {
        Linter::from(OF_DOWNS.iter().copied())
    } else {
        let styles = if style { STYLES } else { &[] };
        Linter::from(TOLD_AS.iter().map(|(code, _)| *code).chain(styles.iter().copied()))
    };
    linter.settings.assume_in_transaction = in_transaction;
    for violation in linter.lint(&parse, &text) {
        let range = usize::from(violation.text_range.start())..usize::from(violation.text_range.end());
        let rule = told_as(violation.code);
        if let Some(statement) = side.statement_at(range.start).filter(|_| rule.id != STYLE.id) {
            let is_new = created.has_all_of(&side.actions[statement], side.moment(statement));
            if is_new || is_made_again(side, statement) {
                continue;
            }
        }
        let (message, help) = words(violation.code, &violation.message, violation.help.as_deref());
        let remark = side.remark(rule, format!("{message} (squawk: {})", violation.code), range.clone());
        let remark = if let Some(help) = help { remark.help(help) } else { remark };
        remarks.push((remark.once(violation.code.to_string()), side.statement_at(range.start), violation.code));
    }
    // Of two that say the same of one statement, the one that knows more of it.
    let general: Vec<Option<usize>> = remarks
        .iter()
        .filter(|(_, _, code)| matches!(code, Squawk::DisallowedUniqueConstraint | Squawk::AddingSerialPrimaryKeyField))
        .map(|(_, statement, _)| *statement)
        .collect();
    remarks.retain(|(_, at, code)| *code != Squawk::ConstraintMissingNotValid || at.is_none() || !general.contains(at));
    syntax.into_iter().chain(remarks.into_iter().map(|(remark, ..)| remark)).collect()
}

/// A view, function or type that is dropped to be created anew.
fn is_made_again(side: &Side<'_>, statement: usize) -> bool {
    use super::action::Action;
    let dropped: Vec<_> = side.actions[statement]
        .iter()
        .filter_map(|a| match a {
            Action::Drop { kind, name } => Some((kind, name)),
            _ => None,
        })
        .collect();
    let again = |kind: &String, name: &super::statement::Name| {
        side.deeds().any(|(i, a)| {
            i > statement && matches!(a, Action::Create { kind: k, name: n, .. } if k == kind && n.is(name))
        })
    };
    !dropped.is_empty() && dropped.into_iter().all(|(kind, name)| again(kind, name))
}

/// The first one: those behind it often follow from it.
fn syntax_error(side: &Side<'_>, parse: &squawk_syntax::Parse<SourceFile>) -> Option<Remark> {
    let errors = parse.errors();
    let first = errors.first()?;
    let start = usize::from(first.range().start());
    let message = format!("PostgreSQL cannot read this: {}", sentence(first.message()));
    let remark = side.remark(&SYNTAX_ERROR, message, start..usize::from(first.range().end()).max(start + 1));
    Some(remark.help("correct the statement; no server would run it"))
}

/// Without the full stop, beginning small, as all messages here.
fn sentence(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    let mut letters = text.chars();
    let is_word = text.chars().nth(1).is_some_and(char::is_lowercase);
    match letters.next() {
        Some(first) if is_word => first.to_lowercase().chain(letters).collect(),
        _ => text.into(),
    }
}

fn words(code: Squawk, message: &str, help: Option<&str>) -> (String, Option<String>) {
    let message = match code {
        Squawk::AddingRequiredField => {
            "a required column without a default: this fails as soon as the table holds rows".into()
        }
        _ => sentence(message),
    };
    (message, help.map(sentence))
}
