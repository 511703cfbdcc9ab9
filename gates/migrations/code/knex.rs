//! Knex and node-pg-migrate: JavaScript or TypeScript files that export `up` and `down`.
//!
//! Source: [Knex' API](https://knexjs.org/guide/migrations.html) and
//! [node-pg-migrate's](https://salsita.github.io/node-pg-migrate/migrations/), which turns `up` around where there is no `down` and
//! goes back no further where `down` is `false`.

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::super::layout::finder::{Finder, directory, stem};
use super::super::layout::{Folder, Found, Framework, Gap, GapKind, shown};
use super::script::Reading;
use super::syntax::{Grammar, Program, children, descendants};
use crate::Failure;

pub(in super::super) fn folders(finder: &mut Finder<'_, '_>) -> Result<Vec<Folder>, Failure> {
    let mut found: BTreeMap<(String, Framework), Vec<Found>> = BTreeMap::new();
    let is_program = |path: &str| [".js", ".cjs", ".mjs", ".ts"].iter().any(|end| path.ends_with(end));
    let numbered = |path: &str| stem(path).starts_with(|c: char| c.is_ascii_digit()) && !path.ends_with(".d.ts");
    for path in finder.free(|path| is_program(path) && numbered(path)) {
        let framework = match finder.peek(&path)? {
            Some(text) => whose(finder.chosen, &text),
            None => None,
        };
        let Some(framework) = framework else { continue };
        let Some(text) = finder.text(&path)? else { continue };
        let Some(program) = Program::parse(Grammar::TypeScript, text) else { continue };
        let name = stem(&path).to_owned();
        let reading = read(framework, &program);
        // The whole name: https://github.com/knex/knex/blob/master/lib/migrations/migrate/Migrator.js
        let migration = reading.found(&path, program, name.clone(), name);
        found.entry((directory(&path).into(), framework)).or_default().push(migration);
    }
    let folder = |((place, framework), mut migrations): ((String, Framework), Vec<Found>)| {
        migrations.sort_by(|a, b| a.name.cmp(&b.name));
        Folder { directory: shown(&place), framework, migrations, code: vec![] }
    };
    Ok(found.into_iter().map(folder).collect())
}

/// By what the file calls its tool. Sequelize's and TypeORM's look alike.
fn whose(chosen: Option<Framework>, text: &str) -> Option<Framework> {
    if chosen.is_some() {
        return chosen.filter(|f| matches!(f, Framework::Knex | Framework::NodePgMigrate));
    }
    if text.contains("queryInterface") || text.contains("MigrationInterface") || text.contains("@mikro-orm") {
        return None;
    }
    if text.contains("pgm") || text.contains("MigrationBuilder") || text.contains("node-pg-migrate") {
        return Some(Framework::NodePgMigrate);
    }
    text.to_ascii_lowercase().contains("knex").then_some(Framework::Knex)
}

/// What a name is exported as.
#[derive(Clone, Copy)]
enum Export<'t> {
    Function(Node<'t>),
    False(Node<'t>),
    Other(Node<'t>),
}

fn read(framework: Framework, program: &Program) -> Reading {
    let exports = exports(program);
    let (up, down) = (exports.get("up").copied(), exports.get("down").copied());
    let Some(Export::Function(up)) = up else {
        return Reading::unknown(program, "it exports no function `up`", 0);
    };
    let up_is_blank = is_blank(program, up);
    let gap = |kind, what: String, node: Node<'_>| Gap::new(kind, what, &program.text, node.start_byte());
    let mut gaps = vec![];
    let mut down_is_blank = false;
    let mut back = None;
    match down {
        None if framework == Framework::NodePgMigrate => gaps.extend(not_inferred(program, up)),
        None => gaps.push(gap(GapKind::Missing, "it exports no `down`".into(), up)),
        Some(Export::False(node)) => {
            back = Some(node);
            gaps.push(gap(GapKind::Irreversible, "its `down` is `false`".into(), node));
        }
        Some(Export::Other(node)) => {
            gaps.push(gap(GapKind::Unknown, "its `down` is no function of this file".into(), node))
        }
        Some(Export::Function(node)) => {
            back = Some(node);
            down_is_blank = is_blank(program, node);
            let throws = statements(node).into_iter().find(|s| s.kind() == "throw_statement");
            if let Some(throws) = throws {
                let line = program.of(throws).lines().next().unwrap_or_default();
                gaps.push(gap(GapKind::Irreversible, format!("its `down` says `{line}`"), throws));
            } else if down_is_blank && !up_is_blank {
                gaps.push(gap(GapKind::Empty, "its `down` does nothing".into(), node));
            }
        }
    }
    Reading {
        up_at: up.start_byte(),
        down_at: back
            .map(|node| node.start_byte())
            .or_else(|| (down.is_none() && gaps.is_empty()).then(|| up.start_byte())),
        back: back.iter().map(Node::byte_range).collect(),
        up_is_blank,
        down_is_blank,
        gaps,
    }
}

/// node-pg-migrate turns `create…`, `add…`, `rename…` and `grant…` around, and nothing else.
fn not_inferred(program: &Program, up: Node<'_>) -> Vec<Gap> {
    let call = |node: Node<'_>| {
        let function = node.child_by_field_name("function").filter(|_| node.kind() == "call_expression")?;
        let (object, name) = (program.field(function, "object"), program.field(function, "property"));
        let turned = ["create", "add", "rename", "grant", "noTransaction"].iter().any(|start| name.starts_with(start));
        (object == "pgm" && !turned).then(|| {
            let what = format!("it exports no `down`, and `pgm.{name}` cannot be turned around");
            Gap::new(GapKind::Missing, what, &program.text, node.start_byte())
        })
    };
    descendants(up, |_| true).into_iter().filter_map(call).collect()
}

fn exports(program: &Program) -> BTreeMap<String, Export<'_>> {
    let top = children(program.root());
    let mut locals: BTreeMap<&str, Node<'_>> = BTreeMap::new();
    for node in &top {
        match node.kind() {
            "function_declaration" => drop(locals.insert(program.field(*node, "name"), *node)),
            "lexical_declaration" | "variable_declaration" => {
                for (name, value) in declared(program, *node) {
                    locals.insert(name, value);
                }
            }
            _ => {}
        }
    }
    let export = |node| resolved(program, &locals, node);
    let mut exports = BTreeMap::new();
    for node in &top {
        match node.kind() {
            "export_statement" => exported(program, *node, &export, &mut exports),
            "expression_statement" => {
                let mut assignment = node.named_child(0);
                // `exports.up = exports.down = …`
                while let Some(this) = assignment.filter(|n| n.kind() == "assignment_expression") {
                    let Some(right) = this.child_by_field_name("right") else { break };
                    match program.field(this, "left") {
                        "module.exports" | "exports" if right.kind() == "object" => {
                            object(program, right, &export, &mut exports)
                        }
                        left => {
                            let name = left.strip_prefix("module.").unwrap_or(left).strip_prefix("exports.");
                            let mut value = right;
                            while value.kind() == "assignment_expression" {
                                match value.child_by_field_name("right") {
                                    Some(next) => value = next,
                                    None => break,
                                }
                            }
                            if let Some(name) = name {
                                exports.insert(name.to_owned(), export(value));
                            }
                        }
                    }
                    assignment = Some(right);
                }
            }
            _ => {}
        }
    }
    exports
}

