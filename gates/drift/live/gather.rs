//! Holds the manifests of both ends of the change against what is live.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::compare;
use super::objects::{Object, scaled};
use super::read::{File, files, objects};
use super::{Declared, Difference, Evidence, Found, Leaving, Live, State};
use crate::{EvidenceGlob, Failure, Span, Text, Tree, World};

pub(in crate::drift) fn gather(all: &[Live], world: &World<'_>) -> Result<Vec<Evidence>, Failure> {
    let to = world.change.environment.as_deref();
    let of = |live: &Live| {
        world.cancel.check()?;
        Ok(Evidence { found: live.applies(to).then(|| found(live, world)) })
    };
    all.iter().map(of).collect()
}

/// Group, kind, namespace and name.
type Key = (String, String, Option<String>, String);

/// The manifests of one commit, or those of one run.
struct Manifests<'t> {
    /// Of an object that several files declare, all.
    by_key: BTreeMap<Key, Vec<(Object<'t>, &'t str)>>,
}

impl<'t> Manifests<'t> {
    fn of(files: &'t [File], default: Option<&Text>, world: &World<'_>) -> Result<Self, Failure> {
        let mut by_key: BTreeMap<Key, Vec<_>> = BTreeMap::new();
        for file in files {
            for mut object in objects(file, world)? {
                object.namespace = object.namespace.or_else(|| default.map(|name| name.as_str().to_owned()));
                by_key.entry(key(&object)).or_default().push((object, file.path.as_str()));
            }
        }
        Ok(Self { by_key })
    }

    /// What declares the same object.
    fn like(&self, key: &Key) -> impl Iterator<Item = &Object<'t>> {
        self.by_key.get(key).into_iter().flatten().map(|(object, _)| object)
    }
}

fn key(object: &Object<'_>) -> Key {
    let Object { group, kind, namespace, name, .. } = object;
    (group.clone(), kind.clone(), namespace.clone(), name.clone())
}

fn found(policy: &Live, world: &World<'_>) -> Result<Found, Failure> {
    let read = |globs, tree| files(globs, tree, world);
    let named = |globs: &super::Several<EvidenceGlob>| {
        globs.all().iter().map(|glob| format!("`{glob}`")).collect::<Vec<_>>().join(", ")
    };
    let dumped = read(&policy.objects, Tree::Work)?;
    if dumped.is_empty() {
        return Err(Failure::new(format!("no file matches {}", named(&policy.objects)))
            .help("write it before: `kubectl get -f k8s/ --ignore-not-found -o json > live.json`"));
    }
    let live = AllLive::of(&dumped, world)?;
    let (globs, head, base, tip) = match (&policy.manifests, &policy.rendered) {
        (Some(globs), _) => {
            let base = world.change.base.as_ref().map(|_| read(globs, Tree::Base)).transpose()?;
            // Where the target branch went on, what is live may be newer than what the change starts from.
            let tip = base.as_ref().and_then(|_| read(globs, Tree::Policy).ok()).filter(|files| !files.is_empty());
            (globs, read(globs, Tree::Head)?, base, tip)
        }
        (None, Some(globs)) => {
            let base = policy.applied.as_ref().map(|globs| read(globs, Tree::Work)).transpose()?;
            if let (Some([]), Some(globs)) = (base.as_deref(), &policy.applied) {
                return Err(Failure::new(format!("no file matches {}", named(globs)))
                    .help("write it before: `helm get manifest RELEASE > applied.yaml`"));
            }
            (globs, read(globs, Tree::Work)?, base, None)
        }
        (None, None) => return Err(Failure::new("no manifests are named")),
    };
    let mut found = Found {
        vanished: Vec::new(),
        live: live.all.len(),
        base: base.is_some(),
        objects: Vec::new(),
        undeclared: Vec::new(),
        leaving: Vec::new(),
    };
    if head.is_empty() {
        if policy.manifests.is_some() && base.as_ref().is_some_and(|files| !files.is_empty()) {
            found.vanished = globs.all().iter().map(ToString::to_string).collect();
            return Ok(found);
        }
        return Err(Failure::new(format!("no manifest matches {}", named(globs)))
            .help("correct the pattern; rendered manifests are named as `rendered`"));
    }
    let default = policy.namespace.as_ref();
    let of = |files| Manifests::of(files, default, world);
    let head = of(&head)?;
    if head.by_key.is_empty() {
        return Err(Failure::new(format!("no object of Kubernetes is declared in {}", named(globs)))
            .help("name the manifests, each with `apiVersion`, `kind` and `metadata.name`"));
    }
    let base = base.as_deref().map(of).transpose()?;
    // One that cannot be read excuses nothing.
    let tip = tip.as_deref().and_then(|files| of(files).ok());
    let ends = Ends { head, base, tip };
    let declared = ends.head.by_key.values().flatten().map(|(object, _)| object);
    let scaled = scaled(live.all.iter().chain(declared), default.map(Text::as_str));
    for (key, same) in &ends.head.by_key {
        world.cancel.check()?;
        let [(object, path), others @ ..] = same.as_slice() else { continue };
        let state = match others {
            [(_, other), ..] => State::Twice((*other).to_owned()),
            [] => ends.state(key, object, &live, &scaled)?,
        };
        let start = object.node.span.start;
        let span = Span { start, end: start };
        found.objects.push(Declared { name: live.called(object), path: (*path).to_owned(), span, state });
    }
    found.leaving = ends.leaving(&live, &scaled)?;
    if policy.undeclared.is_some() {
        found.undeclared = ends.undeclared(&live);
    }
    Ok(found)
}

