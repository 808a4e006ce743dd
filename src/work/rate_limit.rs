//! A token bucket: how many requests may pass in a time, and how many at once.

use crate::document::{At, Count, Problem, Problems, record};
use crate::units::{Rate, Time};

record! {
    /// A token bucket: a request takes a token or is turned away.
    #[short = rate]
    pub struct RateLimitSpec {
        /// How often a token comes in, one at a time.
        pub rate: At<Rate>,
        /// How many tokens there can be: so many requests may come at once after a pause.
        pub burst: Count = "10",
    }
}

impl RateLimitSpec {
    /// Reports a limit that nothing passes.
    pub(crate) fn check(&self, problems: &mut Problems) {
        if self.rate.value.0 <= 0.0 {
            let label = "expected a rate above 0";
            problems.push(Problem::new(self.rate.place, "this lets nothing pass", label));
        }
    }
}

/// A bucket that is full at the beginning.
#[derive(Clone, Debug)]
pub(crate) struct TokenBucket {
    /// Tokens per nanosecond.
    rate: f64,
    burst: u64,
    tokens: u64,
    /// How many had come in when it was last looked at.
    come: u64,
}

impl TokenBucket {
    pub(crate) fn new(spec: &RateLimitSpec) -> TokenBucket {
        let burst = spec.burst.get();
        TokenBucket { rate: spec.rate.value.0 * 1e-9, burst, tokens: burst, come: 0 }
    }

    /// Takes a token if there is one.
    pub(crate) fn take(&mut self, now: Time) -> bool {
        let come = libm::floor(now.nanos() as f64 * self.rate) as u64;
        self.tokens = self.tokens.saturating_add(come - self.come).min(self.burst);
        self.come = come;
        let taken = self.tokens > 0;
        self.tokens -= u64::from(taken);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_pass_as_there_are_tokens() {
        let mut bucket = TokenBucket { rate: 10e-9, burst: 2, tokens: 2, come: 0 };
        let mut at = |millis: u64| bucket.take(Time::from_nanos(millis * 1_000_000));
        assert_eq!([at(0), at(0), at(0), at(99)], [true, true, false, false]);
        assert_eq!([at(101), at(150)], [true, false]);
        assert_eq!([at(1001), at(1001), at(1001)], [true, true, false]);
    }
}
