//! `predeploy explain`: the documentation that is compiled in.

use predeploy_gates::GATES;

use crate::config;
use crate::exit::Stop;
use crate::rules;

/// The text about a gate or a rule; of nothing, the list of all.
pub(crate) fn explain(topic: Option<&str>) -> Result<String, Stop> {
    let Some(topic) = topic else { return Ok(list()) };
    let readmes = GATES.iter().map(|row| (row.kind, row.readme)).chain([(rules::KIND, rules::README)]);
    for (kind, readme) in readmes {
        if topic == kind {
            return Ok(readme.into());
        }
        if topic.starts_with(kind)
            && let Some(section) = rules::section(readme, topic)
        {
            return Ok(section);
        }
    }
    let rules = GATES.iter().flat_map(|row| row.rules).chain(rules::ALL).map(|rule| rule.id);
    let known = GATES.iter().map(|row| row.kind).chain([rules::KIND]).chain(rules);
    let slip = config::meant(topic, known).map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default();
    Err(Stop::usage(format!("there is no gate or rule `{topic}`"), format!("{slip}`predeploy explain` lists them all")))
}

fn list() -> String {
    let mut text = String::new();
    for row in GATES {
        text.push_str(&format!("{:<12} {}\n", row.kind, row.summary));
        for rule in row.rules {
            text.push_str(&format!("  {:<34} {}\n", rule.id, rule.summary));
        }
    }
    text.push_str(&format!("{:<12} what the house itself can find\n", rules::KIND));
    for rule in rules::ALL {
        text.push_str(&format!("  {:<34} {}\n", rule.id, rule.summary));
    }
    text
}
