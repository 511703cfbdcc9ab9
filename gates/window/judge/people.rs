//! The working hours of who deploys.

use jiff::{Timestamp, ToSpan};

use super::spoken;
use crate::window::OFF_HOURS;
use crate::window::interval::Effect;
use crate::window::policy::{Outside, Window};
use crate::window::recurrence::Recurrence;
use crate::window::recurrence::weekly::Weekly;
use crate::{Context, Finding, Severity};

pub(super) fn judge(policy: &Window, at: &Context<'_>) -> Option<Finding> {
    let people = policy.people.as_ref()?;
    let severity = match people.outside {
        Outside::Warn => Severity::Warning,
        Outside::Hold => Severity::Pending,
    };
    let Some(actor) = &at.change.actor else {
        return Some(
            Finding::new(&OFF_HOURS, "who deploys is not known, and so neither are their working hours")
                .severity(Severity::Note),
        );
    };
    let Some((_, zone)) = people.zones.iter().find(|(login, _)| login.eq_ignore_ascii_case(actor)) else {
        let message = format!("`{actor}` is not in the table `people.zones`, so their working hours are not known");
        return Some(Finding::new(&OFF_HOURS, message).severity(Severity::Note).about(actor));
    };
    let zone = match zone.find(at.zones) {
        Ok(zone) => zone,
        Err(unknown) => return Some(Finding::new(&OFF_HOURS, unknown).severity(Severity::Unresolved)),
    };
    let hours = Recurrence::Weekly(Weekly {
        effect: Effect::Opens,
        zone: zone.clone(),
        days: people.working_days(),
        from: people.starts(),
        until: people.ends(),
    });
    let state = hours.look(at.at, at.at.checked_add((30 * 24).hours()).unwrap_or(Timestamp::MAX));
    if state.holds {
        return None;
    }
    let message = format!("for `{actor}` it is {}, outside of their working hours", spoken(at.at, &zone));
    let help = format!("let somebody deploy who is at work, or wait until {}", spoken(state.until, &zone));
    Some(Finding::new(&OFF_HOURS, message).severity(severity).about(actor).help(help))
}
