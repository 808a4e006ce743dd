use super::*;

#[test]
fn every_default_is_one() {
    assert_eq!(check_defaults::<ShopSpec>(), Vec::<String>::new());
    record! {
        /// A record with a wrong default.
        struct Wrong {
            /// Not a duration.
            span: Span = "3",
        }
    }
    assert_eq!(check_defaults::<Wrong>(), ["Wrong.span: 3"]);
    assert_eq!(read::<Wrong>("{span: 1s}").0, Some(Wrong { span: Span::from_secs(1) }));
}

#[test]
fn the_schema_says_what_the_reader_reads() {
    let schema = json_schema::<ShopSpec>("Shops");
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    let names: Vec<_> = schema["definitions"].as_object().expect("a map").keys().collect();
    assert_eq!(names, ["Shop", "Server", "Act", "Call", "Queue", "Tie"]);
    let server = &schema["definitions"]["Server"];
    assert_eq!(server["required"], json!(["endpoints"]));
    assert_eq!(server["additionalProperties"], json!(false));
    assert_eq!(
        server["description"],
        "A pool of identical application servers.\n\nEach has its own cores."
    );
    assert_eq!(
        server["properties"]["replicas"],
        json!({
            "title": "whole number from 1", "type": ["string", "integer"], "minimum": 1,
            "maximum": MOST_COUNTED, "pattern": u64::PATTERN,
            "description": "Identical instances, each with\nits own queue.", "default": 1,
        })
    );
    assert_eq!(server["properties"]["queue"]["default"], json!({"limit": "10k"}));
    assert_eq!(server["properties"]["timeout"]["maximum"], 0);
    assert_eq!(
        schema["definitions"]["Tie"]["oneOf"][1],
        json!({
            "const": "lowest_number", "description": "By the lowest number.",
        })
    );
    let act = &schema["definitions"]["Act"]["anyOf"];
    assert_eq!(act[0]["maxProperties"], 1);
    assert_eq!(act[1], json!({"enum": ["idle", "wait"]}));
    let call = &schema["definitions"]["Call"]["anyOf"];
    assert_eq!(call[0]["properties"]["then"]["anyOf"][1]["$ref"], "#/definitions/Act");
    assert_eq!(call[1]["title"], "text");
}

#[test]
fn the_reference_has_a_section_for_everything_with_a_name() {
    let expect = "\
## Server

A pool of identical application servers.

Each has its own cores.

| key | type | default | meaning |
|---|---|---|---|
| `replicas` | whole number from 1 | `1` | Identical instances, each with its own queue. |
| `endpoints` | names, each with list of [Act](#act) | **required** | What requests do here. |
| `timeout` | duration |  | How long a caller waits. |
| `queue` | [Queue](#queue) | `{limit: 10k}` | How many may wait. |
| `in` | text |  | In which cache. |

## Act

One step.

One of:

| key | type | meaning |
|---|---|---|
| `cpu` | duration | Work. |
| `call` | [Call](#call) | Ask another. |
| `idle` | nothing | Do nothing. |
| `wait` | [Queue](#queue) | Wait in a queue. |

A word alone will do for `idle`, `wait`.

## Call

A call.

| key | type | default | meaning |
|---|---|---|---|
| `to` | text | **required** | Whom. |
| `times` | number above 0 | `1` | How many times. |
| `then` | list of [Act](#act) | `[]` | What follows. |

Short form: the value of `to` alone.

## Queue

Who waits.

| key | type | default | meaning |
|---|---|---|---|
| `limit` | whole number or unlimited | `unlimited` | How many \\| at most. |
| `drop` | share | `0%` | The share that is dropped. |
| `fair` | true or false | `true` | Whether the queue is fair. |

Short form: the value of `limit` alone.
";
    assert_eq!(markdown::<ServerSpec>(), expect);
    assert!(markdown::<ShopSpec>().ends_with(
        "## Tie\n\nHow a tie is broken.\n\n| value | meaning |\n|---|---|\n\
         | `random` | By chance. |\n| `lowest_number` | By the lowest number. |\n"
    ));
}

#[test]
fn a_choice_knows_its_words() {
    assert_eq!(
        Tie::ALL.iter().map(Tie::to_string).collect::<Vec<_>>(),
        ["random", "lowest_number"]
    );
}
