use super::*;

#[track_caller]
fn tree(text: &str, expect: &str) {
    assert_eq!(right::<Tree>(text).0, expect, "{text}");
}

#[test]
fn scalars_keep_their_text_as_written() {
    tree(
        "[100k, 0x1, 1e3, yes, 10%, 007, 'a b', \"c\\td\"]",
        r#"["100k", "0x1", "1e3", "yes", "10%", "007", "a b", "c\td"]"#,
    );
    tree("[~, null, Null, 'null', no]", r#"[null, null, null, "null", "no"]"#);
    tree("a: |\n  x\n  y\nb: >\n  x\n  y\n", r#"{a: "x\ny\n", b: "x y\n"}"#);
}

#[test]
fn anchors_aliases_and_merges_work() {
    tree(
        "a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\nc: *x\n",
        r#"{a: {p: "1", q: "2"}, b: {q: "3", p: "1"}, c: {p: "1", q: "2"}}"#,
    );
    tree(
        "a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc:\n  <<: [*x, *y]\n  r: 3\n",
        r#"{a: {p: "1"}, b: {p: "2", q: "2"}, c: {r: "3", p: "1", q: "2"}}"#,
    );
    tree("a: &x 1\nb: [*x, *x]", r#"{a: "1", b: ["1", "1"]}"#);
    wrong::<Tree>("a: {<<: 3}", &["1:9 \"3\" is not a mapping to merge"]);
}

#[test]
fn a_comma_inside_a_call_belongs_to_the_call() {
    tree(
        "{size: lognormal(mean=20KiB, cv=1), next: 3}",
        r#"{size: "lognormal(mean=20KiB, cv=1)", next: "3"}"#,
    );
    tree("[mix(exp(1, 2), 3), 4, a(5]", r#"["mix(exp(1, 2), 3)", "4", "a(5"]"#);
    tree("{a: f(1, 1, 1), b: [g(x,y)]}", r#"{a: "f(1, 1, 1)", b: ["g(x,y)"]}"#);
    tree("a: f(1,\n  2)\nb: {c: f(1,\n  2)}", r#"{a: "f(1, 2)", b: {c: "f(1, 2)"}}"#);
    tree(
        "[cpu: f(5ms, cv=2), io: g(1, h(2, 3)), \"f(1\", x]",
        r#"[{cpu: "f(5ms, cv=2)"}, {io: "g(1, h(2, 3))"}, "f(1", "x"]"#,
    );
    tree("[a: \"f(1\", x]", r#"[{a: "f(1"}, "x"]"#);
    wrong::<Exp>("{a: [exp(3ms, 4)]}", &["1:1 a mapping is not a distribution"]);
    wrong::<Vec<Exp>>("[exp(3ms, 4), exp(1ms), exp(2, 1)]", &["1:29 \"2\" is not a duration"]);
}

#[test]
fn what_is_not_yaml_is_shown_where_it_breaks() {
    wrong::<Tree>("a: 1\nb: [1, 2\nc: 3\n", &["3:2 this is not YAML"]);
    wrong::<Tree>("a: 1\n\tb: 2\n", &["2:1 a tab in the indentation"]);
    wrong::<Tree>("a:\n  b: 1\n  \tc: 2\n", &["3:3 a tab in the indentation"]);
    wrong::<Tree>("a: 'x\n", &["2:1 this is not YAML"]);
    wrong::<Tree>("a: *nobody\n", &["1:4 unknown alias \"*nobody\""]);
    wrong::<Tree>("a: &x [*x]\n", &["1:8 this alias is part of what it stands for"]);
    wrong::<Tree>("a: 1\n---\nb: 2\n", &["2:1 there is more than one document"]);
    wrong::<Tree>(
        "a: !!int 3\nb: !x y\n",
        &["1:4 a YAML tag has no meaning here", "2:4 a YAML tag has no meaning here"],
    );
    wrong::<Tree>("? [a]\n: b\n", &["1:3 a list is not a key"]);
}

#[test]
fn an_empty_document_says_so() {
    for text in ["", "\n\n", "# only a comment\n", "---\n", "~"] {
        let problems = read::<Tree>(text).1;
        assert!(problems.len() == 1 && problems[0].ends_with("the document is empty"), "{text:?}");
    }
}

#[test]
fn a_key_that_occurs_twice_is_an_error_and_the_rest_is_still_read() {
    wrong::<ShopSpec>(
        "servers: {}\ntie: lowest\nservers: {}\n\"tie\": random\n",
        &[
            "2:6 unknown tie \"lowest\"",
            "3:1 the key \"servers\" occurs twice",
            "4:1 the key \"tie\" occurs twice",
        ],
    );
}

#[test]
fn columns_count_characters() {
    wrong::<ShopSpec>("{name: ünïcödé 漢字, tie: 🎲, servers: {}}", &["1:25 unknown tie \"🎲\""]);
    wrong::<ShopSpec>("\u{feff}tie: x\nservers: {}", &["1:7 unknown tie \"x\""]);
    wrong::<ShopSpec>(
        "tie: x\r\nservers: 3\r\n",
        &["1:6 unknown tie \"x\"", "2:10 \"3\" is not a mapping from names to values"],
    );
}

#[test]
fn blocks_stand_where_their_key_does() {
    let mut sources = Sources::new();
    let source = sources.add("f", "a:\n  b: 1\nc:\n- d\n-\n  e: 1\nf: {g: 1}\nh:\n");
    let root = parse(source, &sources, &mut Problems::new()).expect("this is YAML");
    let place = |path: &str| {
        let path = Path::parse(path, root.place).expect("this is a path");
        let node = lookup(&root, &path).expect("this is there");
        let text = sources.get(source).1;
        (sources.position(node.place).0, &text[node.place.start..node.place.end])
    };
    assert_eq!(place("a"), (1, "a"));
    assert_eq!(place("c"), (3, "c"));
    assert_eq!(place("c[0]"), (4, "d"));
    assert_eq!(place("c[1]"), (6, "e"));
    assert_eq!(place("f"), (7, "{g: 1}"));
    assert_eq!(place("h"), (8, "h"));
    assert_eq!(sources.position(root.place), (1, 1));
}
