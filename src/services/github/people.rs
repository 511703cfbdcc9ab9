//! Members of teams, what people may do, and what is wrong with CODEOWNERS: one request for all.
//!
//! What a token may not see is an error beside the rest. It is no answer and no failure: the rest is kept.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use predeploy_gates::{Failure, OwnersMistake, People, PeopleAsked, Permission};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::answer::{GraphError, Told, complaint};
use super::pages::{Connection, List, incomplete};
use super::transport::{Session, Transport, shaped};

/// Teams and logins of one request. A hundred of either cost 1 point.
const MOST: usize = 100;

/// `organizations` is asked instead, if there is such a token; what it does not see of the repository, `ordinary` is asked for.
///
/// # Errors
/// If GitHub cannot be asked, a list is not whole, or something else is wrong than that the token may not see.
pub(super) async fn read(
    ordinary: &Transport,
    organizations: Option<&Transport>,
    owner: &str,
    name: &str,
    asked: &PeopleAsked,
) -> Result<People, Failure> {
    let (first, second) = (organizations.unwrap_or(ordinary).session()?, ordinary.session()?);
    let mut reading = Reading::new(owner, name, asked);
    // Teams and repository in one question, as long as that goes well.
    let mut together = true;
    loop {
        let teams = reading.unread_teams();
        let about_teams = !teams.is_empty();
        if !about_teams && reading.knows_repository() {
            return Ok(reading.people);
        }
        let with_repository = together || !about_teams;
        let question = reading.question(teams, with_repository);
        let session: &Session<'_> = if together || about_teams { &first } else { &second };
        let told = session.ask(&question.query, &Value::Object(question.variables.clone())).await?;
        let other_token = together && organizations.is_some();
        match reading.take(&question, told, other_token)? {
            Seen::All => {}
            // The same question to the same token would be refused again.
            Seen::TeamsAlone(failure) if !about_teams && !other_token => return Err(failure),
            // Then the teams go on alone, and after them the repository.
            Seen::TeamsAlone(_) => together = false,
        }
    }
}

/// What came of a question.
enum Seen {
    All,
    /// Nothing about the repository: this is why.
    TeamsAlone(Failure),
}

/// A question, and what its aliases stand for.
pub(super) struct Question {
    pub(super) query: String,
    variables: Map<String, Value>,
    /// Places in [`Reading::teams`].
    teams: Vec<usize>,
    /// Logins by their alias.
    logins: Vec<(String, String)>,
    codeowners: bool,
}

struct Team {
    /// `organization/slug` as asked.
    name: String,
    organization: String,
    slug: String,
    members: List<Member>,
    /// Read to its end, or the token does not see it.
    done: bool,
}

#[derive(Debug, Deserialize)]
struct Member {
    login: String,
}

pub(super) struct Reading<'a> {
    owner: &'a str,
    name: &'a str,
    teams: Vec<Team>,
    logins: Vec<String>,
    codeowners: Option<String>,
    people: People,
}

impl<'a> Reading<'a> {
    pub(super) fn new(owner: &'a str, name: &'a str, asked: &PeopleAsked) -> Self {
        let mut people = People::default();
        let mut teams = Vec::new();
        for name in &asked.teams {
            if people.teams.insert(name.clone(), None).is_some() {
                continue;
            }
            // Another form names no team that could be seen.
            if let Some((organization, slug)) = name.split_once('/') {
                teams.push(Team {
                    name: name.clone(),
                    organization: organization.to_owned(),
                    slug: slug.to_owned(),
                    members: List::new("members of a team"),
                    done: false,
                });
            }
        }
        let mut logins = asked.logins.clone();
        logins.sort();
        logins.dedup();
        Self { owner, name, teams, logins, codeowners: asked.codeowners.clone(), people }
    }

    pub(super) fn unread_teams(&self) -> Vec<usize> {
        let unread = |team: &Team| !team.done;
        (0..self.teams.len()).filter(|place| unread(&self.teams[*place])).take(MOST).collect()
    }

    fn unread_logins(&self) -> impl Iterator<Item = &String> {
        self.logins.iter().filter(|login| !self.people.permissions.contains_key(*login))
    }

    fn knows_repository(&self) -> bool {
        self.codeowners.is_none() && self.unread_logins().next().is_none()
    }

    pub(super) fn question(&self, teams: Vec<usize>, with_repository: bool) -> Question {
        let mut head = String::from("query People(");
        let mut body = String::from("  rateLimit { cost remaining resetAt }\n");
        let mut variables = Map::new();
        let mut declare = |name: String, kind: &str, value: &str| {
            _ = writeln!(head, "  ${name}: {kind}");
            variables.insert(name, Value::from(value));
        };
        for (group, (organization, places)) in self.by_organization(&teams).into_iter().enumerate() {
            declare(format!("o{group}"), "String!", &organization);
            _ = writeln!(body, "  o{group}: organization(login: $o{group}) {{");
            for place in places {
                let team = &self.teams[place];
                declare(format!("t{place}"), "String!", &team.slug);
                let after = match team.members.cursor() {
                    Some(cursor) => {
                        declare(format!("a{place}"), "String", cursor);
                        format!(", after: $a{place}")
                    }
                    None => String::new(),
                };
                // `ALL`: also those of the teams below it.
                _ = writeln!(
                    body,
                    "    t{place}: team(slug: $t{place}) {{ members(first: 100, membership: ALL{after}) {{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ login }} }} }}"
                );
            }
            body.push_str("  }\n");
        }
        let mut logins = Vec::new();
        let mut codeowners = false;
        if with_repository && !self.knows_repository() {
            declare("owner".into(), "String!", self.owner);
            declare("name".into(), "String!", self.name);
            body.push_str("  repository(owner: $owner, name: $name) {\n    id\n");
            for (n, login) in self.unread_logins().take(MOST).enumerate() {
                declare(format!("u{n}"), "String!", login);
                _ = writeln!(
                    body,
                    "    u{n}: collaborators(login: $u{n}, first: 1) {{ edges {{ permission node {{ login }} }} }}"
                );
                logins.push((format!("u{n}"), login.clone()));
            }
            if let Some(reference) = &self.codeowners {
                declare("codeowners".into(), "String!", reference);
                body.push_str("    codeowners(refName: $codeowners) { errors { line kind message } }\n");
                codeowners = true;
            }
            body.push_str("  }\n");
        }
        Question { query: format!("{head}) {{\n{body}}}\n"), variables, teams, logins, codeowners }
    }

