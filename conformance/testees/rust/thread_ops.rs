//! Ops of the area thread: std::thread and std::sync::Mutex. A JoinHandle is joined once, without a
//! timeout; a lock is released where its guard ends.
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use crate::assay_sdk::{json, raised, Adapter, Value};

type Handle = JoinHandle<io::Result<i32>>;

pub fn add_to(adapter: &mut Adapter) {
    let threads: Arc<Mutex<HashMap<String, Handle>>> = Arc::default();
    let all = threads.clone();
    adapter.on_with("thread.start", move |adapter, params| {
        let actor = params["actor"].as_str().unwrap_or_default().to_string();
        adapter.take_name(&actor)?;
        let (serving, name) = (adapter.clone(), actor.clone());
        let builder = thread::Builder::new().name(actor.clone());
        let handle = builder.spawn(move || serving.serve_as(&name))?;
        all.lock().unwrap().insert(actor, handle);
        Ok(Value::Null)
    });
    let all = threads.clone();
    adapter.on("thread.join", move |params| {
        let actor = params["actor"].as_str().unwrap_or_default();
        // join takes the handle: there is no second time.
        let handle = all.lock().unwrap().remove(actor);
        let _ = handle.ok_or_else(|| raised("NoSuchObject", actor))?.join();
        Ok(Value::Null)
    });
    adapter.on("thread.state", move |params| {
        let actor = params["actor"].as_str().unwrap_or_default();
        let threads = threads.lock().unwrap();
        let handle = threads.get(actor).ok_or_else(|| raised("NoSuchObject", actor))?;
        let name = handle.thread().name().unwrap_or_default();
        Ok(json!({"alive": !handle.is_finished(), "name": name, "daemon": true}))
    });

    // What locks guard: the counters of data.count.
    let locks: Arc<Mutex<HashMap<String, Arc<Mutex<()>>>>> = Arc::default();
    let all = locks.clone();
    adapter.on("lock.open", move |params| {
        all.lock().unwrap().insert(params["lock"].to_string(), Arc::default());
        Ok(Value::Null)
    });
    adapter.on_with("data.count", move |adapter, params| {
        let lock = if params["lock"].is_null() {
            Arc::default() // one that nobody else has
        } else {
            let found = locks.lock().unwrap().get(&params["lock"].to_string()).cloned();
            found.ok_or_else(|| raised("NoSuchObject", &params["lock"]))?
        };
        let name = params["name"].as_str().unwrap_or_default();
        for _ in 0..params["times"].as_i64().unwrap_or_default() {
            let _guard = lock.lock().unwrap();
            // Read and written back: nothing but the lock keeps another from coming in between.
            let read = adapter.variables().lock().unwrap().get(name).cloned();
            let value = read.and_then(|value| value.as_i64()).unwrap_or_default();
            adapter.variables().lock().unwrap().insert(name.into(), json!(value + 1));
        }
        Ok(Value::Null)
    });
}
