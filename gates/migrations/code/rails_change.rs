//! What in a `change` of Rails cannot be turned around.
//!
//! Source: [the recorder of commands](https://github.com/rails/rails/blob/main/activerecord/lib/active_record/migration/command_recorder.rb),
//! which raises `ActiveRecord::IrreversibleMigration` for these.

use std::ops::Range;

use tree_sitter::Node;

use super::super::layout::{Gap, GapKind};
use super::rails::irreversible;
use super::syntax::{Program, children, descendants};

/// The blocks that are run on the way back alone.
pub(super) fn back(program: &Program, change: Node<'_>) -> Vec<Range<usize>> {
    let is_down = |node: &Node<'_>| {
        node.kind() == "call"
            && program.field(*node, "method") == "down"
            && node.child_by_field_name("receiver").is_some()
            && node.child_by_field_name("block").is_some()
    };
    descendants(change, |_| true).into_iter().filter(is_down).map(|node| node.byte_range()).collect()
}

pub(super) fn gaps(program: &Program, change: Node<'_>) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = irreversible(program, change).into_iter().collect();
    // What these hold is run in one direction, turned around, or belongs to a table that is created.
    let closed = |node: Node<'_>| {
        let name = program.field(node, "method");
        let alone = node.child_by_field_name("receiver").is_none();
        node.kind() == "call"
            && alone
            && matches!(name, "reversible" | "up_only" | "revert" | "create_table" | "create_join_table")
    };
    for node in descendants(change, |node| !closed(node)) {
        let text = || &program.text;
        let alone = node.child_by_field_name("receiver").is_none();
        if node.kind() == "call" && closed(node) {
            match program.field(node, "method") {
                "up_only" => gaps.push(Gap::new(GapKind::Nothing, "it has `up_only`", text(), node.start_byte())),
                "reversible" => gaps.extend(one_sided(program, node)),
                _ => {}
            }
        } else if node.kind() == "call" {
            let name = program.field(node, "method");
            let arguments = Arguments::of(program, node);
            let command = if alone { Some(name.to_owned()) } else { within_table(program, node, name) };
            let Some(command) = command else { continue };
            if let Some(why) = arguments.why_not(&command, alone) {
                let what = format!("`{name}` in `change` cannot be turned around{why}");
                gaps.push(Gap::new(GapKind::Missing, what, text(), node.start_byte()));
            }
        }
    }
    gaps
}

/// `t.remove` in a `change_table` is `remove_columns`.
fn within_table(program: &Program, call: Node<'_>, name: &str) -> Option<String> {
    let receiver = program.field(call, "receiver");
    let mut above = call.parent();
    while let Some(node) = above {
        if node.kind() == "call" && program.field(node, "method") == "change_table" {
            let block = node.child_by_field_name("block")?;
            let parameter = program.field(block, "parameters").trim_matches('|').trim().to_owned();
            if parameter != receiver {
                return None;
            }
            return Some(match name {
                "remove" => "remove_columns".into(),
                "change" => "change_column".into(),
                "change_default" => "change_column_default".into(),
                other => other.into(),
            });
        }
        above = node.parent();
    }
    None
}

/// `reversible` whose `up` does something and whose `down` is not there.
fn one_sided(program: &Program, call: Node<'_>) -> Option<Gap> {
    let calls: Vec<Node<'_>> = descendants(call, |_| true).into_iter().filter(|node| node.kind() == "call").collect();
    let side = |name: &str| {
        calls.iter().find(|c| program.field(**c, "method") == name && c.child_by_field_name("receiver").is_some())
    };
    let up = side("up")?;
    if side("down").is_some() {
        return None;
    }
    // Rows that are filled in go with their column; a statement or a change of the schema does not.
    let matters = calls.iter().any(|inner| {
        let name = program.field(*inner, "method");
        up.byte_range().contains(&inner.start_byte())
            && inner.child_by_field_name("receiver").is_none()
            && (name == "execute"
                || ["add_", "remove_", "change_", "create_", "drop_", "rename_"].iter().any(|p| name.starts_with(p)))
    });
    let kind = if matters { GapKind::Missing } else { GapKind::Nothing };
    Some(Gap::new(kind, "`reversible` has an `up` and no `down`", &program.text, call.start_byte()))
}

struct Arguments {
    /// How many stand without a name.
    plain: usize,
    names: Vec<String>,
    block: bool,
}

impl Arguments {
    fn of(program: &Program, call: Node<'_>) -> Self {
        let all = call.child_by_field_name("arguments").map(children).unwrap_or_default();
        let key = |pair: Node<'_>| program.field(pair, "key").trim_matches([':', '"', '\'']).to_owned();
        let mut names = vec![];
        let mut plain = 0;
        for argument in all {
            match argument.kind() {
                "pair" => names.push(key(argument)),
                "hash" => names.extend(children(argument).into_iter().filter(|n| n.kind() == "pair").map(key)),
                // What `**options` holds is not known: it may be what is needed.
                "hash_splat_argument" | "splat_argument" => names.push("*".into()),
                "block_argument" => {}
                _ => plain += 1,
            }
        }
        Self { plain, names, block: call.child_by_field_name("block").is_some() }
    }

    fn has(&self, names: &[&str]) -> bool {
        self.names.iter().any(|name| name == "*" || names.contains(&name.as_str()))
    }

    /// Why a command cannot be turned around, as the end of a sentence; empty if it never can. `alone` if it names the table itself.
    fn why_not(&self, command: &str, alone: bool) -> Option<&'static str> {
        // In a block of `change_table` the table is not among the arguments.
        let plain = self.plain + usize::from(!alone);
        let is_told = match command {
            "execute" | "change_column" | "add_enum_value" => return Some(""),
            "remove_column" => plain >= 3 || self.has(&["type"]),
            "remove_columns" => self.has(&["type"]),
            "drop_table" if alone => {
                if self.plain > 1 {
                    return Some(" for several tables");
                }
                return (!self.block && self.names.is_empty()).then_some(" without a block that says what it was");
            }
            "change_column_default" | "change_column_comment" | "change_table_comment" | "rename_enum_value" => {
                return (!(self.has(&["from"]) && self.has(&["to"]))).then_some(" without `from:` and `to:`");
            }
            "remove_index" => plain >= 2 || self.has(&["column"]),
            "remove_foreign_key" => plain >= 2 || self.has(&["to_table"]),
            "remove_check_constraint" | "remove_exclusion_constraint" => plain >= 2 || self.has(&["expression"]),
            "remove_unique_constraint" => plain >= 2 || self.has(&["column"]),
            "drop_enum" if alone => plain >= 2,
            "add_unique_constraint" => !self.names.iter().any(|name| name == "using_index"),
            _ => return None,
        };
        let needs = match command {
            "remove_column" | "remove_columns" => " without the type",
            "remove_index" | "remove_unique_constraint" => " without the column",
            "remove_foreign_key" => " without the other table",
            "drop_enum" => " without the values",
            "add_unique_constraint" => " with `using_index:`",
            _ => " without the expression",
        };
        (!is_told).then_some(needs)
    }
}
