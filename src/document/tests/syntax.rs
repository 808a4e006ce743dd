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
    wrong::<Tree>("a: 1\nb: [1, 2\nc: 3\n", &["2:4 \"[\" is not closed"]);
    wrong::<Tree>("a: {b: 1}}\n", &["1:10 a bracket that closes nothing"]);
    wrong::<Tree>("a: [1, {b: 2]\n", &["1:8 \"{\" is not closed"]);
    wrong::<Tree>("a: 1\n\tb: 2\n", &["2:1 a tab in the indentation"]);
    wrong::<Tree>("a:\n  b: 1\n  \tc: 2\n", &["3:3 a tab in the indentation"]);
    wrong::<Tree>("a: 'x\n", &["1:4 a quotation mark is not closed"]);
    wrong::<Tree>("a: \"x\nb: 'y'\n", &["1:4 a quotation mark is not closed"]);
    wrong::<Tree>("a: \"x\" y\n", &["1:8 something follows a text in quotation marks"]);
    wrong::<Tree>("a: 1\nb: @x # y\n", &["2:4 a value cannot begin with \"@\""]);
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
fn a_line_out_of_line_is_told_where_it_could_stand() {
    for (line, column) in [("  c: 3", 3), ("     c: 3", 6), (" c: 3", 2)] {
        let text = format!("a:\n    b: 2\n\n# comment\n{line}\n");
        wrong::<Tree>(&text, &[&format!("5:{column} wrong indentation")]);
    }
    wrong::<Tree>("a:\n  - b: 1\n - c: 2\n", &["3:2 wrong indentation"]);
    wrong::<Tree>("a:\n  - b: 1\n    - c: 2\n", &["3:5 wrong indentation"]);
    wrong::<Tree>("a:\n  - b: 1\n   c: 2\n", &["3:4 wrong indentation"]);
    wrong::<Tree>("a:\n  - b\n  c: 2\n", &["3:3 a key among the items of a list"]);
    wrong::<Tree>("a:\n  b: 1\n  - c\n", &["3:3 an item of a list among keys"]);
}

#[test]
fn what_a_colon_lacks_is_looked_for_in_the_line_above() {
    wrong::<Tree>("a:\n  b\n    c: 1\n", &["2:3 there is no colon"]);
    wrong::<Tree>("a:\n  b 2\n  c: 1\n", &["2:3 there is no colon"]);
    wrong::<Tree>("a:\n  b:2\n  c: 1\n", &["2:3 there is no space after the colon"]);
    wrong::<Tree>("a:\n  - b:2\n    c: 1\n", &["2:5 there is no space after the colon"]);
    wrong::<Tree>("a: b: c\n", &["1:4 a value with a colon"]);
    wrong::<Tree>("- a: b: c # d\n", &["1:6 a value with a colon"]);
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
