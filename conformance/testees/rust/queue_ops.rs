//! Ops of the area queue: std::sync::mpsc, whose sync_channel has a limit.
use std::collections::HashMap;
use std::sync::mpsc::{
    channel, sync_channel, Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError,
    TrySendError,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::assay_sdk::{raised, Adapter, Outcome, Raised, Value};

#[derive(Clone)]
enum Put {
    Unbounded(Sender<Value>),
    Bounded(SyncSender<Value>),
}

#[derive(Clone)]
struct Channel {
    put: Put,
    get: Arc<Mutex<Receiver<Value>>>,
}

fn open(maxsize: i64) -> Channel {
    let (put, get) = if maxsize <= 0 {
        let (put, get) = channel();
        (Put::Unbounded(put), get)
    } else {
        let (put, get) = sync_channel(maxsize as usize);
        (Put::Bounded(put), get)
    };
    Channel { put, get: Arc::new(Mutex::new(get)) }
}

fn put(channel: &Channel, item: Value, block: bool) -> Result<(), Raised> {
    let gone = || raised("Closed", "the receiver is gone");
    match &channel.put {
        Put::Unbounded(put) => put.send(item).map_err(|_| gone()),
        Put::Bounded(put) if block => put.send(item).map_err(|_| gone()),
        Put::Bounded(put) => put.try_send(item).map_err(|refused| match refused {
            TrySendError::Full(_) => raised("Full", "no room"),
            TrySendError::Disconnected(_) => gone(),
        }),
    }
}

fn get(channel: &Channel, block: bool, timeout: Option<f64>) -> Outcome {
    let get = channel.get.lock().unwrap();
    let nothing = || raised("Empty", "nothing here");
    let gone = || raised("Closed", "the sender is gone");
    match timeout {
        _ if !block => get.try_recv().map_err(|why| match why {
            TryRecvError::Empty => nothing(),
            TryRecvError::Disconnected => gone(),
        }),
        Some(seconds) => {
            let limit = Duration::from_secs_f64(seconds.max(0.0)); // it knows none below zero
            get.recv_timeout(limit).map_err(|why| match why {
                RecvTimeoutError::Timeout => nothing(),
                RecvTimeoutError::Disconnected => gone(),
            })
        }
        None => get.recv().map_err(|_| gone()),
    }
}

pub fn add_to(adapter: &mut Adapter) {
    let channels: Arc<Mutex<HashMap<String, Channel>>> = Arc::default();
    let all = channels.clone();
    adapter.on("queue.open", move |params| {
        let maxsize = params["maxsize"].as_i64();
        let maxsize = maxsize.ok_or_else(|| raised("TypeError", "maxsize is an integer"))?;
        all.lock().unwrap().insert(params["queue"].to_string(), open(maxsize));
        Ok(Value::Null)
    });
    let mut on = |op: &str, perform: fn(&Channel, &Value) -> Outcome| {
        let all = channels.clone();
        adapter.on(op, move |params| {
            let name = params["queue"].to_string();
            // A clone: who waits in it must not keep the others from the table.
            let found = all.lock().unwrap().get(&name).cloned();
            perform(&found.ok_or_else(|| raised("NoSuchObject", name))?, params)
        });
    };
    on("queue.put", |channel, params| {
        let block = params["block"] == true;
        put(channel, params["item"].clone(), block).map(|()| Value::Null)
    });
    on("queue.put_nowait", |channel, params| {
        put(channel, params["item"].clone(), false).map(|()| Value::Null)
    });
    on("queue.get", |channel, params| {
        get(channel, params["block"] == true, params["timeout"].as_f64())
    });
    on("queue.get_nowait", |channel, _| get(channel, false, None));
}
