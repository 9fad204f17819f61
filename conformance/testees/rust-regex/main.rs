//! The crate regex as a testee. It finds in bytes of UTF-8; the protocol counts code points.
mod assay_sdk;
mod supports;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use assay_sdk::{json, raised, Adapter, Outcome, Raised, Value};
use regex::{Captures, Regex, RegexBuilder};

/// One pattern, and itself bound to the start of the text, and to both its ends.
struct Compiled {
    search: Regex,
    starts: Regex,
    full: Regex,
}

fn text_of<'a>(params: &'a Value, name: &str) -> &'a str {
    params[name].as_str().unwrap_or_default()
}

fn code_points(text: &str) -> usize {
    text.chars().count()
}

fn built(pattern: &str, flags: &str) -> Result<Regex, Raised> {
    let mut builder = RegexBuilder::new(pattern);
    for flag in flags.chars() {
        match flag {
            'a' => builder.unicode(false),
            'i' => builder.case_insensitive(true),
            'm' => builder.multi_line(true),
            's' => builder.dot_matches_new_line(true),
            'x' => builder.ignore_whitespace(true),
            _ => return Err(raised("PatternError", format!("unknown flag {flag}"))),
        };
    }
    builder.build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => raised("LimitExceeded", error),
        _ => wrong(pattern, flags, error),
    })
}

/// The crate's error is a text; its own parser says where.
fn wrong(pattern: &str, flags: &str, error: regex::Error) -> Raised {
    let raised = raised("PatternError", error.to_string());
    let parsed = regex_syntax::ParserBuilder::new()
        .unicode(!flags.contains('a'))
        .ignore_whitespace(flags.contains('x'))
        .build()
        .parse(pattern);
    let offset = match parsed {
        Err(regex_syntax::Error::Parse(at)) => at.span().start.offset,
        Err(regex_syntax::Error::Translate(at)) => at.span().start.offset,
        _ => return raised,
    };
    raised.with("position", code_points(&pattern[..offset]))
}

fn compile(pattern: &str, flags: &str) -> Result<Compiled, Raised> {
    let search = built(pattern, flags)?;
    // Under x the pattern may end in a comment.
    let inner = if flags.contains('x') { format!("{pattern}\n") } else { pattern.to_string() };
    let bound = |end: &str| built(&format!("\\A(?:{inner}){end}"), flags);
    Ok(Compiled { search, starts: bound("")?, full: bound("\\z")? })
}

/// Places in a text as code points.
struct Places<'a> {
    text: &'a str,
    counts: Option<Vec<usize>>, // of code points before each byte; none where all are ASCII
}

impl<'a> Places<'a> {
    fn of(text: &'a str) -> Places<'a> {
        let counts = (!text.is_ascii()).then(|| {
            let mut count = 0;
            let mut counts: Vec<usize> = (0..text.len())
                .map(|at| {
                    count += usize::from(text.is_char_boundary(at));
                    count - 1
                })
                .collect();
            counts.push(count);
            counts
        });
        Places { text, counts }
    }

    fn span(&self, found: regex::Match) -> Value {
        let place = |at: usize| self.counts.as_ref().map_or(at, |counts| counts[at]);
        json!([place(found.start()), place(found.end())])
    }

    fn describe(&self, found: &Captures, spans: bool) -> Value {
        let whole = found.get(0).expect("a match has a span");
        let groups: Vec<Option<&str>> =
            found.iter().skip(1).map(|group| group.map(|group| group.as_str())).collect();
        let mut result = json!({"span": self.span(whole), "groups": groups});
        if spans {
            let spans: Vec<Option<Value>> =
                found.iter().skip(1).map(|group| group.map(|group| self.span(group))).collect();
            result["spans"] = json!(spans);
        }
        result
    }
}

/// The crate spells $1 and ${name} what the protocol spells \1 and \g<name>; it has no escapes.
fn template_of(text: &str) -> String {
    let spelled = Regex::new(r"\\g<(\w+)>|\\([1-9][0-9]?)|\$").unwrap();
    let spell = |found: &Captures| match found.get(1).or_else(|| found.get(2)) {
        Some(group) => format!("${{{}}}", group.as_str()),
        None => "$$".to_string(),
    };
    spelled.replace_all(text, spell).into_owned()
}

fn function_named(name: &str, places: &Places, found: &Captures) -> Result<String, Raised> {
    let whole = found.get(0).expect("a match has a span");
    Ok(match name {
        "increment" => {
            let number: i64 = whole.as_str().parse().map_err(|why| raised("ValueError", why))?;
            (number + 1).to_string()
        }
        "brackets" => format!("[{}]", whole.as_str()),
        "span" => {
            let span = places.span(whole);
            format!("{}-{}", span[0], span[1])
        }
        "group1" => found.get(1).map_or("", |group| group.as_str()).to_string(),
        "template" => "\\1".to_string(),
        _ => return Err(raised("ValueError", format!("no function is called {name}"))),
    })
}

fn limit(params: &Value, name: &str) -> usize {
    params[name].as_u64().unwrap_or(0) as usize
}

/// Replaces at most `count` matches (0: all) by what `replace` makes of each.
fn substituted<F>(pattern: &Regex, params: &Value, mut replace: F) -> Outcome
where
    F: FnMut(&Captures) -> Result<String, Raised>,
{
    let mut count = 0;
    let mut failed = None;
    let replacing = |found: &Captures| {
        count += 1;
        replace(found).unwrap_or_else(|why| {
            failed.get_or_insert(why);
            String::new()
        })
    };
    let text = pattern.replacen(text_of(params, "text"), limit(params, "count"), replacing);
    match failed {
        Some(why) => Err(why),
        None => Ok(json!({"text": text, "count": count})),
    }
}

fn findall(pattern: &Regex, text: &str) -> Value {
    let group = |found: &Captures, index: usize| {
        json!(found.get(index).map_or("", |group| group.as_str()))
    };
    let items = pattern.captures_iter(text).map(|found| match found.len() {
        1 => group(&found, 0),
        2 => group(&found, 1),
        groups => (1..groups).map(|index| group(&found, index)).collect(),
    });
    items.collect()
}

/// The crate's version, of the lock that Cargo has written beside this package.
fn version() -> &'static str {
    let entry = include_str!("../Cargo.lock").split("name = \"regex\"\nversion = \"").nth(1);
    entry.and_then(|entry| entry.split('"').next()).unwrap_or_default()
}

