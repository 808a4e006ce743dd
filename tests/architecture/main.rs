//! The dependency rule of `docs/architecture.md`, and the budgets of the house, held by a test.

mod circles;
mod kinds;
mod modules;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use circles::circles;
use modules::Crate;

/// The layers, lowest first: a module imports only from layers before its own.
const LAYERS: [&[&str]; 21] = [
    &["units", "text", "files", "parallel"],
    &["document", "engine", "stats"],
    &["access_log", "store"],
    &["distribution", "placement"],
    &["message"],
    &["measure"],
    &["network", "call"],
    &["queue", "step", "column"],
    &["objects"],
    &["session", "tracing", "replication", "transaction"],
    &["runtime"],
    &["caching", "storage"],
    &["work"],
    &["control"],
    &["component"],
    &["deployment"],
    &["scenario"],
    &["experiment"],
    &["report"],
    &["course"],
    &["cli"],
];

/// What a module may not import although it lies below.
const BARRED: [(&str, &str); 4] = [
    ("report", "deployment"),
    ("report", "scenario"),
    ("engine", "document"),
    ("stats", "document"),
];

/// What there is not where there is no operating system, as in a browser.
const OUTSIDE: [&str; 4] = ["fs", "thread", "time", "env"];

const LONGEST_FILE: usize = 500;
const LONGEST_LINE: usize = 100;

/// Every Rust file below a folder of the project, by its path from there, with its text.
fn files(folder: &str) -> BTreeMap<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("it can be listed") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("sources are text");
                found.insert(path.strip_prefix(&root).expect("below it").to_owned(), text);
            }
        }
    }
    found
}

fn sources() -> BTreeMap<PathBuf, String> {
    files("src")
}

/// The module at the top to which a file belongs.
fn top(path: &Path) -> String {
    let first = path.iter().next().expect("a path has a part").to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn imports_run_one_way() {
    let layer_of = |name: &str| LAYERS.iter().position(|layer| layer.contains(&name));
    let sources = sources();
    let code = Crate::of(&sources);
    let mut wrong = Vec::new();
    for (path, imported) in code.imports() {
        let me = top(path);
        if me == "lib" {
            continue;
        }
        let mine = layer_of(&me).unwrap_or_else(|| panic!("{me} is in no layer"));
        for other in imported.into_iter().filter(|other| top(other) != me) {
            let import = top(other);
            let barred = BARRED.contains(&(me.as_str(), import.as_str()));
            if barred || layer_of(&import).is_none_or(|layer| layer >= mine) {
                wrong.push(format!("{} imports {}", path.display(), other.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The modules of components: called as the kinds of which `ComponentSpec` is one, and the clients.
fn components(code: &Crate) -> Vec<Vec<String>> {
    let declares =
        |tokens: &[String]| tokens.windows(2).position(|w| w == ["enum", "ComponentSpec"]);
    let found = code
        .modules()
        .find_map(|(path, module)| declares(&module.tokens).map(|at| (path, &module.tokens[at..])));
    let (home, tokens) = found.expect("the kinds of components are declared");
    let kinds = tokens.iter().take_while(|token| *token != "}");
    let kinds = kinds.filter_map(|token| token.strip_prefix('"')).chain(["client"]);
    kinds.map(|kind| [&home[..], &[kind.to_owned()]].concat()).collect()
}

#[test]
fn no_component_imports_another() {
    let sources = sources();
    let code = Crate::of(&sources);
    let components = components(&code);
    assert!(components.len() > 5, "{components:?}");
    let of = |file: &Path| {
        let modules = code.modules().filter(|(_, module)| module.file == file);
        let mut all =
            modules.flat_map(|(path, _)| components.iter().filter(|c| path.starts_with(c)));
        all.next()
    };
    for component in &components {
        assert!(code.modules().any(|(path, _)| path == component), "there is no {component:?}");
    }
    let mut wrong = Vec::new();
    for (path, imported) in code.imports() {
        let Some(me) = of(path) else { continue };
        for other in imported.into_iter().filter(|other| of(other).is_some_and(|it| it != me)) {
            wrong.push(format!("{} imports {}", path.display(), other.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Where a file stands: what is beside a folder of its name stands in that folder.
fn folder(file: &Path, sources: &BTreeMap<PathBuf, String>) -> PathBuf {
    let own = file.with_extension("");
    let has_children = sources.keys().any(|path| path.starts_with(&own) && path != file);
    if has_children { own } else { file.parent().unwrap_or(Path::new("")).to_owned() }
}

/// Where several folders import each other in a circle, none can be understood alone.
#[test]
fn no_circle_of_imports_runs_through_several_folders() {
    let sources = sources();
    let code = Crate::of(&sources);
    let imports = code.imports();
    let mut tangled: BTreeMap<String, BTreeSet<&Path>> = BTreeMap::new();
    for circle in circles(&imports) {
        let folders: BTreeSet<PathBuf> = circle.iter().map(|file| folder(file, &sources)).collect();
        if folders.len() > 1 {
            let first = circle.first().expect("a circle has files");
            tangled.entry(top(first)).or_default().extend(circle);
        }
    }
    for (module, files) in &tangled {
        println!("{} files of {module} stand in circles:", files.len());
        for file in files {
            let next: Vec<_> = imports[file].intersection(files).map(|f| f.display()).collect();
            println!("  {} imports {next:?}", file.display());
        }
    }
    assert!(tangled.is_empty(), "none should");
}

/// Without any feature the crate can run where there is no operating system.
#[test]
fn the_core_needs_no_operating_system() {
    let core = Crate::core(&sources());
    let needs = |pair: &[String]| pair[0] == "std" && OUTSIDE.contains(&pair[1].as_str());
    let found = core.named().filter(|(_, names)| names.windows(2).any(needs));
    let found: Vec<_> = found.map(|(file, names)| (file, names.join("::"))).collect();
    assert!(found.is_empty(), "put this behind a feature: {found:#?}");
}

#[test]
fn every_file_is_compiled() {
    let sources = sources();
    let compiled = Crate::files_with_tests(&sources);
    let others = sources.keys().filter(|file| !compiled.contains(*file));
    assert_eq!(others.collect::<Vec<_>>(), [Path::new("main.rs")]);
}

#[test]
fn files_and_lines_stay_short() {
    let mut wrong = Vec::new();
    for (path, text) in ["src", "tests", "benches"].into_iter().flat_map(files) {
        if text.lines().count() > LONGEST_FILE {
            wrong.push(format!("{} has {} lines", path.display(), text.lines().count()));
        }
    }
    for (path, text) in sources() {
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
    // Of what the file beside them does.
    let is_test = |path: &Path| path.iter().any(|part| part == "tests" || part == "tests.rs");
    let own = sources().into_iter().filter(|(path, _)| !is_test(path));
    let all = own.chain(files("tests")).chain(files("benches"));
    let silent = all.filter(|(_, text)| !text.starts_with("//! ")).map(|(path, _)| path);
    let silent: Vec<PathBuf> = silent.collect();
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
