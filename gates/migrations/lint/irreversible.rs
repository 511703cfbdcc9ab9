//! Migrations that say of themselves that they cannot be undone.
//!
//! `-- predeploy: irreversible because <reason>` in the up or the down, or a down that does nothing but fail: `RAISE EXCEPTION`,
//! `SELECT 1/0`, `SIGNAL SQLSTATE`. A declaration of the change only proposes: it is an error until someone whom the policy
//! names has accepted it with a waiver.

use super::super::lexer::{Reading, Word, in_name};
use super::super::rules::IRREVERSIBLE;
use super::remark::Remark;
use super::script::Side;
use super::statement::{self, Statement};
use crate::Severity;

const MARK: &str = "predeploy:";

/// What is declared: nothing, without a reason, or with one.
enum Declared {
    Comment { at: std::ops::Range<usize>, reason: String },
    Fails { statement: usize, reason: String },
}

/// `accepted` says that the base has the same declaration.
pub(super) fn lint(name: &str, side: &Side<'_>, accepted: bool) -> Option<Remark> {
    let (reason, remark) = match declared(side)? {
        Declared::Comment { at, reason } => (reason, side.remark(&IRREVERSIBLE, "", at)),
        Declared::Fails { statement, reason } => (reason, side.at_statement(&IRREVERSIBLE, "", statement)),
    };
    let mut remark = remark;
    if reason.is_empty() {
        remark.message = format!("`{name}` declares itself irreversible and gives no reason");
        return Some(remark.help("write `-- predeploy: irreversible because <reason>`"));
    }
    if accepted {
        remark.message = format!("`{name}` is irreversible, as the base says: {reason}");
        return Some(remark.severity(Severity::Note));
    }
    remark.message = format!("`{name}` declares itself irreversible: {reason}");
    Some(remark.help(
        "a change cannot excuse itself: have it accepted with a waiver of this rule that an approver of the policy approves, \
         or write a down",
    ))
}

/// Whether a side declares it, with the reason.
pub(super) fn reason(side: &Side<'_>) -> Option<String> {
    declared(side).map(|declared| match declared {
        Declared::Comment { reason, .. } | Declared::Fails { reason, .. } => reason,
    })
}

fn declared(side: &Side<'_>) -> Option<Declared> {
    let own = side.comments.iter().find_map(comment);
    own.or_else(|| headers(side)).or_else(|| if side.is_down { fails(side) } else { None })
}

/// Comments above the first piece belong to the script too, where its framework keeps them out of what runs.
fn headers(side: &Side<'_>) -> Option<Declared> {
    let first = side.script.pieces.iter().map(|piece| piece.start).min()?;
    let from = side.script.start.min(first);
    let (_, comments) = Reading::of(None).read(&side.script.text[from..first], from);
    comments.iter().find_map(comment)
}

fn comment(word: &Word<'_>) -> Option<Declared> {
    let text = word.text.trim_start_matches(['-', '/', '*', '#']).trim_end_matches(['/', '*']);
    let words = text.trim().strip_prefix(MARK)?.trim();
    let rest = words.strip_prefix("irreversible")?;
    if rest.starts_with(in_name) {
        return None;
    }
    let reason = rest.trim().strip_prefix("because").map_or("", str::trim).to_owned();
    Some(Declared::Comment { at: word.at..word.end(), reason })
}

/// The down's only statement fails on purpose.
fn fails(side: &Side<'_>) -> Option<Declared> {
    let [only] = side.statements.as_slice() else { return None };
    let declared = |reason: String| Some(Declared::Fails { statement: 0, reason });
    if only.begins(&["select", "1", "/", "0"]) && only.words.len() == 4 {
        return declared(String::new());
    }
    if only.begins(&["signal", "sqlstate"]) {
        let text = only.words.iter().rfind(|w| w.is_text()).map_or("", |w| w.text);
        return declared(text.trim_matches('\'').into());
    }
    if !only.begins(&["do"]) {
        return None;
    }
    let (at, body) = only.bodies().next()?;
    let (statements, _) = statement::read(body, at, None);
    let raise = statements.iter().find_map(|s| raised(s))?;
    let idle = |s: &Statement<'_>| s.words.iter().all(|w| w.is_any(&["begin", "end"]));
    statements.iter().all(|s| idle(s) || raised(s).is_some()).then_some(())?;
    declared(raise)
}

/// The message of `RAISE EXCEPTION '…'`, which is the level where none is said.
fn raised(statement: &Statement<'_>) -> Option<String> {
    let words = if statement.begins(&["begin"]) { &statement.words[1..] } else { &statement.words[..] };
    words.first().filter(|w| w.is("raise"))?;
    let second = words.get(1)?;
    let is_error = second.is("exception") || second.is_text();
    let text = words.iter().find(|w| w.is_text()).map_or("", |w| w.text);
    is_error.then(|| text.trim_matches('\'').to_owned())
}