/// The manifests between which the change leads.
struct Ends<'t> {
    head: Manifests<'t>,
    base: Option<Manifests<'t>>,
    /// Of the target branch.
    tip: Option<Manifests<'t>>,
}

impl Ends<'_> {
    /// Those that what is live may come from, besides the head.
    fn before(&self) -> impl Iterator<Item = &Manifests<'_>> {
        self.base.iter().chain(&self.tip)
    }

    fn state(
        &self,
        key: &Key,
        object: &Object<'_>,
        live: &AllLive<'_>,
        scaled: &BTreeSet<String>,
    ) -> Result<State, Failure> {
        if self.before().any(|manifests| manifests.like(key).next().is_none()) {
            return Ok(State::New);
        }
        let there = match live.find(object) {
            Ok(there) => there,
            Err(_) if object.is_passing() => return Ok(State::New),
            Err(state) => return Ok(state),
        };
        if there.version != object.version {
            return Ok(State::OtherVersion { declared: object.version.clone(), live: there.version.clone() });
        }
        let differences = |one: &Object<'_>| differences(one, there, scaled);
        let mut found = differences(object)?;
        for manifests in self.before() {
            // What one of several says, none of them must say otherwise.
            let mut then = BTreeSet::new();
            for one in manifests.like(key) {
                then.extend(differences(one)?.into_keys());
            }
            found.retain(|field, _| is_touched(field, &then));
        }
        Ok(State::Live(found.into_values().collect::<Vec<Difference>>()))
    }

    /// Live objects that are declared at the base and not at the head: nothing deletes them, and nobody looks at them any more.
    fn leaving(&self, live: &AllLive<'_>, scaled: &BTreeSet<String>) -> Result<Vec<Leaving>, Failure> {
        let mut leaving = Vec::new();
        let all = || self.base.iter().flat_map(|base| &base.by_key);
        // Under another group of its kind, or with its namespace named, it is still declared.
        let stays = |(_, kind, namespace, name): &Key| {
            self.head.by_key.keys().any(|(_, of, there, called)| {
                (of, called) == (kind, name) && (there == namespace || there.is_none() || namespace.is_none())
            })
        };
        for (_, same) in all().filter(|(key, _)| !stays(key)) {
            let Some((object, _)) = same.first().filter(|(object, _)| !object.is_passing()) else { continue };
            let Ok(there) = live.find(object) else { continue };
            let mut differs = there.version != object.version;
            for (one, _) in same {
                differs = differs || !differences(one, there, scaled)?.is_empty();
            }
            leaving.push(Leaving { name: live.called(object), differs });
        }
        Ok(leaving)
    }

    /// Live objects that no manifest declares, of kinds and namespaces of which one declares others.
    fn undeclared(&self, live: &AllLive<'_>) -> Vec<String> {
        let all = || [&self.head].into_iter().chain(self.before());
        let kinds: BTreeSet<(&str, &str, Option<&str>)> = self
            .head
            .by_key
            .keys()
            .map(|(group, kind, namespace, _)| (group.as_str(), kind.as_str(), namespace.as_deref()))
            .collect();
        let is_declared = |object: &Object<'_>, namespace: Option<String>| {
            let key = (object.group.clone(), object.kind.clone(), namespace, object.name.clone());
            all().any(|manifests| manifests.by_key.contains_key(&key))
        };
        let is_of_kind = |object: &&Object<'_>| {
            let of = |namespace| kinds.contains(&(object.group.as_str(), object.kind.as_str(), namespace));
            // Manifests may name a namespace for what has none, or none for what has one.
            of(object.namespace.as_deref()) || (of(None) && live.namespaces.len() < 2)
        };
        live.all
            .iter()
            .filter(is_of_kind)
            .filter(|object| !is_declared(object, object.namespace.clone()) && !is_declared(object, None))
            .filter(|object| !object.is_made_inside())
            .map(Object::called)
            .collect()
    }
}

