//! Where waivers come from: the law, the policy of the head, and comments in files.

use std::collections::BTreeSet;

use predeploy_gates::{Change, Failure, Finding, Forge, Place, Span, Status, Tree, Workspace};

use super::{Candidate, inline};
use crate::change::direction::{approver, ships};
use crate::config::{self, Policy, Waiver};
use crate::run::gather::Surroundings;
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
    /// Where it stands.
    pub(crate) path: &'a str,
}

/// What was found.
pub(crate) struct Collected {
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) malformed: Vec<Finding>,
}

/// All waivers that could matter. What stands in the tree `accepted` counts without an approval.
pub(crate) fn all(
    texts: &Texts<'_>,
    policy: &Policy,
    around: &Surroundings,
    accepted: Tree,
    judged: &Judged,
) -> Collected {
    let environment = around.change.environment.as_deref();
    let read = |text: &str| config::read("", text, environment).map(|p| p.house.waiver).unwrap_or_default();
    let of_base = texts.base.map(read);
    let in_base = |waiver: &Waiver| of_base.as_ref().is_none_or(|accepted| accepted.contains(waiver));
    let mut waivers: Vec<(Waiver, bool)> = policy.house.waiver.iter().map(|w| (w.clone(), in_base(w))).collect();
    for proposed in texts.head.as_deref().map(read).unwrap_or_default() {
        if !waivers.iter().any(|(known, _)| *known == proposed) {
            let known = in_base(&proposed);
            waivers.push((proposed, known));
        }
    }
    let candidates = waivers.into_iter().map(|(waiver, in_base)| {
        let text = if in_base { texts.law } else { texts.head.as_deref().unwrap_or(texts.law) };
        let place = Place::File { path: texts.path.into(), span: line_of(text, &waiver) };
        Candidate { waiver, place, lines: None, in_base }
    });
    let mut collected = Collected { candidates: candidates.collect(), malformed: Vec::new() };
    in_files(around, accepted, judged, &mut collected);
    collected
}

/// The line of the policy that gives the waiver's reason, which is what tells it from others.
fn line_of(text: &str, waiver: &Waiver) -> Option<Span> {
    let reason = waiver.reason.as_str();
    let index = text.lines().position(|line| line.contains(reason))?;
    Some(Span::of_line(text, u32::try_from(index + 1).ok()?))
}

/// Looks into the files that findings point at and into those that the change touches.
fn in_files(around: &Surroundings, accepted: Tree, judged: &Judged, collected: &mut Collected) {
    let (change, trees) = (&around.change, &around.trees);
    let pointed = judged.findings().filter_map(|f| f.file_and_line()).map(|(path, _)| path.to_string());
    let touched = change.files().iter().filter(|f| f.status != Status::Deleted).map(|f| f.path.clone());
    for path in pointed.chain(touched).collect::<BTreeSet<_>>() {
        let Some(now) = text(trees, Tree::Head, &path) else { continue };
        // A file that is new, or cannot be read there, had no waiver.
        let before = text(trees, accepted, path_before(change, &path)).unwrap_or_default();
        let (candidates, malformed) = inline::scan(&path, &now, &before);
        collected.candidates.extend(candidates);
        collected.malformed.extend(malformed);
    }
}

/// The name that the file had before the change.
fn path_before<'a>(change: &'a Change, path: &'a str) -> &'a str {
    let renamed = change.files().iter().find_map(|f| match &f.status {
        Status::Renamed { from } if f.path == path => Some(from.as_str()),
        _ => None,
    });
    renamed.unwrap_or(path)
}

/// A file's text; a file that is missing, large or not text has no waivers.
fn text(trees: &Trees, tree: Tree, path: &str) -> Option<String> {
    let source = trees.read(tree, path, LARGEST).ok()??;
    String::from_utf8(source.bytes).ok()
}

/// Who, of those that the policy allows, approved every pull request of the change; nobody unless each has someone.
pub(crate) async fn approved_by(
    change: &Change,
    policy: &Policy,
    forge: &dyn Forge,
) -> Result<Option<String>, Failure> {
    let allowed = &policy.house.waivers.approvers;
    if allowed.is_empty() {
        return Ok(None);
    }
    let mut numbers = change.pull_requests.clone();
    if let (true, Some(head)) = (numbers.is_empty(), &change.head) {
        numbers = forge.pull_requests_with(head).await?;
    }
    let mut approvers = Vec::new();
    for number in numbers {
        let pull_request = forge.pull_request(number).await?;
        match approver(&pull_request, allowed).filter(|_| ships(&pull_request, change)) {
            Some(who) => approvers.push(who),
            None => return Ok(None),
        }
    }
    Ok((!approvers.is_empty()).then(|| approvers.join(", ")))
}
