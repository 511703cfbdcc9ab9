//! Documents of known tools, told by what they hold: where in them the values of an environment are.
//!
//! Compose (<https://github.com/compose-spec/compose-spec/blob/main/05-services.md#environment>), workflows of GitHub Actions
//! (<https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#env>), Kustomize
//! (<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/configmapgenerator/>), Pulumi
//! (<https://www.pulumi.com/docs/iac/concepts/config/>), and `app.json`
//! (<https://devcenter.heroku.com/articles/app-json-schema#env>). Kubernetes, Amazon ECS and `render.yaml` need no more than the names of
//! their lists' items.

use super::laying::Tag;
use super::tree::{Flat, Node, Value, Wrong};
use crate::Span;
use crate::drift::evidence::Type;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shape {
    #[default]
    Other,
    Compose,
    Kustomization,
    /// Only `env` counts: the rest is what the workflow does.
    Workflow,
    Pulumi,
    AppJson,
    /// Of Kubernetes: all that it holds is encrypted (<https://github.com/bitnami-labs/sealed-secrets>).
    SealedSecret,
}

/// What the path of a file tells of who reads it: what a document holds is the author's, and a shape must not hide the rest of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tool {
    #[default]
    Other,
    /// `.github/workflows/`, and those of forges that do as GitHub does.
    Workflow,
    /// `Pulumi.<stack>.yaml`.
    Pulumi,
    /// Variables of Terraform.
    Variables,
}

impl Tool {
    pub fn of(path: &str) -> Self {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let of_workflows =
            |forge| folder.strip_suffix("/workflows").is_some_and(|rest| rest.rsplit('/').next() == Some(forge));
        if [".github", ".gitea", ".forgejo"].into_iter().any(of_workflows) {
            return Self::Workflow;
        }
        if name.starts_with("Pulumi.") {
            return Self::Pulumi;
        }
        if name.ends_with(".tfvars") || name.ends_with(".tfvars.json") {
            return Self::Variables;
        }
        Self::Other
    }
}

impl Shape {
    pub fn of(root: &Node<'_>, tool: Tool) -> Self {
        let is_table = |key: &str| root.below(key).is_some_and(|node| matches!(node.value, Value::Table(_)));
        let has = |key: &str| root.below(key).is_some();
        if tool == Tool::Workflow && is_table("jobs") {
            return Self::Workflow;
        }
        if root.text("kind") == Some("SealedSecret") {
            return Self::SealedSecret;
        }
        if root.below("services").is_some_and(|services| any_entry(services, is_service)) {
            return Self::Compose;
        }
        let generates = ["configMapGenerator", "secretGenerator"].iter().any(|key| has(key));
        if generates || root.text("kind") == Some("Kustomization") {
            return Self::Kustomization;
        }
        if tool == Tool::Pulumi {
            return Self::Pulumi;
        }
        let known = ["scripts", "addons", "buildpacks", "formation", "stack", "repository", "success_url"];
        let described = root.below("env").is_some_and(|env| every_entry(env, |_, node| is_described(node)));
        if described && known.iter().any(|key| has(key)) {
            return Self::AppJson;
        }
        Self::Other
    }

    /// Whether a list of `K=V` at a path is a table written another way.
    fn pairs(self, path: &str, key: &str) -> bool {
        match self {
            // `args` of a service are the command's.
            Self::Compose if key == "args" => path.starts_with("services.") && path.contains(".build."),
            Self::Compose => matches!(key, "environment" | "labels") && path.starts_with("services."),
            Self::Kustomization => key == "literals",
            _ => false,
        }
    }
}

/// Names of variables, with what Compose and Windows put into them: `${PREFIX}_A`, `ProgramFiles(x86)`.
fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'_' | b'.' | b'-' | b'/' | b':' | b'$' | b'{' | b'}' | b'(' | b')' | b'[' | b']')
}

/// `traefik.http.routers.${NAME:-api}.tls.domains[0].main`, `caddy.@match.path`.
fn is_of_a_label(byte: u8) -> bool {
    byte.is_ascii_graphic()
}

fn any_entry(node: &Node<'_>, test: fn(&Node<'_>) -> bool) -> bool {
    matches!(&node.value, Value::Table(entries) if entries.iter().any(|entry| test(&entry.node)))
}

fn every_entry(node: &Node<'_>, test: impl Fn(&str, &Node<'_>) -> bool) -> bool {
    matches!(&node.value, Value::Table(entries) if !entries.is_empty() && entries.iter().all(|entry| test(&entry.key, &entry.node)))
}