/// The fields of a live object that are not as a manifest says.
fn differences(
    one: &Object<'_>,
    there: &Object<'_>,
    scaled: &BTreeSet<String>,
) -> Result<BTreeMap<String, Difference>, Failure> {
    let is_scaled = scaled.contains(&there.called()) || scaled.contains(&one.called());
    compare(&one.node, &there.node, is_scaled)
        .ok_or_else(|| Failure::new(format!("`{}` differs in more fields than can be told", one.called())))
}

/// Whether one of the fields is this one, or one above or below it: where a list without keys grows, only the whole of it is told.
fn is_touched(field: &str, fields: &BTreeSet<String>) -> bool {
    let below = |step: char| {
        let start = format!("{field}{step}");
        fields.range(start.clone()..).next().is_some_and(|next| next.starts_with(&start))
    };
    let mut above = field.match_indices(['.', '[']).filter_map(|(end, _)| field.get(..end));
    fields.contains(field) || below('.') || below('[') || above.any(|prefix| fields.contains(prefix))
}

struct AllLive<'t> {
    all: Vec<Object<'t>>,
    /// By group, kind and name, places in `all`.
    by_name: BTreeMap<(String, String, String), Vec<usize>>,
    /// By group and kind, the namespaces.
    kinds: BTreeMap<(String, String), BTreeSet<Option<String>>>,
    namespaces: BTreeSet<String>,
}

impl<'t> AllLive<'t> {
    fn of(files: &'t [File], world: &World<'_>) -> Result<Self, Failure> {
        let mut all = Vec::new();
        for file in files {
            all.extend(objects(file, world)?);
        }
        let (mut by_name, mut kinds) = (BTreeMap::<_, Vec<usize>>::new(), BTreeMap::<_, BTreeSet<_>>::new());
        for (index, Object { group, kind, namespace, name, .. }) in all.iter().enumerate() {
            by_name.entry((group.clone(), kind.clone(), name.clone())).or_default().push(index);
            kinds.entry((group.clone(), kind.clone())).or_default().insert(namespace.clone());
        }
        let namespaces = all.iter().filter_map(|object: &Object<'_>| object.namespace.clone()).collect();
        Ok(Self { all, by_name, kinds, namespaces })
    }

    /// As [`Object::called`], without the namespace that a manifest names for what has none.
    fn called(&self, object: &Object<'_>) -> String {
        if self.is_cluster_wide(object) { format!("{}/{}", object.kind, object.name) } else { object.called() }
    }

    fn is_cluster_wide(&self, object: &Object<'_>) -> bool {
        let of_kind = self.kinds.get(&(object.group.clone(), object.kind.clone()));
        of_kind.is_some_and(|namespaces| namespaces.contains(&None))
    }

    /// The live object, or why there is none to compare with.
    fn find(&self, object: &Object<'_>) -> Result<&Object<'t>, State> {
        let kind = (object.group.clone(), object.kind.clone());
        let of_kind = self.kinds.get(&kind);
        let name = (kind.0, kind.1, object.name.clone());
        let named = self.by_name.get(&name).into_iter().flatten().rev().filter_map(|index| self.all.get(*index));
        let named: Vec<&Object<'t>> = named.collect();
        let is_cluster_wide = self.is_cluster_wide(object);
        let missing = |others| {
            let kind = match &object.namespace {
                Some(namespace) if !is_cluster_wide => format!("{} of the namespace {namespace}", object.kind),
                _ => object.kind.clone(),
            };
            State::Missing { others, kind }
        };
        let Some(of_kind) = of_kind else { return Err(missing(false)) };
        if is_cluster_wide {
            // A manifest may name a namespace for what has none.
            return named.first().copied().ok_or_else(|| missing(true));
        }
        match &object.namespace {
            Some(_) => {
                let same = named.into_iter().find(|one| one.namespace == object.namespace);
                same.ok_or_else(|| missing(of_kind.contains(&object.namespace)))
            }
            None if self.namespaces.len() > 1 => {
                Err(State::SeveralNamespaces(self.namespaces.iter().take(3).cloned().collect()))
            }
            None => named.first().copied().ok_or_else(|| missing(true)),
        }
    }
}