fn main() {
    let mut adapter = Adapter::new("Rust's regex", version(), supports::SUPPORTS);
    let known: Mutex<HashMap<(String, String), Arc<Compiled>>> = Mutex::default();
    let known = Arc::new(known);

    let mut on = |op: &str, perform: fn(&Compiled, &Value) -> Outcome| {
        let known = known.clone();
        adapter.on(op, move |params| {
            let key = (text_of(params, "pattern").into(), text_of(params, "flags").into());
            let mut known = known.lock().unwrap();
            if !known.contains_key(&key) {
                let made = Arc::new(compile(&key.0, &key.1)?);
                known.insert(key.clone(), made);
            }
            perform(&known[&key], params)
        });
    };
    on("regex.compile", |compiled, _| {
        let names = compiled.search.capture_names().enumerate();
        let index: HashMap<&str, usize> =
            names.filter_map(|(number, name)| Some((name?, number))).collect();
        Ok(json!({"groups": compiled.search.captures_len() - 1, "groupindex": index}))
    });
    fn single(pattern: &Regex, params: &Value) -> Outcome {
        let text = text_of(params, "text");
        let spans = params["spans"] == true;
        let found = pattern.captures(text);
        Ok(found.map_or(Value::Null, |found| Places::of(text).describe(&found, spans)))
    }
    on("regex.search", |compiled, params| single(&compiled.search, params));
    on("regex.match", |compiled, params| single(&compiled.starts, params));
    on("regex.fullmatch", |compiled, params| single(&compiled.full, params));
    on("regex.findall", |compiled, params| Ok(findall(&compiled.search, text_of(params, "text"))));
    on("regex.finditer", |compiled, params| {
        let places = Places::of(text_of(params, "text"));
        let all = compiled.search.captures_iter(places.text);
        Ok(all.map(|found| places.describe(&found, params["spans"] == true)).collect())
    });
    on("regex.sub", |compiled, params| {
        let template = template_of(text_of(params, "template"));
        substituted(&compiled.search, params, |found| {
            let mut made = String::new();
            found.expand(&template, &mut made);
            Ok(made)
        })
    });
    on("regex.sub_function", |compiled, params| {
        let places = Places::of(text_of(params, "text"));
        substituted(&compiled.search, params, |found| {
            function_named(text_of(params, "function"), &places, found)
        })
    });
    on("regex.split", |compiled, params| {
        let text = text_of(params, "text");
        Ok(match limit(params, "maxsplit") {
            0 => compiled.search.split(text).collect(),
            most => compiled.search.splitn(text, most + 1).collect(),
        })
    });
    std::process::exit(adapter.run());
}