fn is_service(node: &Node<'_>) -> bool {
    ["image", "build", "environment", "env_file", "extends"].iter().any(|key| node.below(key).is_some())
}

fn is_described(node: &Node<'_>) -> bool {
    let known = |key: &str| matches!(key, "value" | "description" | "required" | "generator");
    match &node.value {
        Value::Scalar(..) => true,
        Value::Table(_) => every_entry(node, |key, _| known(key)),
        Value::List(_) => false,
    }
}

impl Flat<'_> {
    /// Takes in a node that has another form in this shape than elsewhere. The answer is whether it did.
    pub(super) fn shaped(&mut self, key: &str, span: Span, node: &Node<'_>) -> Result<bool, Wrong> {
        match (self.shape, &node.value) {
            (Shape::Other, _) => Ok(false),
            (Shape::Workflow, Value::Scalar(..)) => Ok(!self.inside),
            (Shape::Workflow, Value::List(items)) => {
                Ok(!self.inside && items.iter().all(|item| item.scalar().is_some()))
            }
            (Shape::Workflow, Value::Table(entries)) => Ok(!self.inside && entries.is_empty()),
            (Shape::Pulumi, Value::Scalar(_, text)) if matches!(key, "encryptionsalt" | "encryptedkey") => {
                self.here(span, Type::Ciphertext, text)?;
                Ok(true)
            }
            (Shape::Pulumi, Value::Table(entries)) => match &**entries {
                [only] if only.key == "secure" && only.node.scalar().is_some() => {
                    self.here(span, Type::Ciphertext, only.node.scalar().unwrap_or_default())?;
                    Ok(true)
                }
                _ => Ok(false),
            },
            (Shape::SealedSecret, Value::Scalar(_, text)) if self.path.contains("spec.encryptedData.") => {
                self.here(span, Type::Ciphertext, text)?;
                Ok(true)
            }
            (Shape::AppJson, Value::Table(entries)) if self.path.starts_with("env.") => {
                for entry in entries.iter() {
                    match (&*entry.key, &entry.node.value) {
                        ("value", Value::Scalar(kind, text)) => self.here(span, *kind, text)?,
                        _ => self.below(&entry.key, entry.span, &entry.node)?,
                    }
                }
                Ok(true)
            }
            (shape, Value::List(items)) if shape.pairs(&self.path, key) => self.pairs(key, items),
            (Shape::Compose, Value::Table(entries)) if self.shape.pairs(&self.path, key) => {
                for entry in entries.iter() {
                    match &entry.node.value {
                        // All of them end as texts.
                        Value::Scalar(kind, text) if *kind != Type::Null && entry.node.tag == Tag::Over => {
                            self.pair(&entry.key, entry.span, Type::Untyped, text)?;
                        }
                        _ => self.below(&entry.key, entry.span, &entry.node)?,
                    }
                }
                Ok(!entries.is_empty())
            }
            _ => Ok(false),
        }
    }

    fn pairs(&mut self, list: &str, items: &[Node<'_>]) -> Result<bool, Wrong> {
        if items.is_empty() {
            return Ok(false);
        }
        let is_of_one = if list == "labels" { is_of_a_label } else { is_of_a_name };
        // What is no pair and no name may be a value.
        let is_name = |key: &&str| !key.is_empty() && key.bytes().all(is_of_one);
        for item in items {
            let pair = item.scalar().map(|text| text.split_once('=').map_or((text, None), |(key, it)| (key, Some(it))));
            match pair.filter(|(key, _)| is_name(key)) {
                Some((key, Some(value))) => {
                    let quoted = |quote| value.strip_prefix(quote).and_then(|rest: &str| rest.strip_suffix(quote));
                    // Kustomize takes quotes off, Compose keeps them.
                    let inner = quoted('"').or_else(|| quoted('\'')).filter(|_| self.shape == Shape::Kustomization);
                    self.pair(key, item.span, Type::Untyped, inner.unwrap_or(value))?;
                }
                Some((key, None)) => self.pair(key, item.span, Type::Null, "")?,
                // As one value the whole list would hide the others.
                None => {
                    return Err(self.refuse(
                        "an item of a list of variables is not of the form `NAME=value`",
                        item.span.start,
                        "correct it; names have letters, digits and `_`, and stand before the first `=`",
                    ));
                }
            }
        }
        Ok(true)
    }

    fn pair(&mut self, key: &str, span: Span, kind: Type, value: &str) -> Result<(), Wrong> {
        let length = self.path.len();
        self.path.push('.');
        self.path.push_str(key);
        let said = self.here(span, kind, value);
        self.path.truncate(length);
        said
    }
}
