//! Who may override, and who had a part in the change.

use predeploy_gates::{Failure, People, Person, Text};

use super::Contributors;
use crate::config::OverrideSettings;

/// Whether somebody may, by the settings and by what the forge says of people.
///
/// # Errors
/// If the forge did not say what it depends on.
pub(super) fn may(
    login: &str,
    settings: &OverrideSettings,
    people: Option<&Result<People, Failure>>,
) -> Result<bool, Failure> {
    let same = |name: &Text| name.as_str().eq_ignore_ascii_case(login);
    let people = || match people {
        Some(Ok(people)) => Ok(people),
        Some(Err(failure)) => Err(failure.clone()),
        None => Err(Failure::new("the forge was not asked about people")),
    };
    let everybody = settings.users.is_empty() && settings.teams.is_empty();
    if !everybody && !settings.users.iter().any(same) && !in_a_team(login, &settings.teams, people)? {
        return Ok(false);
    }
    let Some(least) = settings.permission else { return Ok(!everybody) };
    let permissions = &people()?.permissions;
    let known = permissions.iter().find(|(name, _)| name.eq_ignore_ascii_case(login)).and_then(|(_, known)| *known);
    let unknown = || {
        Failure::new(format!("the forge does not tell what {login} may do with the repository"))
            .help("give a token that may read it, or name people under `users`")
    };
    Ok(known.ok_or_else(unknown)? >= least)
}

fn in_a_team<'a>(
    login: &str,
    teams: &[Text],
    people: impl Fn() -> Result<&'a People, Failure>,
) -> Result<bool, Failure> {
    let mut unseen = Vec::new();
    for team in teams.iter().map(Text::as_str) {
        match people()?.teams.iter().find(|(name, _)| name.eq_ignore_ascii_case(team)) {
            Some((_, Some(members))) if members.iter().any(|member| member.eq_ignore_ascii_case(login)) => {
                return Ok(true);
            }
            Some((_, Some(_))) => {}
            Some((_, None)) | None => unseen.push(team),
        }
    }
    if unseen.is_empty() {
        return Ok(false);
    }
    Err(Failure::new(format!("the token cannot see who belongs to {}", unseen.join(", ")))
        .help("give a token that may read the members of teams, or name people under `users`"))
}

pub(super) const MACHINE: &str = "it is a machine's";

/// Why an account is nobody's whose word could count at all.
pub(super) fn nobody(by: Option<&Person>) -> Option<&'static str> {
    match by {
        None => Some("its account was deleted"),
        Some(person) if person.bot || person.login.to_ascii_lowercase().ends_with("[bot]") => Some(MACHINE),
        Some(_) => None,
    }
}

impl Contributors {
    pub(super) fn has(&self, login: &str) -> bool {
        self.logins.iter().any(|known| known.eq_ignore_ascii_case(login))
    }
}