/// What an exported value is, a name of this file followed.
fn resolved<'t>(program: &Program, locals: &BTreeMap<&str, Node<'t>>, node: Node<'t>) -> Export<'t> {
    let is_name = matches!(node.kind(), "identifier" | "shorthand_property_identifier");
    let mut inner = if is_name { locals.get(program.of(node)).copied().unwrap_or(node) } else { node };
    // `(async () => {…}) as Migration`
    while matches!(inner.kind(), "parenthesized_expression" | "as_expression" | "satisfies_expression") {
        match inner.named_child(0) {
            Some(child) => inner = child,
            None => break,
        }
    }
    match inner.kind() {
        "function_declaration"
        | "function_expression"
        | "arrow_function"
        | "method_definition"
        | "generator_function" => Export::Function(inner),
        "false" => Export::False(inner),
        _ => Export::Other(inner),
    }
}

type Exports<'t> = BTreeMap<String, Export<'t>>;

fn exported<'t>(
    program: &'t Program,
    node: Node<'t>,
    export: &impl Fn(Node<'t>) -> Export<'t>,
    into: &mut Exports<'t>,
) {
    if let Some(declaration) = node.child_by_field_name("declaration") {
        match declaration.kind() {
            "function_declaration" => {
                into.insert(program.field(declaration, "name").to_owned(), export(declaration));
            }
            _ => {
                for (name, value) in declared(program, declaration) {
                    into.insert(name.to_owned(), export(value));
                }
            }
        }
    } else if let Some(value) = node.child_by_field_name("value") {
        if value.kind() == "object" {
            object(program, value, export, into);
        }
    } else {
        for clause in children(node).into_iter().filter(|n| n.kind() == "export_clause") {
            for one in children(clause) {
                let alias = program.field(one, "alias");
                let name = if alias.is_empty() { program.field(one, "name") } else { alias };
                if let Some(local) = one.child_by_field_name("name") {
                    into.insert(name.to_owned(), export(local));
                }
            }
        }
    }
}

/// `{ up, down: …, async down() {…} }`
fn object<'t>(program: &'t Program, node: Node<'t>, export: &impl Fn(Node<'t>) -> Export<'t>, into: &mut Exports<'t>) {
    for member in children(node) {
        match member.kind() {
            "pair" => {
                if let Some(value) = member.child_by_field_name("value") {
                    into.insert(program.field(member, "key").trim_matches(['"', '\'']).to_owned(), export(value));
                }
            }
            "method_definition" => {
                into.insert(program.field(member, "name").to_owned(), Export::Function(member));
            }
            "shorthand_property_identifier" => {
                into.insert(program.of(member).to_owned(), export(member));
            }
            _ => {}
        }
    }
}

/// `const name = value`
fn declared<'t>(program: &'t Program, node: Node<'t>) -> Vec<(&'t str, Node<'t>)> {
    let one =
        |declarator: Node<'t>| Some((program.field(declarator, "name"), declarator.child_by_field_name("value")?));
    children(node).into_iter().filter(|n| n.kind() == "variable_declarator").filter_map(one).collect()
}

/// The statements of a function; of an arrow without a block, its expression.
fn statements(function: Node<'_>) -> Vec<Node<'_>> {
    let Some(body) = function.child_by_field_name("body") else { return vec![] };
    if body.kind() == "statement_block" { children(body) } else { vec![body] }
}

/// Nothing but a return of nothing.
fn is_blank(program: &Program, function: Node<'_>) -> bool {
    let nothing = |text: &str| {
        let text = text.trim().trim_end_matches(';').trim();
        matches!(
            text,
            "" | "return"
                | "return null"
                | "return true"
                | "return undefined"
                | "return Promise.resolve()"
                | "Promise.resolve()"
                | "null"
                | "undefined"
                | "return Promise.resolve(true)"
                | "await Promise.resolve()"
        )
    };
    statements(function)
        .iter()
        .all(|statement| nothing(program.of(*statement)) || statement.kind() == "empty_statement")
}
