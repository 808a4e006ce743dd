//! What an answer says of how it may be kept: HTTP's `Cache-Control`, in the header's own syntax
//! (RFC 9111, section 5.2.2, and RFC 5861).
//!
//! *Invariant:* only what an answer says counts. There is no guess from the age of what it is
//! about.

use crate::document::{Definitions, Node, Place, Problem, Problems, Read, nearest, quoted, scalar};
use crate::text::one_line;
use crate::units::Span;

/// What an answer says of how it may be kept.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CacheControl {
    /// For how long it may be used without asking.
    pub max_age: Option<Span>,
    /// The same for caches that many users share, which it overrides `max-age` for. They never use
    /// what is older without asking.
    pub s_maxage: Option<Span>,
    /// For how long after that a shared cache may use it while it asks anew.
    pub stale_while_revalidate: Option<Span>,
    /// It may be kept, and is never used without asking.
    pub no_cache: bool,
    /// It may not be kept.
    pub no_store: bool,
    /// Only its user's own cache may keep it.
    pub private: bool,
    /// Any cache may keep it, which is so anyway where nothing else is said.
    pub public: bool,
    /// What is too old is never used, whatever else is said.
    pub must_revalidate: bool,
    /// The same for shared caches alone.
    pub proxy_revalidate: bool,
    /// Directives that change nothing here, as what is not known changes nothing for a cache
    /// (RFC 9111, section 5.2.3).
    pub ignored: Vec<String>,
}

/// What a shared cache may do with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// How long it may be used.
    pub(crate) life: Span,
    /// How long after that, while it is fetched anew.
    pub(crate) grace: Span,
}

/// The most seconds that a directive may state: what is larger counts as so many (RFC 9111, 1.2.2).
const MOST_SECONDS: u64 = 1 << 31;

const DIRECTIVES: [&str; 9] = [
    "max-age",
    "s-maxage",
    "stale-while-revalidate",
    "no-cache",
    "no-store",
    "private",
    "public",
    "must-revalidate",
    "proxy-revalidate",
];
const EXPECTED: &str = "a Cache-Control header such as \"public, max-age=60\"";
const SECONDS: &str = "expected whole seconds, as in max-age=60";

impl CacheControl {
    /// How long the user's own cache may use an answer without asking; `None` if it may not keep
    /// it.
    pub(super) fn for_its_user(&self) -> Option<Span> {
        let life = if self.no_cache { None } else { self.max_age };
        (!self.no_store).then_some(life.unwrap_or(Span::ZERO))
    }

    /// What a shared cache may do with it; `None` if nothing.
    pub(super) fn for_all(&self) -> Option<Terms> {
        if self.no_store || self.private || self.no_cache {
            return None;
        }
        let life = self.s_maxage.or(self.max_age).unwrap_or(Span::ZERO);
        // A lifetime for shared caches alone forbids them what is too old (RFC 9111, 5.2.2.10).
        let strict = self.must_revalidate || self.proxy_revalidate || self.s_maxage.is_some();
        let grace = self.stale_while_revalidate.filter(|_| !strict).unwrap_or(Span::ZERO);
        (life + grace > Span::ZERO).then_some(Terms { life, grace })
    }

    /// Whether a shared cache may use an answer that is too old while it fetches it anew.
    pub fn revalidates(&self) -> bool {
        self.for_all().is_some_and(|terms| terms.grace > Span::ZERO)
    }

