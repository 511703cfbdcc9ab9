//! T21: what a merge queue makes of pull requests is what they are, however it merges: and each of them is judged.

use serde_json::json;

use crate::support::{Forge, Knows, Pull, Ran, Repo, event};

const REVIEW: &str = "[gates.review]\napprovals = 1\n";

/// Pull request 7 of two commits and 8 of one, and what the queue made of them.
struct Queue {
    repo: Repo,
    base: String,
    seven: String,
    eight: String,
    /// The last commit that was made of 7, and that of 8.
    made: [String; 2],
}

fn queue(make: impl Fn(&Repo, &str)) -> Queue {
    let repo = Repo::new();
    let lines: String = (1..=9).map(|n| format!("{n}\n")).collect();
    let base = repo.with("predeploy.toml", REVIEW).with("a.txt", &lines).commit("base");
    repo.origin("main", &base).branch("seven");
    repo.with("a.txt", lines.replace("2\n", "two\n")).commit("one of seven");
    let seven = repo.with("7.txt", "7").commit("two of seven");
    repo.switch("main").branch("eight");
    // In the same file, elsewhere.
    let eight = repo.with("a.txt", lines.replace("8\n", "eight\n")).with("8.txt", "8").commit("eight");
    repo.switch("main").branch("queue");
    let made = ["seven", "eight"].map(|branch| {
        make(&repo, branch);
        repo.head()
    });
    Queue { repo, base, seven, eight, made }
}

fn merge(repo: &Repo, branch: &str) {
    repo.git(&["merge", "-q", "--no-ff", "-m", "Merge", branch]);
}

fn squash(repo: &Repo, branch: &str) {
    repo.git(&["merge", "-q", "--squash", branch]);
    repo.git(&["commit", "-q", "-m", "Squashed"]);
}

fn rebase(repo: &Repo, branch: &str) {
    repo.git(&["cherry-pick", &format!("main..{branch}")]);
}

impl Queue {
    /// The forge with both pull requests approved, and what is in its queue.
    fn knows(&self) -> Knows {
        Forge::knowing()
            .pull(Pull::new(7, &self.seven).approved("bob", &self.seven))
            .pull(Pull::new(8, &self.eight).approved("bob", &self.eight))
    }

    fn queued(&self, knows: Knows) -> Knows {
        let [first, second] = &self.made;
        knows.queued(7, &self.seven, &self.base, first).queued(8, &self.eight, first, second)
    }

    fn run(&self, knows: Knows) -> Ran {
        self.of(&self.repo, knows)
    }

    fn of(&self, repo: &Repo, knows: Knows) -> Ran {
        let [first, second] = &self.made;
        repo.check().event(event::merge_group(8, first, second)).forge(&knows.start()).run()
    }

    /// That it says of both commits of the group, or of the one of 8, that it cannot be told whose they are.
    #[track_caller]
    fn unresolved(&self, ran: &Ran, says: &[&str]) {
        ran.is("unresolved").says("run/unknown-pull-request", says);
    }
}

#[test]
fn t21_a_queue_that_merges_squashes_or_rebases_is_judged_by_its_pull_requests() {
    for make in [merge, squash, rebase] {
        let queue = queue(make);
        let ran = queue.run(queue.queued(queue.knows()));
        ran.is("passed");
        assert_eq!(ran.change()["pull_requests"], json!([7, 8]));
        let seven = Forge::knowing()
            .pull(Pull::new(7, &queue.seven))
            .pull(Pull::new(8, &queue.eight).approved("bob", &queue.eight));
        queue.run(queue.queued(seven)).is("blocked").says("review/not-approved", &["#7"]);
    }
}

/// It costs no question more than a pull request does: the pull request, and by whom the head came.
#[test]
fn t21_a_group_of_one_is_compared_without_the_queue() {
    let queue = queue(squash);
    let run = |pull: Pull| {
        let knows = Forge::knowing().pull(pull).start();
        let event = event::merge_group(7, &queue.base, &queue.made[0]);
        (queue.repo.check().event(event).forge(&knows).run(), knows.asked())
    };
    let (ran, asked) = run(Pull::new(7, &queue.seven).approved("bob", &queue.seven));
    ran.is("passed");
    assert_eq!(asked, 2, "{ran}");
    // The queue's branch names another pull request than the one whose commits it holds.
    let (ran, _) = run(Pull::new(7, &queue.eight).approved("bob", &queue.eight));
    queue.unresolved(&ran, &["another `7.txt`", "#7", &queue.made[0][..12]]);
}

