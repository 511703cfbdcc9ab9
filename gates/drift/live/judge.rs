//! From what is live to findings.

use std::collections::BTreeMap;

use globset::GlobSet;

use super::{Declared, Difference, Evidence, Found, How, Leaving, Live, State};
use crate::drift::part::Said;
use crate::drift::pattern::globs;
use crate::drift::rules::{
    LIVE_DIFFERENCE, MISSING_OBJECT, NOT_CHECKED, UNDECLARED_OBJECT, UNREADABLE_FILE, VANISHED_SOURCE,
};
use crate::{Failure, Finding, Place, Severity};

pub(in crate::drift) fn judge(policy: &[Live], evidence: &[Evidence]) -> Said {
    let mut said = Said::default();
    if policy.len() != evidence.len() {
        let finding = Finding::new(&UNREADABLE_FILE, "the evidence does not hold the live objects of the policy");
        said.findings.push(finding.help("gather it again with this policy"));
        return said;
    }
    let (mut objects, mut live) = (0, 0);
    for (policy, evidence) in policy.iter().zip(evidence) {
        match &evidence.found {
            None => continue,
            Some(Err(failure)) => said.findings.push(unreadable(failure)),
            Some(Ok(found)) => {
                objects += found.objects.len();
                live += found.live;
                said.findings.extend(OfPolicy { policy, ignored: globs(&policy.ignore) }.all(found));
            }
        }
    }
    if objects > 0 {
        let count = |id: &str| said.findings.iter().filter(|finding| finding.rule.id == id).count();
        let (differing, missing) = (count(LIVE_DIFFERENCE.id), count(MISSING_OBJECT.id));
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        said.summary = Some(format!(
            "{objects} declared object{} against {live} live one{}, {differing} field{} otherwise, {missing} missing",
            plural(objects),
            plural(live),
            plural(differing),
        ));
    }
    said
}

fn unreadable(failure: &Failure) -> Finding {
    let finding = Finding::new(&UNREADABLE_FILE, failure.message.clone());
    let finding = match &failure.help {
        Some(help) => finding.help(help.clone()),
        None => finding,
    };
    match &failure.place {
        Some(Place::File { path, span: Some(span) }) => finding.at(path, *span),
        Some(Place::File { path, span: None }) => finding.at_file(path),
        _ => finding,
    }
}

struct OfPolicy<'a> {
    policy: &'a Live,
    ignored: GlobSet,
}

impl OfPolicy<'_> {
    fn all(&self, found: &Found) -> Vec<Finding> {
        let mut findings = Vec::new();
        for pattern in &found.vanished {
            let message = format!("the change removes all manifests that match `{pattern}`");
            findings.push(Finding::new(&VANISHED_SOURCE, message).help("change the policy first if this is meant"));
        }
        // What is not known is said once for a kind.
        let mut unknown: BTreeMap<&str, Vec<&Declared>> = BTreeMap::new();
        for object in found.objects.iter().filter(|object| !self.ignored.is_match(&object.name)) {
            match &object.state {
                State::New => {}
                State::Live(differences) => findings.extend(self.differences(object, differences, found.base)),
                State::Missing { others, kind } if !others && !self.policy.complete => {
                    unknown.entry(kind).or_default().push(object);
                }
                State::Missing { .. } => findings.push(missing(object, found.base)),
                State::OtherVersion { declared, live } => findings.push(doubt(
                    object,
                    format!("`{}` is `{declared}` in the manifest and `{live}` here, whose fields are others", object.name),
                    "get it in the version of the manifest: `kubectl get KIND.VERSION.GROUP`, or write the manifest in the newer one",
                )),
                State::SeveralNamespaces(names) => {
                    let names = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                    findings.push(doubt(
                        object,
                        format!("`{}` names no namespace, and the live objects are of several: {names}", object.name),
                        "say it as `namespace`, or write it into the manifest",
                    ));
                }
                State::Twice(other) => findings.push(doubt(
                    object,
                    format!("`{}` is declared in `{}` and again in `{other}`: which of them holds is not known", object.name, object.path),
                    "name only the files that are applied, and no patches; what Kustomize makes is `rendered`",
                )),
            }
        }
        for (kind, objects) in unknown {
            let [first, rest @ ..] = objects.as_slice() else { continue };
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            findings.push(doubt(
                first,
                format!("no {kind} is among the live objects, so that nothing is known of `{}`{more}", first.name),
                "get them too; or say `complete = true` if the objects are what `kubectl get -f` finds of the manifests",
            ));
        }
        for Leaving { name, differs } in found.leaving.iter().filter(|leaving| !self.ignored.is_match(&leaving.name)) {
            let (drifted, severity) =
                if *differs { (", and not as it was declared", Severity::Warning) } else { ("", Severity::Note) };
            let message = format!("`{name}` is live{drifted}, and the change takes its manifest away");
            let finding = Finding::new(&UNDECLARED_OBJECT, message).severity(severity);
            findings.push(finding.help("delete it once the change is deployed, or keep the manifest").about(name));
        }
        if let Some(undeclared) = self.policy.undeclared {
            for name in found.undeclared.iter().filter(|name| !self.ignored.is_match(name)) {
                let finding =
                    Finding::new(&UNDECLARED_OBJECT, format!("`{name}` is live, and no manifest declares it"));
                findings.push(
                    finding
                        .severity(undeclared.severity())
                        .help("declare it, delete it, or list it in `ignore`")
                        .about(name),
                );
            }
        }
        findings
    }

    fn differences(&self, object: &Declared, differences: &[Difference], base: bool) -> Vec<Finding> {
        let mut findings = Vec::new();
        for difference in differences {
            let name = &object.name;
            let field = &difference.field;
            let subject = format!("{name}#{field}");
            if self.ignored.is_match(&subject) {
                continue;
            }
            let finding = match difference.how {
                How::Unrendered => Finding::new(
                    &NOT_CHECKED,
                    format!("`{field}` of `{name}` is filled in when it is applied, and so is not compared"),
                )
                .help("render the manifests and name them as `rendered`, or list the field in `ignore`"),
                how => {
                    let message = match how {
                        How::Absent => format!("`{field}` of `{name}` is declared, and not there"),
                        How::Added => format!("`{field}` of `{name}` is there, and not declared"),
                        _ => format!("`{field}` of `{name}` is not as it is declared"),
                    };
                    // Nothing takes away what is there besides; and without the change's start, this may be the change itself.
                    let severity = if base && how != How::Added { Severity::Error } else { Severity::Warning };
                    Finding::new(&LIVE_DIFFERENCE, message)
                        .severity(severity)
                        .help("take it over into the manifest, undo it, or waive this finding with the reason")
                }
            };
            findings.push(finding.about(subject).at(&object.path, difference.span));
        }
        findings
    }
}

fn missing(object: &Declared, base: bool) -> Finding {
    let severity = if base { Severity::Error } else { Severity::Warning };
    Finding::new(&MISSING_OBJECT, format!("`{}` is declared, and not live", object.name))
        .severity(severity)
        .help("find out who deleted it; remove the manifest if it is gone for good, or waive this finding")
        .about(&object.name)
        .at(&object.path, object.span)
}

fn doubt(object: &Declared, message: String, help: &str) -> Finding {
    Finding::new(&NOT_CHECKED, message).help(help).about(&object.name).at(&object.path, object.span)
}
