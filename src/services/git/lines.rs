//! Putting two changes of one text together, line by line, and only where nobody could do it in another way: changes that
//! touch one another are no merge, as in git's own (`xdiff/xmerge.c`).

use std::ops::Range;

use gix::diff::blob::{Algorithm, Diff, InternedInput};

/// Lines of the common text, and what stands there instead.
type Change<'a> = (Range<usize>, &'a [&'a [u8]]);

/// What `ours` and `theirs` make of `base` together; nothing if their changes touch one another and are not the same.
pub(super) fn merged(base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
    let [base_lines, our_lines, their_lines] = [base, ours, theirs].map(lines);
    let (ours, theirs) = (changes(base, ours, &our_lines), changes(base, theirs, &their_lines));
    let (mut ours, mut theirs) = (ours.into_iter().peekable(), theirs.into_iter().peekable());
    let mut out = Vec::with_capacity(base.len());
    let mut at = 0;
    loop {
        let next = match (ours.peek(), theirs.peek()) {
            (None, None) => break,
            (Some(_), None) => ours.next(),
            (None, Some(_)) => theirs.next(),
            (Some(one), Some(two)) if one == two => {
                theirs.next();
                ours.next()
            }
            (Some(one), Some(two)) if one.0.end < two.0.start => ours.next(),
            (Some(one), Some(two)) if two.0.end < one.0.start => theirs.next(),
            (Some(_), Some(_)) => return None,
        };
        let Some((range, instead)) = next else { break };
        out.extend(base_lines.get(at..range.start)?.concat());
        out.extend(instead.concat());
        at = range.end;
    }
    out.extend(base_lines.get(at..)?.concat());
    Some(out)
}

/// With their line breaks.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

fn changes<'a>(base: &[u8], changed: &[u8], changed_lines: &'a [&'a [u8]]) -> Vec<Change<'a>> {
    let input = InternedInput::new(base, changed);
    let diff = Diff::compute(Algorithm::Histogram, &input);
    let range = |range: Range<u32>| range.start as usize..range.end as usize;
    diff.hunks().map(|hunk| (range(hunk.before), changed_lines.get(range(hunk.after)).unwrap_or_default())).collect()
}