    /// Takes one directive in. An error is what is wrong with it.
    fn take(&mut self, name: &str, value: Option<&str>) -> Result<(), &'static str> {
        let (time, flag) = match name {
            "max-age" => (Some(&mut self.max_age), None),
            "s-maxage" => (Some(&mut self.s_maxage), None),
            "stale-while-revalidate" => (Some(&mut self.stale_while_revalidate), None),
            "no-cache" => (None, Some(&mut self.no_cache)),
            "no-store" => (None, Some(&mut self.no_store)),
            "private" => (None, Some(&mut self.private)),
            "public" => (None, Some(&mut self.public)),
            "must-revalidate" => (None, Some(&mut self.must_revalidate)),
            _ => (None, Some(&mut self.proxy_revalidate)),
        };
        if let Some(time) = time {
            let seconds = value.and_then(seconds).ok_or(SECONDS)?;
            return match time.replace(seconds) {
                Some(_) => Err("it has been said before"),
                None => Ok(()),
            };
        }
        match flag {
            Some(_) if value.is_some() => Err("nothing is said with it here"),
            Some(flag) if *flag => Err("it has been said before"),
            Some(flag) => {
                *flag = true;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// Directives of others, which caches here pay no heed to.
const OF_OTHERS: [&str; 4] = ["immutable", "stale-if-error", "no-transform", "must-understand"];

/// Whether an unknown directive is likely to be a known one, misspelt.
fn is_slip(word: &str) -> bool {
    !OF_OTHERS.contains(&word) && nearest(word, DIRECTIVES).is_some()
}

/// Whole seconds, which may stand in quotes.
fn seconds(text: &str) -> Option<Span> {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let digits = inner.unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = digits.parse().unwrap_or(MOST_SECONDS).min(MOST_SECONDS);
    Some(Span::from_secs(seconds))
}

/// Where `inner`, a part of the text of the scalar `node`, stands.
fn place(node: &Node, text: &str, inner: &str) -> Place {
    let start = inner.as_ptr() as usize - text.as_ptr() as usize;
    node.part(start..start + inner.len())
}

impl Read for CacheControl {
    fn read(node: &Node, problems: &mut Problems) -> Option<CacheControl> {
        let text = scalar(node, EXPECTED, problems)?;
        let before = problems.reported();
        let mut read = CacheControl::default();
        let said = text.split(',').map(str::trim).filter(|said| !said.is_empty());
        for said in said.clone() {
            let (name, value) = match said.split_once('=') {
                Some((name, value)) => (name.trim_end(), Some(value.trim_start())),
                None => (said, None),
            };
            let place = place(node, text, said);
            let word = name.to_ascii_lowercase();
            if !DIRECTIVES.contains(&word.as_str()) {
                // What is nearly one that is known is a slip; what is not may be meant for others.
                if is_slip(&word) {
                    problems.unknown(place, "cache directive", name, &DIRECTIVES);
                } else {
                    read.ignored.push(one_line(name).into_owned());
                }
            } else if let Err(why) = read.take(&word, value) {
                problems.push(Problem::new(place, format!("{} makes no sense", quoted(said)), why));
            }
        }
        if said.count() == 0 {
            problems.push(Problem::mismatch(node, EXPECTED));
        } else if read.private && read.public {
            let label = "expected one of them";
            problems.push(Problem::new(node.place, "`private` and `public` contradict", label));
        }
        (problems.reported() == before).then_some(read)
    }

    fn stand_in() -> Option<CacheControl> {
        Some(CacheControl::default())
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({
            "title": "Cache-Control",
            "description": format!(
                "Directives between commas: {}. Others change nothing.",
                DIRECTIVES.join(", ")
            ),
            "type": "string",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Sources, parse};

    fn read(text: &str) -> Result<CacheControl, usize> {
        let (mut sources, mut problems) = (Sources::new(), Problems::new());
        let source = sources.add("spec", text);
        let node = parse(source, &sources, &mut problems).expect("YAML");
        CacheControl::read(&node, &mut problems).ok_or(problems.len())
    }

    /// What a user's own cache and a shared one may do: seconds of use, and of use while asking.
    #[track_caller]
    fn check(text: &str, own: Option<u64>, shared: Option<(u64, u64)>) {
        let said = read(&format!("'{text}'")).expect("a sound header");
        let terms = shared.map(|(life, grace)| Terms {
            life: Span::from_secs(life),
            grace: Span::from_secs(grace),
        });
        assert_eq!((said.for_its_user(), said.for_all()), (own.map(Span::from_secs), terms));
    }

    #[test]
    fn a_header_says_how_long_each_kind_of_cache_may_use_an_answer() {
        check("public, max-age=60, s-maxage=300", Some(60), Some((300, 0)));
        check("max-age=60", Some(60), Some((60, 0)));
        check("Max-Age=\"60\" ,, PRIVATE", Some(60), None);
        check("no-store, max-age=60", None, None);
        check("no-cache, max-age=60", Some(0), None);
        check("max-age=0", Some(0), None);
        check("public", Some(0), None);
        check("s-maxage=5", Some(0), Some((5, 0)));
        check("max-age=9, stale-while-revalidate=30", Some(9), Some((9, 30)));
        check("max-age=9, stale-while-revalidate=30, must-revalidate", Some(9), Some((9, 0)));
        check("max-age=9, stale-while-revalidate=30, proxy-revalidate", Some(9), Some((9, 0)));
        check("s-maxage=9, stale-while-revalidate=30", Some(0), Some((9, 0)));
        check("max-age=10, immutable, stale-if-error=60", Some(10), Some((10, 0)));
        check("max-age=99999999999999999999", Some(1 << 31), Some((1 << 31, 0)));
    }

    #[test]
    fn what_is_meant_for_others_is_ignored() {
        let said = read("'max-age=10, immutable, stale-if-error=60, x-edge=1'").expect("a header");
        assert_eq!(said.ignored, ["immutable", "stale-if-error", "x-edge"]);
    }

    #[test]
    fn what_is_no_header_is_reported() {
        for (wrong, problems) in [
            ("''", 1),
            ("','", 1),
            ("'max-age'", 1),
            ("'max-age=1s'", 1),
            ("'max-age=-1, no-stor'", 2),
            ("'private=x'", 1),
            ("'max-age=1, max-age=2'", 1),
            ("'public, private'", 1),
            ("{max-age: 60}", 1),
        ] {
            assert_eq!(read(wrong), Err(problems), "{wrong}");
        }
    }
}
