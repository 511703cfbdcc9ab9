//! Rails: `db/migrate/<digits>_name.rb` with a class that has `change`, or `up` and `down`.
//!
//! Source: [the guide](https://guides.rubyonrails.org/active_record_migrations.html) and
//! [ActiveRecord::Migration](https://github.com/rails/rails/blob/main/activerecord/lib/active_record/migration.rb).

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::super::layout::finder::{Finder, directory, stem};
use super::super::layout::{Folder, Found, Framework, Gap, GapKind, file_name, shown, version};
use super::rails_change;
use super::script::Reading;
use super::syntax::{Grammar, Program, children, descendants};
use crate::Failure;

pub(in super::super) fn folders(finder: &mut Finder<'_, '_>) -> Result<Vec<Folder>, Failure> {
    let mut found: BTreeMap<String, Vec<Found>> = BTreeMap::new();
    let numbered = |name: &str| name.starts_with(|c: char| c.is_ascii_digit()) && name.ends_with(".rb");
    let chosen = finder.is_chosen(Framework::Rails);
    let usual = |path: &str| chosen || file_name(directory(path)).ends_with("migrate");
    for path in finder.free(|path| numbered(file_name(path)) && usual(path)) {
        let Some(text) = finder.text(&path)? else { continue };
        let Some(program) = Program::parse(Grammar::Ruby, text) else { continue };
        let name = stem(&path).to_owned();
        let reading = read(&program);
        let migration = reading.found(&path, program, version(Framework::Rails, &name), name);
        found.entry(directory(&path).into()).or_default().push(migration);
    }
    let folder = |(place, mut migrations): (String, Vec<Found>)| {
        migrations.sort_by(|a, b| (a.version.len(), &a.version, &a.name).cmp(&(b.version.len(), &b.version, &b.name)));
        Folder { directory: shown(&place), framework: Framework::Rails, migrations, code: vec![] }
    };
    Ok(found.into_iter().map(folder).collect())
}

fn read(program: &Program) -> Reading {
    let is_class = |node: &Node<'_>| node.kind() == "class" && program.field(*node, "superclass").contains("Migration");
    let all = descendants(program.root(), |node| matches!(node.kind(), "program" | "module" | "body_statement"));
    let Some(class) = all.into_iter().find(is_class) else {
        return Reading::unknown(program, "it has no class that is a migration", 0);
    };
    let body = class.child_by_field_name("body").map(children).unwrap_or_default();
    // `def self.up` is what migrations once were.
    let method = |name: &str| {
        let is_it = |node: &&Node<'_>| {
            matches!(node.kind(), "method" | "singleton_method") && program.field(**node, "name") == name
        };
        body.iter().find(is_it).copied()
    };
    match (method("change"), method("up"), method("down")) {
        (Some(change), None, None) => {
            let gaps = rails_change::gaps(program, change);
            let is_blank = is_blank(program, change);
            Reading {
                up_at: change.start_byte(),
                down_at: Some(change.start_byte()),
                back: rails_change::back(program, change),
                up_is_blank: is_blank,
                down_is_blank: is_blank,
                gaps,
            }
        }
        (None, Some(up), down) => up_and_down(program, up, down),
        (Some(at), ..) => Reading::unknown(program, "it has `change` and `up` or `down`", at.start_byte()),
        (None, None, Some(down)) => Reading::unknown(program, "it has `down` and no `up`", down.start_byte()),
        (None, None, None) => Reading::unknown(program, "it has neither `change` nor `up`", class.start_byte()),
    }
}

fn up_and_down(program: &Program, up: Node<'_>, down: Option<Node<'_>>) -> Reading {
    let up_is_blank = is_blank(program, up);
    let mut gaps = vec![];
    match down {
        None if up_is_blank => {}
        None => gaps.push(Gap::new(GapKind::Missing, "it has `up` and no `down`", &program.text, up.start_byte())),
        Some(down) if is_blank(program, down) && !up_is_blank => {
            gaps.push(Gap::new(GapKind::Empty, "its `down` does nothing", &program.text, down.start_byte()));
        }
        Some(down) => gaps.extend(irreversible(program, down)),
    }
    Reading {
        up_at: up.start_byte(),
        down_at: down.map(|down| down.start_byte()),
        back: down.iter().map(Node::byte_range).collect(),
        up_is_blank,
        down_is_blank: down.is_some_and(|down| is_blank(program, down)),
        gaps,
    }
}

/// `raise` as a statement of the method itself.
pub(super) fn irreversible(program: &Program, method: Node<'_>) -> Option<Gap> {
    let body = method.child_by_field_name("body").map(children).unwrap_or_default();
    let raise = body.into_iter().find(|node| {
        node.kind() == "call" && program.field(*node, "method") == "raise"
            || node.kind() == "identifier" && program.of(*node) == "raise"
    })?;
    let what = format!("it says `{}`", program.of(raise).lines().next().unwrap_or_default());
    Some(Gap::new(GapKind::Irreversible, what, &program.text, raise.start_byte()))
}

/// No statement at all, or only `nil` and the like.
fn is_blank(program: &Program, method: Node<'_>) -> bool {
    let nothing = |node: &Node<'_>| {
        matches!(node.kind(), "nil" | "true" | "false" | "string" | "simple_symbol" | "empty_statement")
            || node.kind() == "return" && program.of(*node) == "return"
    };
    method.child_by_field_name("body").map(children).unwrap_or_default().iter().all(nothing)
}
