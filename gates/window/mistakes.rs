//! What is wrong with the settings beyond their form.

use std::collections::BTreeMap;

use jiff::tz::TimeZoneDatabase;

use super::civil::Zone;
use super::holidays::Holidays;
use super::policy::{Freeze, Lead, Line, People, Window};
use super::schedule::Regions;
use super::scope::globs;
use super::times::Times;
use crate::{Mistake, RiskLevel, Text};

/// The key and a sentence.
type Wrong = (&'static str, String);

pub(super) fn mistakes(policy: &Window) -> Vec<Mistake> {
    let lines =
        policy.allow.is_empty() && policy.deny.is_empty() && policy.freeze.is_empty() && policy.freezes.is_none();
    if lines && policy.lead.is_none() && policy.people.is_none() && policy.in_progress == Default::default() {
        let nothing = "no window is declared, so it would always be open; add an `allow`, `deny` or `freeze` table";
        return vec![Mistake::at(&[], nothing)];
    }
    // The database of the run is not known here; the bundled one is the default there too.
    let zones = TimeZoneDatabase::bundled();
    let mut mistakes = Vec::new();
    let mut in_entry = |list: &str, index: usize, wrong: Vec<Wrong>| {
        let index = index.to_string();
        mistakes.extend(wrong.into_iter().map(|(key, message)| Mistake::at(&[list, &index, key], message)));
    };
    for (index, line) in policy.allow.iter().enumerate() {
        in_entry("allow", index, of_line(line, true, &zones));
    }
    for (index, line) in policy.deny.iter().enumerate() {
        in_entry("deny", index, of_line(line, false, &zones));
    }
    for (index, freeze) in policy.freeze.iter().enumerate() {
        in_entry("freeze", index, freeze.mistakes(&zones));
    }
    // What touches other files would be open at any time: nobody who names paths means that.
    let by_paths = policy.allow.iter().position(|line| line.paths.is_some());
    if let Some(index) = by_paths.filter(|_| policy.allow.iter().all(|line| line.paths.is_some())) {
        let message =
            "a change that touches other files would always be open; add an allow without `paths`, or use `deny`";
        mistakes.push(Mistake::at(&["allow", &index.to_string(), "paths"], message));
    }
    mistakes.extend(of_regions(policy));
    mistakes.extend(policy.lead.iter().flat_map(of_lead));
    mistakes.extend(policy.people.iter().flat_map(|people| of_people(people, &zones)));
    mistakes
}

/// The lines of a list that name a region.
fn named<'a>(
    list: &'static str,
    regions: impl Iterator<Item = &'a Option<Text>>,
) -> Vec<(&'static str, usize, &'a str)> {
    regions.enumerate().filter_map(|(index, name)| Some((list, index, name.as_ref()?.as_str()))).collect()
}

/// Two ways to write one region; and with `regions = "any"` a region that would always be open, and all others with it.
fn of_regions(policy: &Window) -> Vec<Mistake> {
    let allowed = named("allow", policy.allow.iter().map(|line| &line.region));
    let closed = [
        named("deny", policy.deny.iter().map(|line| &line.region)),
        named("freeze", policy.freeze.iter().map(|freeze| &freeze.region)),
    ]
    .concat();
    let mut first: BTreeMap<String, &str> = BTreeMap::new();
    let mut mistakes = Vec::new();
    let mut wrong = |(list, index, _): &(&'static str, usize, &str), message: String| {
        mistakes.push(Mistake::at(&[list, &index.to_string(), "region"], message));
    };
    for one in allowed.iter().chain(&closed) {
        let known = *first.entry(one.2.to_lowercase()).or_insert(one.2);
        if known != one.2 {
            wrong(one, format!("the region `{}` is called `{known}` elsewhere; write it in one way", one.2));
        }
    }
    // An allow without a region is one of each.
    let each = policy.allow.is_empty() || policy.allow.iter().any(|line| line.region.is_none());
    if policy.regions == Regions::Any && !each {
        for one in closed.iter().filter(|one| !allowed.iter().any(|allow| allow.2.eq_ignore_ascii_case(one.2))) {
            let message = "has no allow, so it would be open whenever nothing closes it, and by `regions = \"any\"` everything; add an allow";
            wrong(one, format!("the region `{}` {message}", one.2));
        }
    }
    mistakes
}

