use super::*;
use proptest::prelude::*;

#[test]
fn deep_nesting_and_bombs_of_aliases_are_refused_quickly() {
    for text in [
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        (0..20_000).map(|i| " ".repeat(i % 500) + "a:\n").collect(),
        "((((".repeat(50_000),
        format!("a: {}1{}", "f(".repeat(50_000), ")".repeat(50_000)),
    ] {
        rendered::<ShopSpec>(&text);
    }
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for i in 1..12 {
        let of = format!("*a{}, ", i - 1).repeat(9);
        bomb.push_str(&format!("a{i}: &a{i} [{}]\n", of.trim_end_matches(", ")));
    }
    assert_eq!(read::<Tree>(&bomb).1.len(), 1);
    assert!(read::<Tree>(&bomb).1[0].ends_with("anchors and aliases copy too much"));
    let mut chain = String::from("a0: &a0 [x]\n");
    for i in 1..200 {
        chain.push_str(&format!("a{i}: &a{i} [*a{}]\n", i - 1));
    }
    assert!(read::<Tree>(&chain).1[0].ends_with("nested too deep"));
}

#[test]
fn many_keys_and_pieces_are_read_in_reasonable_time() {
    let keys: String = (0..100_000).map(|i| format!("k{i}: {{endpoints: {{}}}}\n")).collect();
    assert_eq!(right::<Entries<ServerSpec>>(&keys).len(), 100_000);
}

#[test]
// A test of how long something takes reads the clock.
#[allow(clippy::disallowed_methods)]
fn a_call_of_many_pieces_takes_time_in_proportion_to_its_text() {
    for (open, piece, close) in [
        ("{a: f(", "1, ", "1)}"),
        ("[c: f(", "1, ", "1)]"),
        ("{a: f(", "1,\n ", "1)}"),
        ("[", "f(1, ", "1]"),
    ] {
        let text = [open, &piece.repeat(200_000), close].concat();
        let started = std::time::Instant::now();
        let tree = right::<Tree>(&text).0;
        assert!(started.elapsed() < std::time::Duration::from_secs(10), "{open}{piece}{close}");
        assert_eq!(tree.matches('"').count(), 2, "all pieces are one text");
    }
}

/// Words of the language and of YAML, in any order.
fn soup() -> impl Strategy<Value = String> {
    let words = "servers·app·endpoints·queue·limit·tie·: ·:·\n·\n  ·\n    ·- ·{·}·[·]·, ·&a ·*a\
                 ·<<: ·'·\"·\\·|·>·#·!x ·~·cpu·call·3ms·exp(·)·=·\t·---·...·%·@·?·漢·🎲·\0·\r\
                 ·\u{feff}·\u{85}·\u{2028}·\u{200d}·idle·1e9";
    let word = prop::sample::select(words.split('·').collect::<Vec<_>>());
    prop::collection::vec(word, 0..60).prop_map(|words| words.concat())
}

fn survives(text: &str) {
    let mut sources = Sources::new();
    let source = sources.add("fuzz", text);
    let mut problems = Problems::new();
    if let Some(root) = parse(source, &sources, &mut problems) {
        let before = problems.reported();
        let value = ShopSpec::read(&root, &mut problems);
        assert!(
            value.is_some() || problems.reported() >= before.max(1),
            "None comes with a problem"
        );
        Vec::<Act>::read(&root, &mut problems);
        Entries::<Exp>::read(&root, &mut Problems::new());
    } else {
        assert!(!problems.is_empty(), "None comes with a problem");
    }
    for problem in problems.sorted() {
        assert!(problem.place.start <= problem.place.end && problem.place.end <= text.len());
    }
    render(&problems, &sources, true);
    render(&problems, &sources, false);
    let mut problems = Problems::new();
    if let (Some((path, value)), Some(mut root)) =
        (assignment(source, &sources, &mut problems), parse(source, &sources, &mut Problems::new()))
        && let Err(problem) = set(&mut root, &path, value, &json_schema::<ShopSpec>("shop"))
    {
        problems.push(problem);
    }
    render(&problems, &sources, false);
    call_syntax(text);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_soup_of_words_is_survived(text in soup()) {
        survives(&text);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        survives(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_text_is_survived(text in "\\PC{0,80}") {
        survives(&text);
    }
}
