//! The working hours of who deploys.

use jiff::{Timestamp, ToSpan};

use super::{Beside, spoken};
use crate::window::OFF_HOURS;
use crate::window::evidence::Evidence;
use crate::window::interval::Effect;
use crate::window::policy::{Outside, Window};
use crate::window::recurrence::Recurrence;
use crate::window::recurrence::weekly::Weekly;
use crate::{Context, Finding, Severity};

pub(super) fn judge(policy: &Window, evidence: &Evidence, at: &Context<'_>) -> Beside {
    let Some(people) = &policy.people else { return Beside::default() };
    let only = |finding: Finding| Beside { findings: vec![finding], ..Beside::default() };
    // Whose hours are not known may be outside of them. On a developer's machine nobody deploys by it.
    let unknown = |by_name: bool| match people.outside {
        Outside::Hold if by_name || evidence.in_ci => Severity::Unresolved,
        Outside::Hold | Outside::Warn => Severity::Note,
    };
    let Some(actor) = &at.change.actor else {
        let message = "who deploys is not known, and so neither are their working hours";
        return only(Finding::new(&OFF_HOURS, message).severity(unknown(false)));
    };
    let Some((_, zone)) = people.zones.iter().find(|(login, _)| login.eq_ignore_ascii_case(actor)) else {
        let message = format!("`{actor}` is not in the table `people.zones`, so their working hours are not known");
        let help = "add the account with its zone, or let somebody deploy who is in it";
        return only(Finding::new(&OFF_HOURS, message).severity(unknown(true)).about(actor).help(help));
    };
    let zone = match zone.find(at.zones) {
        Ok(zone) => zone,
        Err(unknown) => return only(Finding::new(&OFF_HOURS, unknown).severity(Severity::Unresolved)),
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
        let until = Some(state.until).filter(|_| people.outside == Outside::Hold);
        return Beside { until, ..Beside::default() };
    }
    let severity = match people.outside {
        Outside::Warn => Severity::Warning,
        Outside::Hold => Severity::Pending,
    };
    let message = format!("for `{actor}` it is {}, outside of their working hours", spoken(at.at, &zone));
    let help = format!("let somebody deploy who is at work, or wait until {}", spoken(state.until, &zone));
    only(Finding::new(&OFF_HOURS, message).severity(severity).about(actor).help(help))
}
