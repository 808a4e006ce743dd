//! Who knows which kinds of component there are, which policies, steps and faults: their list, and
//! nobody else.

use std::path::Path;

use crate::modules::Crate;
use crate::{components, sources, top};

/// Files beside a kind's own folder and the list of kinds that may name its spec. A cache is also
/// part of a server, so that what it remembers lies below both, and what is said of it is checked
/// against catalogs.
const SHARED: [(&str, &str); 6] = [
    ("CacheSpec", "caching"),
    ("CacheSpec", "component/server/spec.rs"),
    ("CacheSpec", "component/kind/mod.rs"),
    ("CacheSpec", "work/site.rs"),
    ("CacheSpec", "deployment/build/site.rs"),
    ("CacheSpec", "scenario/http.rs"),
];

/// Adding a kind must not mean to edit what is not about it.
#[test]
fn a_kind_is_named_in_its_folder_and_in_the_list_of_kinds() {
    let sources = sources();
    let code = Crate::of(&sources);
    let list = Path::new("component/mod.rs");
    let mut wrong = Vec::new();
    for (spec, variant, folder) in kinds(&code) {
        let named = |tokens: &[String]| {
            let way = ["ComponentSpec", "::", &variant];
            tokens.contains(&spec) || tokens.windows(3).any(|three| three == way)
        };
        for (_, module) in code.modules().filter(|(_, module)| named(&module.tokens)) {
            let file = module.file.as_path();
            let shared = SHARED.iter().any(|(of, place)| *of == spec && file.starts_with(place));
            if file != list && !file.starts_with(&folder) && !shared {
                wrong.push(format!("{} names {spec} or {variant}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Families of which each member is a file: the enum that lists them, where that is, and who else
/// may name a member. A step is made into instructions where those are known, and a component says
/// which faults it does not feel.
const FAMILIES: [(&str, &str, &[&str]); 3] = [
    ("Policy", "component/load_balancer/policy", &["store"]),
    ("StepSpec", "step", &["work/compiler.rs"]),
    ("Verb", "control/verb", &["component"]),
];

/// Adding a member must not mean to edit what is not about it.
#[test]
fn a_member_of_a_family_is_named_in_its_file_and_in_its_list() {
    let sources = sources();
    let code = Crate::of(&sources);
    let mut wrong = Vec::new();
    for (family, folder, others) in FAMILIES {
        let is_member =
            |word: &str| word.starts_with(char::is_uppercase) && word.contains(char::is_lowercase);
        let names = |tokens: &[String]| {
            let named =
                |three: &[String]| three[0] == family && three[1] == "::" && is_member(&three[2]);
            tokens.windows(3).any(named)
        };
        let mut own = 0;
        for (_, module) in code.modules() {
            let file = module.file.as_path();
            let listed = file.starts_with(folder);
            own += usize::from(listed);
            let may = listed || others.iter().any(|other| file.starts_with(other));
            if names(&module.tokens) && !may {
                wrong.push(format!("{} names a {family}", file.display()));
            }
        }
        assert!(own > 3, "{family} has a file for each in {folder}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What may be named of each kind, by its spec, its variant and its folder.
fn kinds(code: &Crate) -> Vec<(String, String, String)> {
    let folders = components(code);
    let list = code.modules().find(|(path, _)| path[..] == ["component"]);
    let tokens = &list.expect("components are a module").1.tokens;
    let found = tokens.windows(6).filter_map(|part| {
        let part: Vec<&str> = part.iter().map(String::as_str).collect();
        let [variant, "(", spec, ")", "=", word] = part[..] else { return None };
        let word = word.strip_prefix('"')?;
        let folder = folders.iter().find(|folder| folder.last().is_some_and(|it| it == word))?;
        Some((spec.to_owned(), variant.to_owned(), folder.join("/")))
    });
    let found: Vec<_> = found.collect();
    assert_eq!(found.len() + 1, folders.len(), "each but the clients: {found:?}");
    assert!(found.iter().all(|(.., folder)| top(Path::new(folder)) == "component"));
    found
}
