//! T21: a merge group whose base is another queued change.

use serde_json::json;

use crate::support::{Forge, Pull, Ran, Repo, event, policies};

/// Pull requests 7 and 8, merged one onto the other in the queue.
struct Queue {
    repo: Repo,
    base: String,
    seven: String,
    eight: String,
    /// The merge of 7, on which the group of 8 is based.
    first: String,
    second: String,
}

fn queue(policy: &str, seven: impl FnOnce(&Repo), eight: impl FnOnce(&Repo)) -> Queue {
    let repo = Repo::new();
    let base = repo.with("predeploy.toml", policy).with("a.env", "A=1\n").with("b.env", "A=1\n").commit("base");
    repo.origin("main", &base).branch("seven");
    seven(&repo);
    let seven = repo.commit("seven");
    repo.switch("main").branch("eight");
    eight(&repo);
    let eight = repo.commit("eight");
    repo.switch("main").branch("queue");
    let merge = |branch: &str| {
        repo.git(&["merge", "-q", "--no-ff", "-m", &format!("Merge {branch}"), branch]);
        repo.head()
    };
    let (first, second) = (merge("seven"), merge("eight"));
    Queue { repo, base, seven, eight, first, second }
}

impl Queue {
    fn run(&self, forge: &Forge) -> Ran {
        self.repo.check().event(event::merge_group(8, &self.first, &self.second)).forge(forge).run()
    }

    fn forge(&self, seven: Pull, eight: Pull) -> Forge {
        Forge::knowing().pull(seven).pull(eight).brought(&self.first, &[7]).start()
    }
}

const REVIEW: &str = "[gates.review]\napprovals = 1\n";

#[test]
fn t21_the_law_is_the_protected_branchs_and_not_the_queued_changes() {
    let queue = queue(
        policies::SAME_KEYS,
        |repo| _ = repo.with("predeploy.toml", policies::OPEN),
        |repo| {
            repo.with("b.env", "A=CHANGEME\n");
        },
    );
    let forge = queue.forge(Pull::new(7, &queue.seven), Pull::new(8, &queue.eight));
    let ran = queue.run(&forge);
    ran.is("blocked").gate_is("drift", "blocked").says("run/policy-edited", &["predeploy.toml"]);
    assert!(ran.report["policy"]["source"].as_str().unwrap().contains(&queue.base[..12]), "{ran}");
    assert_eq!(ran.change()["base"], json!(queue.base));
    assert_eq!(ran.files(), ["M b.env", "M predeploy.toml"]);
}

#[test]
fn t21_every_pull_request_of_the_group_is_judged() {
    let queue = queue(REVIEW, |repo| _ = repo.with("7.txt", "7"), |repo| _ = repo.with("8.txt", "8"));
    let (seven, eight) = (|| Pull::new(7, &queue.seven), || Pull::new(8, &queue.eight));
    let approved = |pull: Pull, head: &str| pull.approved("bob", head);
    let ran = queue.run(&queue.forge(approved(seven(), &queue.seven), approved(eight(), &queue.eight)));
    ran.is("passed");
    assert_eq!(ran.change()["pull_requests"], json!([7, 8]));
    let ran = queue.run(&queue.forge(seven(), approved(eight(), &queue.eight)));
    ran.is("blocked").says("review/not-approved", &["#7"]);
    let ran = queue.run(&queue.forge(approved(seven(), &queue.seven), eight()));
    ran.is("blocked").says("review/not-approved", &["#8"]);
}

#[test]
fn t21_a_queued_commit_of_no_known_pull_request_is_unresolved() {
    let queue = queue(policies::OPEN, |repo| _ = repo.with("7.txt", "7"), |repo| _ = repo.with("8.txt", "8"));
    let forge = Forge::knowing().pull(Pull::new(8, &queue.eight)).start();
    queue.run(&forge).is("unresolved").says("run/unknown-pull-request", &[&queue.first[..12]]);
    let ran = queue.repo.check().event(event::merge_group(8, &queue.first, &queue.second)).run();
    ran.is("unresolved").says("run/unknown-pull-request", &["there is no token"]);
}

#[test]
fn t21_without_the_protected_branch_in_the_clone_nothing_is_determined() {
    let queue = queue(policies::OPEN, |repo| _ = repo.with("7.txt", "7"), |repo| _ = repo.with("8.txt", "8"));
    queue.repo.git(&["update-ref", "-d", "refs/remotes/origin/main"]);
    let ran = queue.run(&queue.forge(Pull::new(7, &queue.seven), Pull::new(8, &queue.eight)));
    ran.is("unresolved").says("run/missing-commit", &["refs/remotes/origin/main"]);
}

#[test]
fn t21_a_branch_that_forks_from_the_queue_hides_no_pull_request() {
    let queue = queue(policies::OPEN, |repo| _ = repo.with("7.txt", "7"), |repo| _ = repo.with("8.txt", "8"));
    let repo = &queue.repo;
    // Pull requests 9 to 11; the last one's branch starts at the merge of 7, which it makes a near ancestor of the head.
    let mut merges = vec![queue.second.clone()];
    for number in [9, 10, 11] {
        let from = if number == 11 { queue.first.as_str() } else { "main" };
        repo.git(&["switch", "-q", "-c", &format!("pr-{number}"), from]);
        repo.with(&format!("{number}.txt"), "x").commit("a change");
        repo.switch("queue").git(&["merge", "-q", "--no-ff", "-m", "Merge", &format!("pr-{number}")]);
        merges.push(repo.head());
    }
    let mut forge = Forge::knowing().brought(&queue.first, &[7]);
    for (merge, number) in merges.iter().zip(8..) {
        forge = forge.brought(merge, &[number]);
    }
    let ran = repo.check().event(event::merge_group(11, &merges[2], &merges[3])).forge(&forge.start()).run();
    assert_eq!(ran.change()["pull_requests"], json!([7, 8, 9, 10, 11]), "{ran}");
}

/// A step before this one could have put another pull request into the payload.
#[test]
fn t21_t06_the_queues_branch_is_the_one_that_the_runner_names() {
    let queue = queue(
        REVIEW,
        |repo| _ = repo.with("b.env", "A=2\n"),
        |repo| {
            repo.with("a.env", "A=2\n");
        },
    );
    let approved = |number: u64, head: &str| Pull::new(number, head).approved("bob", head);
    let run = |reference: &str| {
        let forge = queue.forge(approved(7, &queue.seven), approved(8, &queue.eight));
        let event = event::merge_group(8, &queue.first, &queue.second);
        queue.repo.check().event(event).forge(&forge).env("GITHUB_REF", reference).run()
    };
    let real = format!("refs/heads/gh-readonly-queue/main/pr-8-{}", queue.first);
    let ran = run(&real);
    assert!(!ran.to_string().contains("run/event-differs"), "{ran}");
    run(&real.replace("pr-8", "pr-9")).is("unresolved").says("run/event-differs", &["merge queue"]);
}