    /// Places of teams by the name of their organization, which has no upper and lower case.
    fn by_organization(&self, teams: &[usize]) -> BTreeMap<String, Vec<usize>> {
        let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for place in teams {
            groups.entry(self.teams[*place].organization.to_ascii_lowercase()).or_default().push(*place);
        }
        groups
    }

    /// `other_token`: there is another that may see more of the repository.
    fn take(&mut self, question: &Question, told: Told, other_token: bool) -> Result<Seen, Failure> {
        let Told { data, errors } = told;
        let asks_repository = !question.logins.is_empty() || question.codeowners;
        let Some(Value::Object(mut data)) = data else {
            // A token without the scope is refused the whole of it.
            if errors.is_empty() {
                return Err(Failure::new("GitHub's answer holds neither data nor errors"));
            }
            if !errors.iter().all(GraphError::refuses) {
                return Err(complaint(&errors));
            }
            for place in &question.teams {
                self.teams[*place].done = true;
            }
            return Ok(if asks_repository { Seen::TeamsAlone(complaint(&errors)) } else { Seen::All });
        };
        let of_repository = |error: &&GraphError| error.at(0) == Some("repository");
        let (repository_errors, others): (Vec<_>, Vec<_>) = errors.iter().partition(of_repository);
        if others.iter().any(|error| error.path.is_empty() || !error.refuses()) {
            return Err(complaint(&errors));
        }
        for (group, (_, places)) in self.by_organization(&question.teams).into_iter().enumerate() {
            let mut organization = data.remove(&format!("o{group}")).unwrap_or_default();
            for place in places {
                let team = organization.get_mut(format!("t{place}")).map(Value::take).unwrap_or_default();
                self.members(place, team)?;
            }
        }
        if !asks_repository {
            return Ok(Seen::All);
        }
        if repository_errors.iter().any(|error| !error.refuses()) {
            return Err(complaint(&errors));
        }
        let of_login = |error: &&GraphError| error.at(1).is_some_and(|alias| alias.starts_with('u'));
        let elsewhere = repository_errors.iter().any(|error| other_token || !of_login(error));
        let repository = data.remove("repository").unwrap_or_default();
        let Value::Object(mut repository) = repository else {
            return Ok(Seen::TeamsAlone(match errors.is_empty() {
                true => incomplete("no repository".into()),
                false => complaint(&errors),
            }));
        };
        if elsewhere {
            return Ok(Seen::TeamsAlone(complaint(&errors)));
        }
        for (alias, login) in &question.logins {
            let permission = permission(repository.remove(alias).unwrap_or_default(), login)?;
            self.people.permissions.insert(login.clone(), permission);
        }
        if question.codeowners {
            // Nothing where there is no such file.
            let found: Option<Codeowners> = shaped(repository.remove("codeowners").unwrap_or_default())?;
            self.people.codeowners = found.map(|found| found.errors).unwrap_or_default();
            self.codeowners = None;
        }
        Ok(Seen::All)
    }

    fn members(&mut self, place: usize, told: Value) -> Result<(), Failure> {
        #[derive(Deserialize)]
        struct TeamNode {
            members: Option<Connection<Member>>,
        }
        let team = &mut self.teams[place];
        let node: Option<TeamNode> = shaped(told)?;
        let Some(page) = node.and_then(|node| node.members) else {
            team.done = true;
            return Ok(());
        };
        team.members.add(Some(page))?;
        if !team.members.more() {
            let members = std::mem::replace(&mut team.members, List::new("members of a team")).into_nodes();
            team.done = true;
            let logins = members.into_iter().map(|member| member.login).collect();
            self.people.teams.insert(team.name.clone(), Some(logins));
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Codeowners {
    errors: Vec<OwnersMistake>,
}

/// What one may do, if GitHub told of that one. Who is not among the collaborators may do nothing more than anybody.
fn permission(told: Value, login: &str) -> Result<Option<Permission>, Failure> {
    #[derive(Deserialize)]
    struct Collaborators {
        edges: Option<Vec<Option<Edge>>>,
    }
    #[derive(Deserialize)]
    struct Edge {
        permission: Granted,
        node: Member,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
    enum Granted {
        Read,
        Triage,
        Write,
        Maintain,
        Admin,
    }
    let found: Option<Collaborators> = shaped(told)?;
    let Some(edges) = found.and_then(|found| found.edges) else { return Ok(None) };
    if edges.is_empty() {
        return Ok(Some(Permission::None));
    }
    let theirs = edges.into_iter().flatten().find(|edge| edge.node.login.eq_ignore_ascii_case(login));
    Ok(theirs.map(|edge| match edge.permission {
        Granted::Read => Permission::Read,
        Granted::Triage => Permission::Triage,
        Granted::Write => Permission::Write,
        Granted::Maintain => Permission::Maintain,
        Granted::Admin => Permission::Admin,
    }))
}
