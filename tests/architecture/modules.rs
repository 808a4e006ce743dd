//! The modules of a crate, from the text of its files: what each declares, imports and names.
//! What is compiled for tests only is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::tokens::tokens;

/// Where a path such as `crate::units::Span` leads: its names from left to right.
pub(crate) type Names = Vec<String>;

/// A module of the crate.
pub(crate) struct Module {
    /// The file in which it is written.
    pub(crate) file: PathBuf,
    /// Its tokens, those of tests left out.
    pub(crate) tokens: Vec<String>,
    /// The modules in it.
    children: BTreeSet<String>,
    /// What `use` brings into it: the name that it has here, and the path that was imported. The
    /// name is `*` where everything is.
    imports: Vec<(String, Names)>,
    /// All other paths of two names or more.
    paths: Vec<Names>,
}

/// What a path leads to.
#[derive(Clone, PartialEq, Eq)]
enum Target {
    /// A module, by its path from the root of the crate.
    Module(Names),
    /// Something that a module defines.
    Item(Names),
}

/// Every module by its path from the root of the crate; that of the root is empty.
pub(crate) struct Crate(BTreeMap<Names, Module>);

impl Crate {
    /// The crate whose files are these, by their paths below `src/`; its root is `lib.rs`.
    pub(crate) fn of(sources: &BTreeMap<PathBuf, String>) -> Crate {
        Crate::read(sources, |text| without(&tokens(text), &["test"]))
    }

    /// What is left of it without any feature.
    pub(crate) fn core(sources: &BTreeMap<PathBuf, String>) -> Crate {
        Crate::read(sources, |text| without(&tokens(text), &["test", "feature"]))
    }

    /// Every file that is compiled for tests.
    pub(crate) fn files_with_tests(sources: &BTreeMap<PathBuf, String>) -> BTreeSet<PathBuf> {
        let all = Crate::read(sources, tokens);
        all.0.into_values().map(|module| module.file).collect()
    }

    fn read(sources: &BTreeMap<PathBuf, String>, tokens: fn(&str) -> Vec<String>) -> Crate {
        let read = |file: &Path| tokens(&sources[file]);
        let root = PathBuf::from("lib.rs");
        let mut open = vec![(Names::new(), read(&root), root)];
        let mut modules = BTreeMap::new();
        while let Some((path, tokens, file)) = open.pop() {
            let (module, inner) = Module::of(file, tokens);
            for child in &module.children {
                let path = [&path[..], std::slice::from_ref(child)].concat();
                let (tokens, file) = match inner.get(child) {
                    Some(tokens) => (tokens.clone(), module.file.clone()),
                    None => {
                        let file = file_of(&path, sources);
                        (read(&file), file)
                    }
                };
                open.push((path, tokens, file));
            }
            modules.insert(path, module);
        }
        Crate(modules)
    }

    /// Every module with its path.
    pub(crate) fn modules(&self) -> impl Iterator<Item = (&Names, &Module)> {
        self.0.iter()
    }

    /// Every path that stands in a module, with the file.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&Path, &Names)> {
        self.0.values().flat_map(|module| {
            let imported = module.imports.iter().map(|(_, names)| names);
            imported.chain(&module.paths).map(|names| (module.file.as_path(), names))
        })
    }

    /// For each file those of which it names something, itself left out. What a module hands on by
    /// `pub use` is of the file that defines it, unless that stands in another module at the top:
    /// a layer may hand on what it has from a lower one.
    pub(crate) fn imports(&self) -> BTreeMap<&Path, BTreeSet<&Path>> {
        let mut found: BTreeMap<&Path, BTreeSet<&Path>> = BTreeMap::new();
        for (path, module) in &self.0 {
            let all = module.imports.iter().map(|(_, names)| names).chain(&module.paths);
            let targets = all.filter_map(|names| self.resolve(path, names, 0));
            let files = targets.filter_map(|target| match target {
                Target::Item(of) => Some(self.0[&of].file.as_path()),
                // Who names a module alone uses nothing of it yet.
                Target::Module(_) => None,
            });
            found.entry(&module.file).or_default().extend(files.filter(|f| *f != module.file));
        }
        found
    }

    /// What a path that stands in module `from` leads to; nothing if it leaves the crate.
    fn resolve(&self, from: &[String], names: &[String], depth: usize) -> Option<Target> {
        let (first, rest) = names.split_first()?;
        let mut target = match first.as_str() {
            "crate" => Target::Module(Vec::new()),
            "self" => Target::Module(from.to_vec()),
            "super" => Target::Module(from[..from.len().checked_sub(1)?].to_vec()),
            _ => self.child(from, first).or_else(|| self.imported(from, first, depth))?,
        };
        for (place, name) in rest.iter().enumerate() {
            let is_last = place + 1 == rest.len();
            target = self.step(target, name, is_last, depth);
        }
        Some(target)
    }

    /// What `name` is, in what has been reached.
    fn step(&self, target: Target, name: &str, is_last: bool, depth: usize) -> Target {
        // Of a type, a variant or an associated function: still of the file that has the type.
        let Target::Module(path) = target else { return target };
        if name == "super" {
            return Target::Module(path[..path.len().saturating_sub(1)].to_vec());
        }
        let stays = |of: &Target| {
            let (Target::Module(of) | Target::Item(of)) = of;
            path.is_empty() || path.first() == of.first()
        };
        let imported = || self.imported(&path, name, depth).filter(stays);
        let child = self.child(&path, name);
        // A macro may be called as the module that defines it.
        let found = if is_last { imported().or(child) } else { child.or_else(imported) };
        found.unwrap_or(Target::Item(path))
    }

    fn child(&self, path: &[String], name: &str) -> Option<Target> {
        let has = self.0[path].children.contains(name);
        has.then(|| Target::Module([path, &[name.to_owned()]].concat()))
    }

    /// What an import of module `path` calls `name`.
    fn imported(&self, path: &[String], name: &str, depth: usize) -> Option<Target> {
        // An import may name another of the same name.
        if depth > 20 {
            return None;
        }
        let mut imports = self.0[path].imports.iter();
        let (_, names) = imports.find(|(known, names)| known == name && names[..] != [name])?;
        self.resolve(path, names, depth + 1)
    }
}

