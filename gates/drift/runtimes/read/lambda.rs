//! Runtimes of functions: AWS SAM and CloudFormation, serverless.yml, Terraform, App Engine
//! (<https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>).

use super::image::squeezed;
use super::manifest::{at, text};
use crate::Span;
use crate::drift::formats::{Node, Value};
use crate::drift::runtimes::language::Language;
use crate::drift::runtimes::place::{Found, Role};
use crate::drift::runtimes::versions::Versions;

/// `nodejs20.x`, `python3.12`, `java17`, `ruby3.3`, `dotnet8`, `go1.x`; of Google `python312`, `nodejs20`, `go122`.
pub(super) fn runtime(name: &str) -> Option<(Language, Option<Versions>)> {
    let digits = name.find(|c: char| c.is_ascii_digit())?;
    let (word, number) = name.split_at(digits);
    let number = number.split(".al").next().unwrap_or(number);
    Some(match word {
        "nodejs" => (Language::Node, Versions::partial(number)),
        "python" => (Language::Python, squeezed(number)),
        "ruby" => (Language::Ruby, squeezed(number)),
        "php" => (Language::Php, squeezed(number)),
        "java" => (Language::Java, Versions::partial(number)),
        // `dotnet6`, `dotnetcore3.1`.
        "dotnet" | "dotnetcore" => (Language::Dotnet, Versions::partial(number)),
        // `go1.x` names no version; `go122` is 1.22.
        "go" => (
            Language::Go,
            number
                .strip_prefix('1')
                .filter(|rest| rest.len() == 2)
                .and_then(|rest| Versions::partial(&format!("1.{rest}"))),
        ),
        _ => return None,
    })
}

fn found(node: &Node) -> Option<Found> {
    let written = text(node)?;
    let (language, versions) = runtime(written)?;
    Some(Found::new(language, Role::Ships, written, versions, node.span))
}

/// A template of SAM or CloudFormation.
pub(super) fn template(root: &Node) -> Vec<Found> {
    let globals = at(root, &["Globals", "Function", "Runtime"]).and_then(found);
    let resources = root.get("Resources").map(|node| &node.value);
    let Some(Value::Table(resources)) = resources else { return globals.into_iter().collect() };
    let functions = resources.iter().filter(|resource| {
        matches!(resource.node.text("Type"), Some("AWS::Serverless::Function" | "AWS::Lambda::Function"))
    });
    globals.into_iter().chain(functions.filter_map(|it| found(at(&it.node, &["Properties", "Runtime"])?))).collect()
}

pub(super) fn serverless(root: &Node) -> Vec<Found> {
    let provider = at(root, &["provider", "runtime"]).and_then(found);
    let functions = match root.get("functions").map(|node| &node.value) {
        Some(Value::Table(functions)) => functions.iter().collect(),
        _ => Vec::new(),
    };
    provider.into_iter().chain(functions.iter().filter_map(|it| found(it.node.get("runtime")?))).collect()
}

/// `app.yaml` of App Engine.
pub(super) fn app_engine(documents: &[Node]) -> Vec<Found> {
    documents.iter().filter_map(|root| found(root.get("runtime")?)).collect()
}

/// `runtime = "nodejs20.x"`, literal, in Terraform's files: no other attribute holds such words.
pub(super) fn terraform(whole: &str) -> Vec<Found> {
    let mut offset = 0;
    let mut all = Vec::new();
    for raw in whole.split_inclusive('\n') {
        let start = offset;
        offset += raw.len();
        let line = raw.trim_start();
        let Some(rest) = line.strip_prefix("runtime") else { continue };
        let Some(rest) = rest.trim_start().strip_prefix('=') else { continue };
        let Some((written, _)) = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"')) else {
            continue;
        };
        let Some((language, versions)) = runtime(written) else { continue };
        let indent = raw.len() - line.len();
        let span = Span::of_bytes(whole, start + indent..start + raw.trim_end().len());
        all.push(Found::new(language, Role::Ships, written, versions, span));
        if all.len() >= super::MOST {
            break;
        }
    }
    all
}
