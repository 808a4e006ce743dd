use super::*;

#[test]
fn a_problem_looks_like_one_of_the_rust_compiler() {
    let text = "servers:\n  app: {endpoints: {}, queue: {limt: 3}}\ntie: randm\n";
    let expect = r#"error: unknown key "limt"
 --> shop.yaml:2:32
  |
2 |   app: {endpoints: {}, queue: {limt: 3}}
  |                                ^^^^ there is no such key
  |
  = help: did you mean "limit"? (valid here: "limit", "drop" and "fair")

error: unknown tie "randm"
 --> shop.yaml:3:6
  |
3 | tie: randm
  |      ^^^^^ there is no such tie
  |
  = help: did you mean "random"? (valid here: "random" and "lowest_number")

2 errors in shop.yaml
"#;
    assert_eq!(rendered::<ShopSpec>(text), expect);
}

#[test]
fn related_places_are_shown_beside() {
    let text = "tie: random\n# a\n# b\n# c\n# d\nservers: {}\ntie: random\n";
    let expect = r#"error: the key "tie" occurs twice
 --> shop.yaml:7:1
  |
1 | tie: random
  | --- first here
...
7 | tie: random
  | ^^^ leave one of the two

1 error in shop.yaml
"#;
    assert_eq!(rendered::<ShopSpec>(text), expect);
}

#[test]
fn the_end_of_the_text_and_several_lines_can_be_shown() {
    let text = "servers:\n  a: {endpoints: {},\n      queue: [1,\n   2]}\n";
    let expect = r#"error: a list is not a whole number
 --> shop.yaml:3:14
  |
3 |       queue: [1,
  |              ^^^ expected a whole number such as 256 or 10k, or unlimited

1 error in shop.yaml
"#;
    assert_eq!(rendered::<ShopSpec>(text), expect);
    let end = rendered::<ShopSpec>("servers: {\n\n");
    assert!(end.contains("shop.yaml:1:10"), "{end}");
    let empty = rendered::<ShopSpec>("");
    assert!(empty.contains("the document is empty") && empty.contains("shop.yaml:1:1"), "{empty}");
}

#[test]
fn many_problems_are_cut_short() {
    let text = (0..80).map(|i| format!("k{i}: 1\n")).collect::<String>();
    let shown = rendered::<ShopSpec>(&text);
    assert!(shown.ends_with("\n\nand 31 more\n81 errors in shop.yaml\n"), "{shown}");
    let text = (0..100_000).map(|i| format!("k{i}: 1\n")).collect::<String>();
    let shown = rendered::<ShopSpec>(&text);
    let end = "\n\nand at least 50 more\nat least 100 errors in shop.yaml\n";
    assert!(shown.ends_with(end), "{shown}");
}

#[test]
fn hostile_text_is_shown_harmlessly() {
    let long = "x".repeat(1_000_000);
    let wide = "漢字🎲\u{200b}\u{202e}".repeat(2_000);
    let control = "\u{1b}[31m\u{7}\u{0}\u{9b}2J\u{ffff}";
    for name in [&long, &wide, control] {
        let mut sources = Sources::new();
        let text = format!("a{name}b: 1\n");
        let source = sources.add("evil\u{1b}\u{9b}.yaml", text.clone());
        let place = Place { source, start: 1, end: text.len() + 9 };
        let problem = Problem::new(place, name, name).help(name).also(place, name);
        let problem = problem.also(Place { source, start: usize::MAX, end: 0 }, "nowhere");
        let shown = render(&problem.into(), &sources, false);
        assert!(shown.chars().all(crate::text::is_shown), "no control characters");
    }
}

#[test]
fn colour_only_adds_escapes_and_nothing_wrong_is_nothing_said() {
    let mut sources = Sources::new();
    let source = sources.add("a", "b");
    let problem = Problem::new(Place { source, start: 0, end: 1 }, "title", "label");
    assert!(render(&problem.into(), &sources, true).contains('\u{1b}'));
    assert_eq!(render(&Problems::new(), &sources, true), "");
}
