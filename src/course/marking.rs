//! How an answer is marked: right, close, a known mistake, or wrong.

use super::exercise::{Exercise, Mistake, Tolerance};
use super::numbers::Numbers;

/// What an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Within the tolerance.
    Right,
    /// Outside it, but near.
    Close,
    /// What a known wrong way leads to.
    Mistake,
    /// None of these.
    Wrong,
}

impl Verdict {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Right => "right",
            Verdict::Close => "close",
            Verdict::Mistake => "mistake",
            Verdict::Wrong => "wrong",
        }
    }

    /// Points, of one.
    pub fn points(self) -> f64 {
        match self {
            Verdict::Right => 1.0,
            Verdict::Close => 0.5,
            Verdict::Mistake | Verdict::Wrong => 0.0,
        }
    }
}

/// What is said of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// What it is.
    pub verdict: Verdict,
    /// Which mistake was made, if it is a known one.
    pub mistake: Option<&'static str>,
    /// What is told to the student; it does not say the right answer.
    pub feedback: String,
}

impl Mark {
    fn of(verdict: Verdict, feedback: impl Into<String>) -> Mark {
        Mark { verdict, mistake: None, feedback: feedback.into() }
    }
}

impl Exercise {
    /// Marks an answer in the base of the exercise's unit.
    pub fn mark(&self, numbers: &Numbers, answer: f64) -> Mark {
        let share = |share: f64| format!("{}%", super::numbers::plain(share * 100.0));
        let Tolerance { right, close, .. } = self.tolerance;
        if self.within(numbers, answer, right) {
            let within = share(right);
            return Mark::of(Verdict::Right, format!("Right: within {within} of the answer."));
        }
        if self.within(numbers, answer, close) {
            let feedback = format!(
                "Close: outside {} of the answer but within {}. A longer run, more replications or \
                 one more digit in the formula would tell.",
                share(right),
                share(close)
            );
            return Mark::of(Verdict::Close, feedback);
        }
        if let Some(mistake) = self.mistake(numbers, answer) {
            let feedback = numbers.fill(&format!("{}: {}", mistake.name, mistake.explanation));
            let name = Some(mistake.name);
            return Mark { mistake: name, ..Mark::of(Verdict::Mistake, feedback) };
        }
        let slips = self.unit.slips().iter();
        let mut made = slips.filter(|(factor, _)| self.within(numbers, answer / factor, right));
        if let Some((_, slip)) = made.next() {
            let feedback = format!(
                "The unit: the number is right, but {slip}. Write the unit behind the number."
            );
            return Mark { mistake: Some("The unit"), ..Mark::of(Verdict::Mistake, feedback) };
        }
        Mark::of(Verdict::Wrong, WRONG)
    }

    /// Whether an answer is as near to the right one as this share of it.
    pub(super) fn within(&self, numbers: &Numbers, answer: f64, share: f64) -> bool {
        let expected = (self.expected)(numbers);
        let limit = self.limit.map_or(expected, |limit| limit(numbers));
        let (low, high) = (expected.min(limit), expected.max(limit));
        (low * (1.0 - share)..=high * (1.0 + share)).contains(&answer)
    }

    /// The known mistake that leads nearest to this answer, if any leads within a hundredth of it.
    fn mistake(&self, numbers: &Numbers, answer: f64) -> Option<&'static Mistake> {
        let distance = |mistake: &Mistake| ((mistake.value)(numbers) / answer - 1.0).abs();
        let near = self.mistakes.iter().filter(|&mistake| distance(mistake) <= NEAR);
        near.min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }
}

/// How near an answer is to what a mistake leads to, relative to it.
pub(super) const NEAR: f64 = 0.01;

const WRONG: &str = "Wrong, and not by a way that is known here. Run the scenario that belongs to \
                     your numbers and see how far off the answer is, then take a hint.";