/// The file of a module that is one.
fn file_of(path: &[String], sources: &BTreeMap<PathBuf, String>) -> PathBuf {
    let stem: PathBuf = path.iter().collect();
    let files = [stem.with_extension("rs"), stem.join("mod.rs")];
    let found = files.into_iter().find(|file| sources.contains_key(file));
    found.unwrap_or_else(|| panic!("there is no module {}", stem.display()))
}

impl Module {
    /// Reads a module, and the tokens of those that are written within it.
    fn of(file: PathBuf, tokens: Vec<String>) -> (Module, BTreeMap<String, Vec<String>>) {
        let mut inner = BTreeMap::new();
        let (children, imports) = (BTreeSet::new(), Vec::new());
        let mut module = Module { file, tokens: Vec::new(), children, imports, paths: Vec::new() };
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let next = tokens.get(at + 1).map_or("", String::as_str);
            let opens_path = next == "::" && (at == 0 || tokens[at - 1] != "::");
            at = match token.as_str() {
                "mod" if is_name(next) => {
                    module.children.insert(next.to_owned());
                    let end = if tokens[at + 2] == "{" { closing(&tokens, at + 2) } else { at + 3 };
                    if end > at + 3 {
                        inner.insert(next.to_owned(), tokens[at + 3..end - 1].to_vec());
                    }
                    end
                }
                // Who may see something imports nothing.
                "pub" if next == "(" => closing(&tokens, at + 1),
                "use" if next != "<" => tree(&tokens, at + 1, &[], &mut module.imports),
                _ if opens_path && is_name(token) => path(&tokens, at, &mut module.paths),
                _ => at + 1,
            };
        }
        module.tokens = tokens;
        (module, inner)
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Reads the path that begins at a token, and returns the place after it.
fn path(tokens: &[String], mut at: usize, paths: &mut Vec<Names>) -> usize {
    let mut names = vec![tokens[at].clone()];
    while tokens[at + 1] == "::" && is_name(&tokens[at + 2]) {
        at += 2;
        names.push(tokens[at].clone());
    }
    paths.push(names);
    at + 1
}

/// Reads a tree of imports below `stem`, and returns the place after it.
fn tree(
    tokens: &[String],
    at: usize,
    stem: &[String],
    imports: &mut Vec<(String, Names)>,
) -> usize {
    let mut names = stem.to_vec();
    let mut at = at;
    loop {
        match tokens[at].as_str() {
            // A crate, whatever has its name here.
            "::" if names.is_empty() => names.push("::".to_owned()),
            "{" => {
                at += 1;
                while tokens[at] != "}" {
                    at = tree(tokens, at, &names, imports);
                    at += usize::from(tokens[at] == ",");
                }
                return at + 1;
            }
            "$" | "::" => at += 1,
            "as" => {
                imports.push((tokens[at + 1].clone(), names));
                return at + 2;
            }
            "*" => {
                imports.push(("*".to_owned(), [&names[..], &["*".to_owned()]].concat()));
                return at + 1;
            }
            // `a::{self}` is `a`.
            "self" if !names.is_empty() => at += 1,
            name if is_name(name) => {
                names.push(name.to_owned());
                at += 1;
            }
            _ => {
                imports.push((names.last().cloned().unwrap_or_default(), names));
                return at;
            }
        }
    }
}

/// The place after the bracket that closes the one at a place.
fn closing(tokens: &[String], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

/// The tokens without what an attribute keeps for `cases`, such as tests: a module, a function, an
/// import, whatever.
fn without(tokens: &[String], cases: &[&str]) -> Vec<String> {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let is_attribute = tokens[at] == "#" && tokens.get(at + 1).is_some_and(|next| next == "[");
        let end = if is_attribute { closing(tokens, at + 1) } else { at + 1 };
        let words = &tokens[at..end];
        let has = |word: &str| words.iter().any(|token| token == word);
        let is_kept_for = |case: &&str| has("cfg") && has(case) && !has("not");
        if cases.iter().any(is_kept_for) {
            at = item(tokens, end);
        } else {
            kept.extend_from_slice(words);
            at = end;
        }
    }
    kept
}

/// The place after the item that begins at a place, further attributes of it included.
fn item(tokens: &[String], mut at: usize) -> usize {
    while tokens[at] == "#" {
        at = closing(tokens, at + 1);
    }
    if tokens[at] == "pub" {
        at = if tokens[at + 1] == "(" { closing(tokens, at + 1) } else { at + 1 };
    }
    let is = |words: &[&str]| words.contains(&tokens[at].as_str());
    let has_value = is(&["use", "const", "static", "type", "let"]);
    let ends_with_a_brace = tokens[at + 1] == "fn" || !has_value;
    // A field, a variant or an arm of a match.
    let is_part = !is_name(&tokens[at]) || tokens[at + 1] == ":" || tokens[at + 1] == "(";
    while let Some(token) = tokens.get(at) {
        match token.as_str() {
            ";" => return at + 1,
            "," if is_part => return at + 1,
            "{" if ends_with_a_brace => return closing(tokens, at),
            "(" | "[" | "{" => at = closing(tokens, at),
            _ => at += 1,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each file imports, in a crate of these files.
    fn imports(files: &[(&str, &str)]) -> Vec<String> {
        let files = files.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned()));
        let found = Crate::of(&files.collect());
        let imports = found.imports();
        let pairs = imports.iter().flat_map(|(file, all)| all.iter().map(move |it| (file, it)));
        pairs.map(|(file, it)| format!("{} {}", file.display(), it.display())).collect()
    }

    #[test]
    fn an_import_is_of_the_file_that_defines_what_is_imported() {
        let found = imports(&[
            ("lib.rs", "pub mod a; mod b;"),
            ("a/mod.rs", "mod x; mod y; pub use x::{One as Uno, Two}; pub fn three() {}"),
            ("a/x.rs", "pub struct One; pub struct Two; impl One { fn f() { super::three() } }"),
            ("a/y.rs", "use super::Uno; mod z { fn g(_: super::super::x::Two) {} }"),
            ("b.rs", "use crate::a::{self, Two}; pub(in super::a) fn f() { a::three(); a::Uno }"),
        ]);
        let expected = ["a/mod.rs a/x.rs", "a/x.rs a/mod.rs", "a/y.rs a/x.rs", "b.rs a/mod.rs"];
        assert_eq!(found[..4], expected);
        assert_eq!(found[4..], ["b.rs a/x.rs"]);
    }

    #[test]
    fn the_core_is_what_no_feature_adds() {
        let files = [
            (
                "lib.rs",
                "mod a; #[cfg(feature = \"b\")] pub mod b; #[cfg(not(feature = \"b\"))] mod c;",
            ),
            ("a.rs", "#[cfg(feature = \"b\")] fn f() { std::fs::read() } use std::io;"),
            ("b.rs", "use std::fs;"),
            (
                "c.rs",
                "fn f() { #[cfg(feature = \"b\")] let x = { std::fs::x(); 1 }; std::env::y() }",
            ),
        ];
        let files = files.map(|(path, text)| (PathBuf::from(path), text.to_owned()));
        let core = Crate::core(&BTreeMap::from(files));
        let named: Vec<String> = core.named().map(|(_, names)| names.join("::")).collect();
        assert_eq!(named, ["std::io", "std::env::y"]);
    }

    #[test]
    fn what_is_for_tests_is_left_out_and_what_follows_is_not() {
        let found = imports(&[
            ("lib.rs", "mod a; mod b; mod c; mod d; #[cfg(test)] mod absent;"),
            ("a.rs", "#[cfg(test)] mod tests { use crate::c::C; } use crate::b::B;"),
            ("b.rs", "#[cfg(test)] use crate::{c::C}; #[cfg(test)] fn f<A, B>() -> crate::c::C {}"),
            ("c.rs", "#[cfg(not(test))] use crate::d::D; // crate::a::A"),
            ("d.rs", "struct S { #[cfg(test)] c: crate::c::C, b: crate::b::B }"),
        ]);
        assert_eq!(found, ["a.rs b.rs", "c.rs d.rs", "d.rs b.rs"]);
    }
}