fn of_line(line: &Line, opens: bool, zones: &TimeZoneDatabase) -> Vec<Wrong> {
    let mut wrong = of_scope(line.zone.as_ref(), line.risk.as_deref(), line.environments.as_deref(), zones);
    match line.times() {
        Err(found) => wrong.extend(found),
        Ok(Times::Holidays { codes, around }) => {
            if opens {
                wrong.push((
                    "holidays",
                    "an allow for public holidays alone is closed on every other day; use `deny`".into(),
                ));
            }
            let unknown = Holidays::of(codes.iter().map(Text::as_str), around).err().unwrap_or_default();
            wrong.extend(unknown.into_iter().map(|message| ("holidays", message)));
        }
        Ok(_) => {}
    }
    if line.zone.is_none() && line.ics.is_none() {
        wrong.push(("zone", "`zone` is missing: the IANA name of a time zone, such as \"Europe/Berlin\"".into()));
    }
    if opens && line.labels.is_some() {
        wrong.push((
            "labels",
            "an allow for labelled changes would let anybody who may label open it; use `risk`, or an override".into(),
        ));
    }
    let empty = [
        ("labels", line.labels.as_ref().is_some_and(Vec::is_empty)),
        ("paths", line.paths.as_ref().is_some_and(Vec::is_empty)),
        ("match", line.matching.as_ref().is_some_and(Vec::is_empty)),
        ("categories", line.categories.as_ref().is_some_and(Vec::is_empty)),
    ];
    for (key, _) in empty.into_iter().filter(|(_, empty)| *empty) {
        wrong.push((key, format!("`{key}` is empty, so this never applies; leave it out")));
    }
    for glob in line.paths.iter().flatten() {
        if let Err(e) = globs(glob.as_str()) {
            wrong.push(("paths", e.to_string()));
        }
    }
    wrong
}

impl Freeze {
    /// What is wrong with it: the key and a sentence.
    pub(super) fn mistakes(&self, zones: &TimeZoneDatabase) -> Vec<Wrong> {
        let mut wrong = of_scope(Some(&self.zone), self.risk.as_deref(), self.environments.as_deref(), zones);
        if self.until.end() <= self.from.start() {
            wrong.push(("until", format!("the freeze ends ({}) before it starts ({})", self.until, self.from)));
        }
        wrong
    }
}

fn of_scope(
    zone: Option<&Zone>,
    risk: Option<&[RiskLevel]>,
    environments: Option<&[Text]>,
    zones: &TimeZoneDatabase,
) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    if let Some(Err(unknown)) = zone.map(|zone| zone.find(zones)) {
        wrong.push(("zone", unknown));
    }
    if risk.is_some_and(<[_]>::is_empty) {
        wrong.push(("risk", "`risk` is empty, so this applies to no change; leave it out for every change".into()));
    }
    if environments.is_some_and(<[_]>::is_empty) {
        wrong.push(("environments", "`environments` is empty, so this applies nowhere; leave it out for each".into()));
    }
    wrong
}

fn of_lead(lead: &Lead) -> Option<Mistake> {
    let none = lead.label.is_none() && lead.ics.is_none();
    none.then(|| Mistake::at(&["lead"], "nothing says how a change is announced; add `label` or `ics`"))
}

fn of_people(people: &People, zones: &TimeZoneDatabase) -> Vec<Mistake> {
    let unknown = |(login, zone): (&String, &Zone)| {
        zone.find(zones).err().map(|wrong| Mistake::at(&["people", "zones", login], wrong))
    };
    let mut mistakes: Vec<Mistake> = people.zones.iter().filter_map(unknown).collect();
    if people.zones.is_empty() {
        mistakes.push(Mistake::at(&["people", "zones"], "`zones` is empty; add the accounts of those who deploy"));
    }
    if people.days.as_ref().is_some_and(Vec::is_empty) {
        mistakes.push(Mistake::at(&["people", "days"], "`days` is empty, so nobody ever works; leave it out"));
    }
    mistakes
}
