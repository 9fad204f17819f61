//! The adapter that sdk_test.py drives; wrong wherever an SDK must help.
mod assay_sdk;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use assay_sdk::{bytes_of, json, raised, to_bytes, Adapter, Value};

fn main() {
    let mut adapter = Adapter::new("test adapter", "1.2", &["queue", "-queue.close"]);
    let queues: Arc<Mutex<BTreeMap<String, VecDeque<Value>>>> = Arc::default();
    let name = |params: &Value| params["queue"].as_str().unwrap().to_string();

    let all = queues.clone();
    adapter.on("queue.open", move |params| {
        all.lock().unwrap().insert(name(params), VecDeque::new());
        Ok(Value::Null)
    });
    let all = queues.clone();
    adapter.on("queue.put", move |params| {
        let mut all = all.lock().unwrap();
        let queue = all.get_mut(&name(params));
        let queue = queue.ok_or_else(|| raised("NoSuchObject", name(params)))?;
        queue.push_back(match params["item"].as_str() {
            Some("defaults") => json!([params["block"], params["timeout"]]),
            _ => params["item"].clone(),
        });
        Ok(Value::Null)
    });
    let all = queues.clone();
    adapter.on("queue.get_nowait", move |params| {
        let mut all = all.lock().unwrap();
        let item = all.entry(name(params)).or_default().pop_front();
        item.ok_or_else(|| raised("Empty", "nothing here"))
    });
    adapter.on("queue.qsize", move |params| {
        if params["queue"] == "wrong type" {
            return Ok(json!("three"));
        }
        Ok(json!(queues.lock().unwrap()[&name(params)].len()))
    });
    adapter.on("queue.empty", |_| panic!("an accident"));
    adapter.on("queue.full", |_| Err(raised("Overfull", "no such type")));
    adapter.on("regex.compile", |_| {
        Err(raised("PatternError", "what is this").with("position", 3))
    });
    adapter.on("http.parse_request", |params| {
        let bytes = bytes_of(&params["bytes"])?;
        if bytes == b"bad" {
            return Err(raised("MessageError", "refused").with("status", 431));
        }
        let reversed: Vec<u8> = bytes.iter().rev().copied().collect();
        Ok(json!({"method": "GET", "target": "/", "version": "HTTP/1.1", "headers": [],
                  "body": to_bytes(&reversed), "consumed": bytes.len()}))
    });
    std::process::exit(adapter.run());
}
