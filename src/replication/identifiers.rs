//! Identifiers of rows that several copies add: two copies that count up each by itself give the
//! same number to two rows.

use crate::document::{At, Count, Problem, Problems, variant};
use crate::engine::{Index, Stream};
use crate::objects::Object;

variant! {
    /// How a copy finds the identifier of a row that it adds.
    pub enum IdentifierSpec {
        /// One more than the greatest that it has seen, as with auto-increment.
        Sequence = "sequence",
        /// The same in steps of the number of copies, each from a beginning of its own: no two
        /// copies ever give the same.
        Offset = "offset",
        /// A random number of so many bits.
        Random(At<Count>) = "random",
    }
}

/// The fewest and the most bits of a random identifier.
const BITS: std::ops::RangeInclusive<u64> = 8..=128;
/// From this many bits on no two are ever the same, as good as certainly: 10^9 of them are with
/// probability 10^-20.
const NEVER_THE_SAME: u64 = 122;

impl IdentifierSpec {
    /// Reports what could not be meant of it.
    pub(super) fn check(&self, problems: &mut Problems) {
        if let IdentifierSpec::Random(bits) = self
            && !BITS.contains(&bits.value.get())
        {
            let title = format!("identifiers of {} bits", bits.value.get());
            let label = format!("expected {} to {}", BITS.start(), BITS.end());
            problems.push(Problem::new(bits.place, title, label));
        }
    }
}

/// The identifiers that copies give.
#[derive(Debug)]
pub(super) enum Identifiers {
    /// By copy the next; from one to the next of a copy it is so far.
    Counted { next: Vec<u64>, step: u64 },
    /// Random ones below a number, and those that were given, each with how often.
    Random { below: u128, given: Vec<(u64, u32)>, index: Index },
    /// Random ones that are never the same.
    Unique,
}

/// Tells the identifier of a row from a request's other draws.
const IDENTIFIER: u64 = 0x6964;

impl Identifiers {
    pub(super) fn new(spec: &IdentifierSpec, copies: u64, stream: Stream) -> Identifiers {
        match spec {
            IdentifierSpec::Sequence => {
                Identifiers::Counted { next: vec![0; copies as usize], step: 1 }
            }
            IdentifierSpec::Offset => {
                Identifiers::Counted { next: (0..copies).collect(), step: copies }
            }
            IdentifierSpec::Random(bits) if bits.value.get() >= NEVER_THE_SAME => {
                Identifiers::Unique
            }
            IdentifierSpec::Random(bits) => Identifiers::Random {
                below: 1 << bits.value.get().min(u64::BITS.into()),
                given: Vec::new(),
                index: Index::new(stream.named("identifiers")),
            },
        }
    }

    /// A copy adds a row. Returns it as an object, if others may have the same identifier without
    /// having seen this one, and how many rows have it by now.
    pub(super) fn give(&mut self, copy: u32, stream: Stream) -> (Object, u32) {
        match self {
            Identifiers::Counted { next, step } => {
                let next = &mut next[copy as usize];
                let row = Object::row(*next);
                *next += *step;
                (row, 0)
            }
            Identifiers::Random { below, given, index } => {
                let bits = stream.at(IDENTIFIER).draws().bits();
                let number = ((u128::from(bits) * *below) >> u64::BITS) as u64;
                let place = index.find(number, |place| given[place as usize].0);
                if let Some(place) = place {
                    let count = &mut given[place as usize].1;
                    *count += 1;
                    return (Object::NONE, *count - 1);
                }
                given.push((number, 1));
                index.insert(given.len() as u32 - 1, |place| given[place as usize].0);
                (Object::NONE, 0)
            }
            Identifiers::Unique => (Object::NONE, 0),
        }
    }

    /// A copy sees a row that another has added.
    pub(super) fn see(&mut self, copy: u32, row: Object) {
        if let Identifiers::Counted { next, step: step @ 1 } = self {
            let next = &mut next[copy as usize];
            *next = (*next).max(row.row_number() + *step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_that_count_by_themselves_give_the_same() {
        let stream = Stream::root(1, 2);
        let given = |spec| {
            let mut identifiers = Identifiers::new(&spec, 2, stream);
            let first = [0, 0, 1].map(|copy| identifiers.give(copy, stream).0.row_number());
            identifiers.see(1, Object::row(first[1]));
            (first, identifiers.give(1, stream).0.row_number())
        };
        assert_eq!(given(IdentifierSpec::Sequence), ([0, 1, 0], 2));
        assert_eq!(given(IdentifierSpec::Offset), ([0, 2, 1], 3));
    }
}
