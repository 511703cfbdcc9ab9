//! Where waivers come from: the law, the policy of the head, and comments in files.

use std::collections::BTreeSet;

use predeploy_gates::{Change, Failure, Finding, Forge, Place, Span, Status, Tree, Workspace};

use super::{Candidate, inline};
use crate::change::direction::approver;
use crate::config::{self, Policy, Waiver};
use crate::run::judge::Judged;
use crate::services::trees::Trees;

/// Files larger than this are not searched for waivers.
const LARGEST: u64 = 1 << 20;

/// The policy in its versions.
pub(crate) struct Texts<'a> {
    /// The one that decides.
    pub(crate) law: &'a str,
    /// The base's; `None` if it has none, and then the law's waivers count.
    pub(crate) base: Option<&'a str>,
    /// The head's, which may propose more.
    pub(crate) head: Option<String>,
}

/// What was found.
pub(crate) struct Collected {
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) malformed: Vec<Finding>,
}

/// All waivers that could matter.
pub(crate) fn all(
    texts: &Texts<'_>,
    policy: &Policy,
    change: &Change,
    trees: &Trees,
    judged: &Judged,
    environment: Option<&str>,
) -> Collected {
    let read = |text: &str| config::read("", text, environment).map(|p| p.house.waiver).unwrap_or_default();
    let accepted = texts.base.map(read);
    let in_base = |waiver: &Waiver| accepted.as_ref().is_none_or(|accepted| accepted.contains(waiver));
    let mut waivers: Vec<(Waiver, bool)> = policy.house.waiver.iter().map(|w| (w.clone(), in_base(w))).collect();
    for proposed in texts.head.as_deref().map(read).unwrap_or_default() {
        if !waivers.iter().any(|(known, _)| *known == proposed) {
            let known = in_base(&proposed);
            waivers.push((proposed, known));
        }
    }
    let candidates = waivers.into_iter().map(|(waiver, in_base)| {
        let text = if in_base { texts.law } else { texts.head.as_deref().unwrap_or(texts.law) };
        let place = Place::File { path: config::FILE_NAME.into(), span: line_of(text, &waiver) };
        Candidate { waiver, place, lines: None, in_base }
    });
    let mut collected = Collected { candidates: candidates.collect(), malformed: Vec::new() };
    in_files(change, trees, judged, &mut collected);
    collected
}

/// The line of the policy that gives the waiver's reason, which is what tells it from others.
fn line_of(text: &str, waiver: &Waiver) -> Option<Span> {
    let reason = waiver.reason.as_str();
    let index = text.lines().position(|line| line.contains(reason))?;
    Some(Span::of_line(text, u32::try_from(index + 1).ok()?))
}

/// Looks into the files that findings point at and into those that the change touches.
fn in_files(change: &Change, trees: &Trees, judged: &Judged, collected: &mut Collected) {
    let pointed = judged.findings().filter_map(|f| f.file_and_line()).map(|(path, _)| path.to_string());
    let touched = change.files().iter().filter(|f| f.status != Status::Deleted).map(|f| f.path.clone());
    for path in pointed.chain(touched).collect::<BTreeSet<_>>() {
        let Some(text) = text(trees, Tree::Head, &path) else { continue };
        // A file that is new, or cannot be read at the base, had no waiver there.
        let base = text_before(change, trees, &path).unwrap_or_default();
        let (candidates, malformed) = inline::scan(&path, &text, Some(&base));
        collected.candidates.extend(candidates);
        collected.malformed.extend(malformed);
    }
}

/// The file at the base, under the name that it had there; without a base, where the law is read. On a developer's
/// machine that is the working tree itself.
fn text_before(change: &Change, trees: &Trees, path: &str) -> Option<String> {
    let before = change.files().iter().find_map(|f| match &f.status {
        Status::Renamed { from } if f.path == path => Some(from.as_str()),
        _ => None,
    });
    let tree = if trees.base.is_some() { Tree::Base } else { Tree::Policy };
    text(trees, tree, before.unwrap_or(path))
}

/// A file's text; a file that is missing, large or not text has no waivers.
fn text(trees: &Trees, tree: Tree, path: &str) -> Option<String> {
    let source = trees.read(tree, path, LARGEST).ok()??;
    String::from_utf8(source.bytes).ok()
}

/// Who of those that the policy allows approved the revision of every pull request of the change.
pub(crate) async fn approved_by(
    change: &Change,
    policy: &Policy,
    forge: &dyn Forge,
) -> Result<Option<String>, Failure> {
    let allowed = &policy.house.waivers.approvers;
    if allowed.is_empty() {
        return Ok(None);
    }
    let [number] = change.pull_requests.as_slice() else { return Ok(None) };
    let pull_request = forge.pull_request(*number).await?;
    let revision = change.head.as_deref().unwrap_or(&pull_request.head);
    Ok(approver(&pull_request, revision, allowed))
}
