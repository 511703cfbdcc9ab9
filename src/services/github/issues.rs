//! Issues that are opened, only where a command asks for it.
//!
//! <https://docs.github.com/en/rest/issues/issues#create-an-issue>

use std::sync::Arc;

use predeploy_gates::Failure;
use reqwest::{StatusCode, Url, header, redirect};
use serde::Deserialize;
use serde_json::json;

use super::credential::Credential;
use super::endpoints::Endpoints;
use super::spent::Spent;
use super::transport::{Patience, Transport, is_loopback};

/// The issues of a repository.
pub(crate) struct Issues {
    address: Url,
    /// For the token of an App.
    transport: Transport,
    patience: Patience,
}

impl Issues {
    /// Of the repository `owner/name`.
    ///
    /// # Errors
    /// If the address is none that a token may be sent to.
    pub(crate) fn new(
        repository: &str,
        endpoints: &Endpoints,
        credential: impl Into<Credential>,
        patience: Patience,
    ) -> Result<Self, Failure> {
        let address = format!("{}/repos/{repository}/issues", endpoints.rest);
        let wrong = |why: &str| Failure::new(format!("`{address}` is no address of GitHub's REST: {why}"));
        let url = Url::parse(&address).map_err(|e| wrong(&e.to_string()))?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            _ => return Err(wrong("a token is sent over https only")),
        }
        let transport = Transport::new(endpoints, credential, patience, Arc::<Spent>::default())?;
        Ok(Self { address: url, transport, patience })
    }

    /// Opens one; its address. Never sent twice: a lost answer could mean that it is there.
    pub(crate) async fn open(&self, title: &str, body: &str, label: &str) -> Result<String, Failure> {
        #[derive(Deserialize)]
        struct Opened {
            html_url: String,
            labels: Vec<Label>,
        }
        #[derive(Deserialize)]
        struct Label {
            name: String,
        }
        let lost = |why: &dyn std::fmt::Display| {
            Failure::new(format!("GitHub could not be reached: {why}")).help("look at the network, and run it again")
        };
        let mut client = reqwest::Client::builder().redirect(redirect::Policy::none()).timeout(self.patience.request);
        if is_loopback(&self.address) {
            client = client.no_proxy();
        }
        let client = client.build().map_err(|e| lost(&e.without_url()))?;
        let request = client
            .post(self.address.clone())
            .bearer_auth(self.transport.session()?.token().await?.expose())
            .header(header::ACCEPT, "application/vnd.github+json")
            .header(header::USER_AGENT, "predeploy")
            .json(&json!({ "title": title, "body": body, "labels": [label] }));
        let response = request.send().await.map_err(|e| lost(&e.without_url()))?;
        match response.status() {
            StatusCode::CREATED => {}
            status => return Err(refusal(status)),
        }
        let opened: Opened = response.json().await.map_err(|e| {
            Failure::new(format!("GitHub's answer is not of the form that is read: {}", e.without_url()))
                .help("an issue may have been opened: look before you run it again")
        })?;
        // Without the right to write GitHub drops labels silently, and nobody would find the issue.
        if !opened.labels.iter().any(|given| given.name.eq_ignore_ascii_case(label)) {
            return Err(Failure::new(format!("the issue {} did not get the label `{label}`", opened.html_url))
                .help(format!("add the label `{label}` to it, and give a token with the permission `issues: write`")));
        }
        Ok(opened.html_url)
    }
}

fn refusal(status: StatusCode) -> Failure {
    let refused = |why: &str| Failure::new(format!("GitHub {why} ({status})"));
    match status {
        StatusCode::UNAUTHORIZED => refused("refuses the token").help("give a token that is valid"),
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => refused("does not let the token open an issue")
            .help("give a token with the permission `issues: write`: in a workflow `permissions: { issues: write }`"),
        StatusCode::GONE => refused("has no issues in this repository").help("switch issues on in its settings"),
        StatusCode::TOO_MANY_REQUESTS => refused("takes no more requests now").help("run it again later"),
        _ => refused("opened no issue").help("run it again later"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::Token;
    use super::*;

    #[test]
    fn issues_are_beside_graphql_and_a_token_goes_over_https_or_the_loopback_only() {
        let address = |graphql: &str| {
            Issues::new(
                "acme/shop",
                &Endpoints::of(Some(graphql), None),
                Token::new("sesame").unwrap(),
                Patience::default(),
            )
            .map(|issues| issues.address.to_string())
            .map_err(|failure| failure.message)
        };
        let issues = |root: &str| Ok(format!("{root}/repos/acme/shop/issues"));
        assert_eq!(address("https://api.github.com/graphql"), issues("https://api.github.com"));
        assert_eq!(address("https://ghe.example/api/graphql"), issues("https://ghe.example/api/v3"));
        assert_eq!(address("http://127.0.0.1:8080/graphql"), issues("http://127.0.0.1:8080"));
        for wrong in ["http://api.github.com/graphql", "http://127.0.0.1.example/graphql"] {
            assert!(address(wrong).unwrap_err().contains("a token is sent over https only"));
        }
    }
}
