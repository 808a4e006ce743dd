//! `choice!`: a word from a closed list.

use super::node::Node;
use super::problem::{Problems, listed};
use super::read::{Read, scalar};
use super::schema::{Definitions, described, spoken};
use serde_json::{Value as Json, json};
use std::any::type_name;

/// One of the alternatives of a choice or a variant, as declared.
#[derive(Clone, Copy, Debug)]
pub struct Tag {
    /// How it is written.
    pub text: &'static str,
    /// The lines of its doc comment.
    pub doc: &'static [&'static str],
}

/// A word from a closed list; declared by `choice!`.
pub trait Choice: Read + Copy + 'static {
    /// Its name in Rust.
    const NAME: &'static str;
    /// The lines of its doc comment.
    const DOC: &'static [&'static str];
    /// How the alternatives are written, in the order of [`Choice::ALL`].
    const TAGS: &'static [Tag];
    /// Every alternative.
    const ALL: &'static [Self];
}

/// Reads the alternative that `node` names.
pub fn pick<C: Choice>(node: &Node, problems: &mut Problems) -> Option<C> {
    let words: Vec<_> = C::TAGS.iter().map(|tag| tag.text).collect();
    let text = scalar(node, &listed(&words, "or"), problems)?;
    let found = words.iter().position(|word| *word == text);
    if found.is_none() {
        problems.unknown(node.place, &spoken(C::NAME), text, &words);
    }
    found.map(|index| C::ALL[index])
}

/// The JSON Schema of a choice.
pub fn schema<C: Choice>(definitions: &mut Definitions) -> Json {
    let (doc, tags) = (C::DOC, C::TAGS);
    definitions.define_as(C::NAME, type_name::<C>(), &|_| described(one_of(tags), doc))
}

/// The schema of one of these words.
fn one_of(tags: &[Tag]) -> Json {
    let word = |tag: &Tag| described(json!({"const": tag.text}), tag.doc);
    json!({"oneOf": tags.iter().map(word).collect::<Vec<Json>>()})
}

/// Declares a word from a closed list: an enum, its reader and its part of the schema.
macro_rules! choice {
    (
        $(#[doc = $doc:literal])*
        $vis:vis enum $name:ident {
            $($(#[doc = $tag_doc:literal])* $variant:ident = $tag:literal),* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name {
            $($(#[doc = $tag_doc])* $variant,)*
        }

        impl $crate::document::Choice for $name {
            const NAME: &'static str = stringify!($name);
            const DOC: &'static [&'static str] = &[$($doc),*];
            const TAGS: &'static [$crate::document::Tag] =
                &[$($crate::document::Tag { text: $tag, doc: &[$($tag_doc),*] }),*];
            const ALL: &'static [Self] = &[$(Self::$variant),*];
        }

        /// As it is written in YAML.
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(match self { $(Self::$variant => $tag),* })
            }
        }

        impl $crate::document::Read for $name {
            fn read(
                node: &$crate::document::Node,
                problems: &mut $crate::document::Problems,
            ) -> Option<Self> {
                $crate::document::expansion::pick_choice(node, problems)
            }

            fn schema(
                definitions: &mut $crate::document::Definitions,
            ) -> $crate::document::expansion::Json {
                $crate::document::expansion::choice_schema::<Self>(definitions)
            }
        }
    };
}
pub(crate) use choice;
