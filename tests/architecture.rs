//! The dependency rule of `docs/architecture.md`, and the budgets of the house, held by a test.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The layers, lowest first: a module imports only from layers before its own.
const LAYERS: [&[&str]; 20] = [
    &["units"],
    &["document", "engine", "stats"],
    &["access_log", "store"],
    &["distribution"],
    &["message"],
    &["measure"],
    &["network"],
    &["queue", "step", "column"],
    &["objects"],
    &["session", "tracing"],
    &["runtime"],
    &["caching"],
    &["work"],
    &["control"],
    &["component"],
    &["deployment"],
    &["scenario"],
    &["experiment"],
    &["report"],
    &["cli"],
];

/// What a module may not import although it lies below.
const BARRED: [(&str, &str); 4] = [
    ("report", "deployment"),
    ("report", "scenario"),
    ("engine", "document"),
    ("stats", "document"),
];

/// What still imports upwards: meters of what stands above.
const TIED: [(&str, &str); 3] =
    [("measure", "caching"), ("measure", "objects"), ("measure", "session")];

/// Files and folders that are components.
const COMPONENTS: [&str; 6] =
    ["cache", "client", "database", "external", "load_balancer", "server"];

const LONGEST_FILE: usize = 500;
const LONGEST_LINE: usize = 100;

fn sources() -> BTreeMap<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("src can be listed") {
            let path = entry.expect("src can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("sources are text");
                let short = path.strip_prefix(&root).expect("below src").to_owned();
                sources.insert(short, text);
            }
        }
    }
    sources
}

/// The module at the top to which a file belongs.
fn module(path: &Path) -> String {
    let first = path.iter().next().expect("a path has a part").to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The part of a file that is not tests.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

fn is_test(path: &Path) -> bool {
    path.iter().any(|part| part == "tests" || part == "tests.rs")
}

/// Every `crate::x` in a text, grouped imports included.
fn imports(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let word = |text: &str| -> String {
            text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
        };
        if let Some(group) = rest.strip_prefix('{') {
            let end = group.find("};").unwrap_or(group.len());
            found.extend(group[..end].split(',').map(|item| word(item.trim_start())));
        } else {
            found.push(word(rest));
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

#[test]
fn imports_run_one_way() {
    let layer_of = |name: &str| LAYERS.iter().position(|layer| layer.contains(&name));
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let me = module(&path);
        if me == "lib" || me == "main" {
            continue;
        }
        let mine = layer_of(&me).unwrap_or_else(|| panic!("{me} is in no layer"));
        for import in imports(code(&text)) {
            let barred = BARRED.contains(&(me.as_str(), import.as_str()));
            let tied = TIED.contains(&(me.as_str(), import.as_str()));
            let below = tied || layer_of(&import).is_some_and(|layer| layer < mine);
            if import != me && layer_of(&import).is_some() && (barred || !below) {
                wrong.push(format!("{} imports {import}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A macro that prints panics where nothing can be written.
#[test]
fn only_the_terminal_prints() {
    let prints = |text: &str| ["print!(", "println!("].iter().any(|name| text.contains(name));
    let loud = sources().into_iter().filter(|(path, text)| !is_test(path) && prints(code(text)));
    let loud: Vec<_> = loud.map(|(path, _)| path).collect();
    assert!(loud.is_empty(), "use cli/terminal.rs: {loud:#?}");
}

#[test]
fn no_component_imports_another() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let mut parts = path.iter().map(|part| part.to_string_lossy().into_owned());
        if parts.next().as_deref() != Some("component") {
            continue;
        }
        let me = parts.next().unwrap_or_default().trim_end_matches(".rs").to_owned();
        if !COMPONENTS.contains(&me.as_str()) {
            continue;
        }
        for other in COMPONENTS.iter().filter(|other| **other != me) {
            let named = code(&text).contains(&format!("super::{other}::"))
                || code(&text).contains(&format!("component::{other}::"));
            if named {
                wrong.push(format!("{} imports {other}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_and_lines_stay_short() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if text.lines().count() > LONGEST_FILE {
            wrong.push(format!("{} has {} lines", path.display(), text.lines().count()));
        }
        for (number, line) in text.lines().enumerate() {
            // A text that is printed, or an address, may run on.
            let may_be_long = line.contains('"') || line.contains("://") || line.contains('|');
            if line.chars().count() > LONGEST_LINE && !may_be_long {
                wrong.push(format!("{}:{} is too long", path.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_file_says_what_it_is() {
    let silent: Vec<_> = sources()
        .into_iter()
        .filter(|(path, text)| !text.starts_with("//! ") && !is_test(path))
        .map(|(path, _)| path)
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

/// The reference in `docs/scenario-language.md` is what the declarations say.
/// `DEPLOYSIM_BLESS=1 cargo test --test architecture` writes it anew.
#[test]
fn the_language_reference_is_current() {
    const MARK: &str = "<!-- The rest is generated from the declarations in src/; do not edit. -->";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenario-language.md");
    let text = fs::read_to_string(&path).expect("the page exists");
    let (prose, _) = text.split_once(MARK).expect("the page has its mark");
    let expected = format!("{prose}{MARK}\n\n{}", deploysim::scenario::reference());
    if std::env::var_os("DEPLOYSIM_BLESS").is_some() {
        fs::write(&path, &expected).expect("the page can be written");
        return;
    }
    assert!(text == expected, "run DEPLOYSIM_BLESS=1 cargo test --test architecture");
}