#[test]
fn t21_without_the_queue_a_merge_is_known_by_its_second_parent() {
    let queue = queue(merge);
    let ran = queue.run(queue.knows().brought(&queue.seven, &[7]));
    ran.is("passed");
    assert_eq!(ran.change()["pull_requests"], json!([7, 8]));
    // Of another branch's pull request, or one that went on since, it is none.
    for other in [Pull::new(7, &queue.seven).to("develop"), Pull::new(7, &queue.base)] {
        let eight = Pull::new(8, &queue.eight).approved("bob", &queue.eight);
        let ran = queue.run(Forge::knowing().pull(other).pull(eight).brought(&queue.seven, &[7]));
        queue.unresolved(&ran, &["the forge knows no pull request", &queue.made[0][..12]]);
    }
    // A squash has no second parent.
    let queue = self::queue(squash);
    let ran = queue.run(queue.knows().brought(&queue.seven, &[7]));
    queue.unresolved(&ran, &["the forge knows no pull request", &queue.made[0][..12]]);
}

#[test]
fn t21_what_the_queue_did_not_make_of_the_pull_request_is_unresolved() {
    for make in [merge, squash, rebase] {
        let queue = queue(|repo, branch| {
            make(repo, branch);
            if branch == "seven" {
                repo.with("evil.txt", "x").git(&["add", "--all"]);
                repo.git(&["commit", "-q", "--amend", "--no-edit"]);
            }
        });
        let ran = queue.run(queue.queued(queue.knows()));
        queue.unresolved(&ran, &["another `evil.txt`", "#7", &queue.made[0][..12]]);
    }
}

/// A commit that slipped in between two entries is nobody's.
#[test]
fn t21_a_commit_between_two_entries_is_unresolved() {
    let mut queue = queue(|repo, branch| {
        if branch == "eight" {
            repo.with("evil.txt", "x").commit("in between");
        }
        squash(repo, branch);
    });
    let evil = queue.repo.git(&["rev-parse", "queue~1"]);
    let run = |queue: &Queue, base: &str| {
        let [first, second] = &queue.made;
        let knows = queue.knows().queued(7, &queue.seven, &queue.base, first).queued(8, &queue.eight, base, second);
        queue.run(knows)
    };
    let ran = run(&queue, &evil);
    queue.unresolved(&ran, &["the forge knows no pull request", &evil[..12]]);
    let ran = run(&queue, &queue.made[0]);
    queue.unresolved(&ran, &["another `evil.txt`", "#8", &evil[..12]]);
    queue.made[0] = evil.clone();
    let ran = run(&queue, &evil);
    queue.unresolved(&ran, &["another `evil.txt`", "#7", &evil[..12]]);
}

#[test]
fn t21_an_entry_of_another_queue_or_of_another_revision_is_not_believed() {
    let queue = queue(squash);
    let [first, second] = &queue.made;
    let elsewhere = "e15e000000000000000000000000000000000000";
    let eight = || queue.knows().queued(8, &queue.eight, first, second);
    for (base, head) in [(queue.base.as_str(), elsewhere), (elsewhere, first), (second, first), (first, first)] {
        let ran = queue.run(eight().queued(7, &queue.seven, base, head));
        queue.unresolved(&ran, &["the forge knows no pull request", &first[..12]]);
    }
    // Two entries claim one commit.
    let ran = queue.run(queue.queued(queue.knows()).queued(9, &queue.seven, &queue.base, first));
    queue.unresolved(&ran, &["the forge knows no pull request", &first[..12]]);
    // Queued at one revision, and pushed to since.
    let ran = queue.run(eight().queued(7, &queue.base, &queue.base, first));
    queue.unresolved(&ran, &["#7 was queued at", &first[..12]]);
    // The queue says that the group's head is another pull request's than its branch does.
    let ran =
        queue.run(queue.knows().queued(7, &queue.seven, &queue.base, first).queued(7, &queue.eight, first, second));
    ran.is("unresolved").says("run/event-differs", &["#8", "#7"]);
    let to_develop = Forge::knowing()
        .pull(Pull::new(7, &queue.seven).approved("bob", &queue.seven).to("develop"))
        .pull(Pull::new(8, &queue.eight).approved("bob", &queue.eight));
    let ran = queue.run(queue.queued(to_develop));
    queue.unresolved(&ran, &["goes to `develop`", &first[..12]]);
}

/// As of a pull request from a fork: its commits are in no branch of the repository.
#[test]
fn t21_a_revision_that_is_not_in_the_clone_is_unresolved_and_can_be_fetched() {
    let queue = queue(squash);
    let clone = Repo::clone_of(&queue.repo, &["--single-branch", "--branch", "queue"]);
    clone.origin("main", &queue.base).git(&["fetch", "-q", "origin", "eight"]);
    let ran = queue.of(&clone, queue.queued(queue.knows()));
    queue.unresolved(&ran, &["is not in this clone", "git fetch origin refs/pull/7/head"]);
    clone.git(&["fetch", "-q", "origin", "seven"]);
    queue.of(&clone, queue.queued(queue.knows())).is("passed");
}
