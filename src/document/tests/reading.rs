use super::*;

const SHOP: &str = "
servers:
  app:
    replicas: 3
    in: memo
    timeout: 2s
    queue: 256
    endpoints:
      GET /x:
        - cpu: 3ms
        - call: db
        - call: {to: db, times: 2, then: idle}
        - idle
        - wait
      POST /y:
        cpu: 1ms
      nothing:
  other: {endpoints: {}}
";

#[test]
fn a_right_document_becomes_its_types() {
    let shop: ShopSpec = right(SHOP);
    assert_eq!((shop.name.as_str(), shop.tie, shop.arrivals), ("shop", Tie::Random, None));
    assert_eq!(shop.servers.names().collect::<Vec<_>>(), ["app", "other"]);
    let app = shop.servers.get("app").expect("it was written");
    assert_eq!(app.replicas.get(), 3);
    assert_eq!(app.timeout, Some(Span::from_secs(2)));
    assert_eq!(app.queue.limit.get(), Some(256));
    assert!(app.queue.fair);
    assert_eq!(app.r#in.as_ref().map(|name| name.value.as_str()), Some("memo"));
    let [Act::Cpu(_), Act::Call(short), Act::Call(long), Act::Idle, Act::Wait(_)] =
        app.endpoints.get("GET /x").expect("it was written").as_slice()
    else {
        panic!("{:?}", app.endpoints)
    };
    assert_eq!((short.to.value.as_str(), short.times.get()), ("db", 1.0));
    assert_eq!((long.then.as_slice(), long.times.get()), ([Act::Idle].as_slice(), 2.0));
    assert_eq!(app.endpoints.get("POST /y").map(Vec::len), Some(1));
    assert_eq!(app.endpoints.get("nothing").map(Vec::len), Some(0));
    let other = shop.servers.get("other").expect("it was written");
    assert_eq!(other.queue.limit.get(), Some(10_000));
    assert_eq!(shop.servers.index("other"), Some(1));
}

#[test]
fn all_problems_of_a_document_are_found_at_once() {
    let text = "\
nmae: x
tie: Lowest-Number
arrivals: 300
servers:
  app:
    replicas: 0
    timeout: fast
    queue: {limit: -1, drop: 110%, fair: yes, size: 3}
    endpoints:
      GET /x:
        - cpu: 3
        - cal: db
        - call: {}
        - {cpu: 1ms, idle: }
        - idle: 3
        - [idle]
        - {}
        -
  '': {endpoints: {}}
  web:
    timeout: 1s
  db: {}
";
    wrong::<ShopSpec>(
        text,
        &[
            "1:1 unknown key \"nmae\"",
            "2:6 unknown tie \"Lowest-Number\"",
            "3:11 \"300\" is not a rate",
            "6:15 \"0\" is not a whole number from 1",
            "7:14 \"fast\" is not a duration",
            "8:20 \"-1\" is not a whole number",
            "8:30 \"110%\" is not a share",
            "8:42 \"yes\" is not true or false",
            "8:47 unknown key \"size\"",
            "11:16 \"3\" is not a duration",
            "12:11 unknown kind of act \"cal\"",
            "13:17 \"to\" is missing",
            "14:22 an act has one key only",
            "15:17 nothing belongs here",
            "16:11 a list is not an act",
            "17:11 a mapping is not an act",
            "18:10 an act is missing",
            "19:3 the name is empty",
            "20:3 \"endpoints\" is missing",
            "22:7 \"endpoints\" is missing",
        ],
    );
}

#[test]
fn null_is_the_same_as_leaving_a_key_out() {
    let queue: QueueSpec = right("{limit: , drop: ~}");
    assert_eq!(queue.limit.get(), None);
    wrong::<ShopSpec>("servers:\ntie:\n", &["1:1 \"servers\" is missing"]);
    wrong::<ServerSpec>("[1]", &["1:1 a list is not a mapping"]);
}

#[test]
fn a_problem_behind_an_alias_is_told_once() {
    wrong::<ShopSpec>(
        "servers:\n  a: &a {endpoints: {}, queue: x}\n  b: *a\n",
        &["2:32 \"x\" is not a whole number"],
    );
}

#[test]
fn text_that_cannot_be_shown_is_refused_where_it_stands() {
    wrong::<Tree>("a: \"x\\ey\"\n", &["1:4 the character U+001B cannot be shown"]);
    wrong::<Tree>("a: [x, \"\u{202e}y\"]", &["1:9 the character U+202E cannot be shown"]);
    wrong::<Tree>("a: [x\u{1b}, y]", &["1:6 the character U+001B cannot be shown"]);
    wrong::<Tree>(
        "\"\\x9b\": 1\nb: \"\\r\"\n",
        &["1:1 the character U+009B cannot be shown", "2:4 the character U+000D cannot be shown"],
    );
    right::<Tree>("a: |\r\n  x\r\n  y\r\nb: \"tab\\t and\\n line\"\r\n");
}

#[test]
fn part_of_a_scalar_can_be_pointed_at() {
    wrong::<Exp>("exp( 3mz )", &["1:6 \"3mz\" is not a duration"]);
    wrong::<Exp>("'exp(3mz)'", &["1:6 \"3mz\" is not a duration"]);
    wrong::<Exp>("\"exp\\x28 3mz)\"", &["1:1 \"3mz\" is not a duration"]);
    wrong::<Exp>("3ms", &["1:1 \"3ms\" is not a distribution"]);
}

#[test]
fn a_default_stands_where_its_record_does() {
    let call: CallSpec = right("{to: db}");
    assert_eq!((call.to.place.start, call.to.place.end), (5, 7));
    let at: Vec<At<CallSpec>> = right("- db\n- to: x\n");
    assert_eq!(at[1].place.start, 7);
}
