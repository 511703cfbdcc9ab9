//! Where GitHub answers.

/// The addresses of one GitHub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoints {
    pub(crate) graphql: String,
    /// What the paths of REST begin with.
    pub(crate) rest: String,
}

impl Endpoints {
    /// From the values of `GITHUB_GRAPHQL_URL` and `GITHUB_API_URL`. One is told from the other, so that a token never goes to
    /// another host than the one that was named.
    ///
    /// GitHub Enterprise Server has REST under `/api/v3` and GraphQL under `/api/graphql`:
    /// <https://docs.github.com/en/enterprise-server/graphql/guides/forming-calls-with-graphql#the-graphql-endpoint>.
    pub(crate) fn of(graphql: Option<&str>, api: Option<&str>) -> Self {
        let trim = |url: &str| url.trim_end_matches('/').to_owned();
        let rest = match (api, graphql) {
            (Some(api), _) => trim(api),
            (None, Some(graphql)) => {
                let graphql = trim(graphql);
                let root = graphql.strip_suffix("/graphql").unwrap_or(&graphql);
                if root.ends_with("/api") { format!("{root}/v3") } else { root.to_owned() }
            }
            (None, None) => "https://api.github.com".to_owned(),
        };
        let graphql = match graphql {
            Some(graphql) => graphql.to_owned(),
            None => format!("{}/graphql", rest.strip_suffix("/v3").unwrap_or(&rest)),
        };
        Self { graphql, rest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_of_github_and_of_an_enterprise_server() {
        let check = |graphql: Option<&str>, api: Option<&str>, expected: [&str; 2]| {
            let [graphql_url, rest] = expected.map(String::from);
            assert_eq!(Endpoints::of(graphql, api), Endpoints { graphql: graphql_url, rest });
        };
        let github = ["https://api.github.com/graphql", "https://api.github.com"];
        check(None, None, github);
        check(None, Some("https://api.github.com"), github);
        check(Some("https://api.github.com/graphql"), None, github);
        let server = ["https://ghe.example/api/graphql", "https://ghe.example/api/v3"];
        check(None, Some("https://ghe.example/api/v3/"), server);
        check(Some("https://ghe.example/api/graphql"), None, server);
        check(Some("https://ghe.example/api/graphql"), Some("https://ghe.example/api/v3"), server);
        let cloud = ["https://api.acme.ghe.com/graphql", "https://api.acme.ghe.com"];
        check(None, Some("https://api.acme.ghe.com"), cloud);
    }
}
