//! What an adapter in Rust needs to be checked by assay: one file, over serde_json.
//!
//! An adapter is a program that performs ops (`queue.put`, `regex.search`) when assay asks:
//!
//! ```
//! mod assay_sdk;
//! use assay_sdk::{raised, Adapter, Value};
//!
//! fn main() {
//!     let queue = std::sync::Mutex::new(std::collections::VecDeque::new());
//!     let mut adapter = Adapter::new("my queue", "1.0", &["queue.put", "queue.get"]);
//!     adapter.on("queue.open", |_params| Ok(Value::Null));
//!     adapter.on("queue.get_nowait", move |_params| {
//!         queue.lock().unwrap().pop_front().ok_or_else(|| raised("Empty", "nothing here"))
//!     });
//!     std::process::exit(adapter.run());
//! }
//! ```
//!
//! Handlers get an object of the op's params, complete with every default, and return the result,
//! or what was `raised`; an `io::Error` becomes the error named like its errno (`?` does it), a
//! panic is an InternalError. `bytes_of` and `to_bytes` convert what the protocol calls bytes.
//!
//! Built in are the ops of actor, script, event, time, data and memory, process.self, and
//! thread.start by `std::thread`; all threads call the same handlers. There is no process.start:
//! the standard library cannot fork.
//!
//! Rust 1.63 and later, Linux. The protocol itself: PROTOCOL.md.
#![allow(dead_code)] // no adapter needs all of it

use std::collections::{BTreeMap, HashSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{cell::RefCell, env, fs, io, thread};

pub use serde_json::{json, Map, Value};

/// What a handler returns.
pub type Outcome = Result<Value, Raised>;
type Handler = Box<dyn Fn(&Arc<Adapter>, &Value) -> Outcome + Send + Sync>;

// ---- conditions --------------------------------------------------------------------------------

/// A condition that an op raises: one of the protocol's error types and what went wrong.
#[derive(Clone, Debug)]
pub struct Raised {
    kind: String,
    message: String,
    more: Map<String, Value>,
}

pub fn raised(kind: &str, message: impl ToString) -> Raised {
    Raised { kind: kind.into(), message: message.to_string(), more: Map::new() }
}

impl Raised {
    /// `position` (of PatternError and TemplateError), `status` (MessageError) or `value`
    /// (StopIteration).
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Raised {
        self.more.insert(name.into(), value.into());
        self
    }
}

impl From<io::Error> for Raised {
    fn from(error: io::Error) -> Raised {
        let known = error.raw_os_error().and_then(|number| {
            ERRNO.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
        });
        let kind = known.unwrap_or(match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "TimedOut",
            _ => "InternalError",
        });
        raised(kind, error)
    }
}

const ERRNO: [(i32, &str); 25] = [
    (1, "EPERM"), (2, "ENOENT"), (9, "EBADF"), (11, "EAGAIN"), (13, "EACCES"), (17, "EEXIST"),
    (22, "EINVAL"), (32, "EPIPE"), (88, "ENOTSOCK"), (89, "EDESTADDRREQ"), (90, "EMSGSIZE"),
    (95, "EOPNOTSUPP"), (97, "EAFNOSUPPORT"), (98, "EADDRINUSE"), (99, "EADDRNOTAVAIL"),
    (101, "ENETUNREACH"), (103, "ECONNABORTED"), (104, "ECONNRESET"), (106, "EISCONN"),
    (107, "ENOTCONN"), (110, "TimedOut"), (111, "ECONNREFUSED"), (113, "EHOSTUNREACH"),
    (115, "EINPROGRESS"), (114, "EALREADY"),
];

/// The kind of what does not fit an op's table: it is answered by a code of its own.
const BAD_PARAMS: &str = "bad params";

fn bad_params<T>(message: String) -> Result<T, Raised> {
    Err(raised(BAD_PARAMS, message))
}

// ---- bytes -------------------------------------------------------------------------------------

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bytes as the JSON value that stands for them.
pub fn to_bytes(data: &[u8]) -> Value {
    let mut text = String::with_capacity(data.len() / 3 * 4 + 4);
    for three in data.chunks(3) {
        let bits = three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - three.len()));
        for digit in 0..4 {
            let is_there = digit <= three.len();
            let index = (bits >> (18 - 6 * digit)) as usize % 64;
            text.push(if is_there { DIGITS[index] as char } else { '=' });
        }
    }
    json!({ "base64": text })
}

pub fn is_bytes(value: &Value) -> bool {
    value.as_object().map_or(false, |fields| {
        fields.len() == 1 && fields.get("base64").map_or(false, Value::is_string)
    })
}

/// The bytes that `{"base64": text}` stands for.
pub fn bytes_of(value: &Value) -> Result<Vec<u8>, Raised> {
    let text = value["base64"].as_str().unwrap_or_default().as_bytes();
    let wrong = || raised("ValueError", "not base64");
    let padding = text.iter().rev().take_while(|digit| **digit == b'=').count();
    if text.len() % 4 != 0 || padding > 2 {
        return Err(wrong());
    }
    let mut data = Vec::with_capacity(text.len() / 4 * 3);
    let mut bits = 0u32;
    for (index, digit) in text[..text.len() - padding].iter().enumerate() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return Err(wrong()),
        };
        bits = bits << 6 | u32::from(value);
        if index % 4 != 0 {
            data.push((bits >> (6 - 2 * (index % 4))) as u8);
        }
    }
    Ok(data)
}

// ---- the little type language of protocol.json -------------------------------------------------

fn fits(named: &Value, expression: &str, value: &Value) -> bool {
    let expression = expression.trim();
    if expression.contains('|') {
        return expression.split('|').any(|part| fits(named, part, value));
    }
    if let Some(item) = expression.strip_suffix("[]") {
        return value.as_array().map_or(false, |all| all.iter().all(|each| fits(named, item, each)));
    }
    if let Some(inner) = expression.strip_suffix('?') {
        return value.is_null() || fits(named, inner, value);
    }
    match expression {
        "int" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "bool" => value.is_boolean(),
        "string" => value.is_string(),
        "any" => true,
        "null" => value.is_null(),
        "bytes" => is_bytes(value),
        _ => match (&named[expression], value) {
            (Value::String(other), _) => fits(named, other, value),
            (Value::Object(fields), Value::Object(given)) => {
                let is_known = given.keys().all(|name| {
                    fields.contains_key(name) || fields.contains_key(&format!("{name}?"))
                });
                is_known && fields.iter().all(|(field, expression)| {
                    let expression = expression.as_str().unwrap_or_default();
                    match given.get(field.trim_end_matches('?')) {
                        Some(item) => fits(named, expression, item),
                        None => field.ends_with('?'),
                    }
                })
            }
            _ => false,
        },
    }
}

// ---- the adapter -------------------------------------------------------------------------------

/// A table of handlers and the loop that serves them.
pub struct Adapter {
    about: Value,
    supports: Vec<String>,
    handlers: BTreeMap<String, Handler>,
    protocol: Value,
    started: Mutex<HashSet<String>>,
    variables: Mutex<BTreeMap<String, Value>>,
    memory: Mutex<BTreeMap<String, Vec<u8>>>,
}

/// Of the actor that a thread serves as.
#[derive(Default)]
struct Session {
    actor: String,
    exit_code: Option<i32>,
    uncaught: Option<Raised>,
}

thread_local! { static SESSION: RefCell<Session> = RefCell::default(); }

/// What one call of a function made of steps knows.
struct Frame {
    arguments: Vec<Value>,
    last: Value,
}

const CONTROL: [&str; 5] =
    ["script.argument", "script.return", "script.raise", "script.repeat", "script.try"];

impl Adapter {
    /// `supports`: areas (`queue`), groups or slugs; a leading `-` takes one back out.
    pub fn new(implementation: &str, version: &str, supports: &[&str]) -> Adapter {
        let mut made = Adapter {
            about: json!({"name": implementation, "version": version, "language": "Rust"}),
            supports: supports.iter().map(ToString::to_string).collect(),
            handlers: BTreeMap::new(),
            protocol: Value::Null,
            started: Mutex::new(HashSet::from(["main".to_string()])),
            variables: Mutex::default(),
            memory: Mutex::default(),
        };
        made.add_built_in();
        made
    }

    /// The closure performs the op of this name.
    pub fn on<F>(&mut self, op: &str, perform: F)
    where
        F: Fn(&Value) -> Outcome + Send + Sync + 'static,
    {
        self.on_with(op, move |_, params| perform(params));
    }

    /// As `on`, for handlers that start actors (`serve_as`) or use what the adapter holds.
    pub fn on_with<F>(&mut self, op: &str, perform: F)
    where
        F: Fn(&Arc<Adapter>, &Value) -> Outcome + Send + Sync + 'static,
    {
        self.handlers.insert(op.into(), Box::new(perform));
    }

    /// The global variables that the ops `data.*` are about.
    pub fn variables(&self) -> &Mutex<BTreeMap<String, Value>> {
        &self.variables
    }

    /// Connects, says hello, serves requests; the exit code of the program.
    pub fn run(mut self) -> i32 {
        if env::var_os("ASSAY_SOCKET").is_none() {
            let program = env::args().next().unwrap_or_default();
            let program = program.rsplit('/').next().unwrap_or_default();
            eprintln!(
                "{program}: an adapter of assay for {}.\n\n\
                 It is started by assay, which tells it by ASSAY_SOCKET where to connect. \
                 Ask it something with\n  \
                 assay call path/to/testee.toml OP '{{\"param\": value}}'\n\
                 and run the whole spec with\n  assay check path/to/testee.toml\n\
                 where testee.toml names this program as its [adapter] command.",
                self.about["name"].as_str().unwrap_or_default()
            );
            return 2;
        }
        match self.load_protocol().and_then(|()| Arc::new(self).serve_as("main")) {
            Ok(code) => code,
            Err(error) => {
                eprintln!("{error}");
                1
            }
        }
    }

    fn load_protocol(&mut self) -> io::Result<()> {
        let path = env::var("ASSAY_PROTOCOL").map_err(|_| {
            io::Error::new(io::ErrorKind::NotFound, "ASSAY_PROTOCOL names no protocol.json")
        })?;
        self.protocol = serde_json::from_str(&fs::read_to_string(path)?)?;
        match self.handlers.keys().find(|name| self.protocol["ops"].get(name).is_none()) {
            None => Ok(()),
            Some(name) => Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("there is a handler for {name}, which the protocol lacks"),
            )),
        }
    }

    /// Takes the name for a new actor; ValueError when it was taken before.
    pub fn take_name(&self, actor: &str) -> Result<(), Raised> {
        if actor.is_empty() || !self.started.lock().unwrap().insert(actor.into()) {
            let message = format!("an actor named '{actor}' was started before");
            return Err(raised("ValueError", message));
        }
        Ok(())
    }

    /// Serves as this actor on the calling thread, over a connection of its own. Returns the exit
    /// code that actor.exit gave, or 0 at the end of the connection; panics as actor.raise asks.
    pub fn serve_as(self: &Arc<Self>, actor: &str) -> io::Result<i32> {
        SESSION.with(|session| {
            *session.borrow_mut() = Session { actor: actor.into(), ..Session::default() };
        });
        let path = env::var_os("ASSAY_SOCKET").unwrap_or_default();
        let connection = UnixStream::connect(path)?;
        let (pid, tid) = (std::process::id(), thread_id());
        let mut hello = json!({"protocol": self.protocol["protocol"], "actor": actor,
                               "pid": pid, "tid": tid});
        if actor == "main" {
            hello["implementation"] = self.about.clone();
            hello["supports"] = json!(self.supports);
        }
        let hello = json!({"jsonrpc": "2.0", "method": "hello", "params": hello});
        let most = self.protocol["limits"]["line_bytes"].as_u64().unwrap_or(u64::MAX);
        if self.send(&connection, hello).is_err() {
            return Ok(0);
        }
        let mut reader = BufReader::with_capacity(1 << 18, &connection);
        loop {
            let mut line = Vec::new();
            match reader.by_ref().take(most + 1).read_until(b'\n', &mut line) {
                Ok(size) if size > 0 && line.last() == Some(&b'\n') => {}
                _ => return Ok(0),
            }
            if line.len() > 1 && self.send(&connection, self.answer(&line)).is_err() {
                return Ok(0);
            }
            let (exit_code, uncaught) = SESSION.with(|session| {
                let mut session = session.borrow_mut();
                (session.exit_code, session.uncaught.take())
            });
            if exit_code.is_some() || uncaught.is_some() {
                connection.shutdown(std::net::Shutdown::Both)?;
                drop(reader);
                drop(connection);
                match uncaught {
                    Some(raised) => panic!("{}: {}", raised.kind, raised.message),
                    None => return Ok(exit_code.unwrap_or_default()),
                }
            }
        }
    }

    fn send(&self, mut connection: &UnixStream, message: Value) -> io::Result<()> {
        let mut line = message.to_string();
        let most = self.protocol["limits"]["line_bytes"].as_u64().unwrap_or(u64::MAX) as usize;
        if line.len() > most {
            let wrong = raised("InternalError", format!("the reply is longer than {most} bytes"));
            line = self.failure(&message["id"], &wrong).to_string();
        }
        line.push('\n');
        connection.write_all(line.as_bytes())
    }

    fn answer(self: &Arc<Self>, line: &[u8]) -> Value {
        let request: Value = match serde_json::from_slice(line) {
            Ok(request) => request,
            Err(wrong) => return error(&Value::Null, -32700, &format!("not JSON: {wrong}"), None),
        };
        let id = request.get("id").unwrap_or(&Value::Null);
        let name = match request.get("method") {
            Some(Value::String(name)) if !id.is_null() => name,
            _ => {
                let message = "a request is an object with id and method";
                return error(id, -32600, message, None);
            }
        };
        if !self.handlers.contains_key(name) {
            return error(id, -32601, &format!("this adapter has no op {name}"), None);
        }
        let empty = json!({});
        let given = request.get("params").unwrap_or(&empty);
        let done = self.arguments(name, given).and_then(|params| self.perform(name, &params));
        match done {
            Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
            Err(raised) if raised.kind == BAD_PARAMS => error(id, -32602, &raised.message, None),
            Err(raised) => self.failure(id, &raised),
        }
    }

    fn failure(&self, id: &Value, raised: &Raised) -> Value {
        error(id, -32000, &raised.message, Some(self.error_data(raised)))
    }

    /// What was raised, as the `data` of an error reply.
    pub fn error_data(&self, raised: &Raised) -> Value {
        if self.protocol["error_types"].get(&raised.kind).is_none() {
            let message = format!("{} is no error type of the protocol", raised.kind);
            return json!({"type": "InternalError", "message": message});
        }
        let mut data = Value::Object(raised.more.clone());
        data["type"] = json!(raised.kind);
        data["message"] = json!(raised.message);
        data
    }

    /// The params of an op, checked and complete, as its handler gets them.
    fn arguments(&self, name: &str, given: &Value) -> Outcome {
        let given = match given {
            Value::Object(given) => given,
            _ => return bad_params(format!("{name}: params must be an object")),
        };
        let params = self.protocol["ops"][name]["params"].as_object().unwrap();
        let mut filled = Map::new();
        for (param, about) in params {
            let kind = about["type"].as_str().unwrap_or_default();
            let value = match given.get(param).or_else(|| about.get("default")) {
                Some(value) => value,
                None => return bad_params(format!("{name}: {param} is missing")),
            };
            if !fits(&self.protocol["types"], kind, value) {
                return bad_params(format!("{name}: {param} must be {kind}"));
            }
            let is_bytes = kind.trim_end_matches('?') == "bytes" && !value.is_null();
            if is_bytes && bytes_of(value).is_err() {
                return bad_params(format!("{name}: {param} is not base64"));
            }
            filled.insert(param.clone(), value.clone());
        }
        match given.keys().find(|param| !params.contains_key(*param)) {
            Some(param) => bad_params(format!("{name}: has no param {param}")),
            None => Ok(Value::Object(filled)),
        }
    }

    fn perform(self: &Arc<Self>, name: &str, params: &Value) -> Outcome {
        let result = catch_unwind(AssertUnwindSafe(|| self.handlers[name](self, params)))
            .unwrap_or_else(|panic| {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
                Err(raised("InternalError", text.unwrap_or("a panic")))
            })?;
        let kind = self.protocol["ops"][name]["result"].as_str().unwrap_or_default();
        if !fits(&self.protocol["types"], kind, &result) {
            let text: String = result.to_string().chars().take(200).collect();
            let message = format!("{name} returned {text}, which is not {kind}");
            return Err(raised("InternalError", message));
        }
        Ok(result)
    }

    // ---- functions made of steps ---------------------------------------------------------------

    fn checked_step<'a>(&self, step: &'a Value, where_: &str) -> Result<&'a str, Raised> {
        let name = step["op"].as_str().unwrap_or_default();
        let refused = name == "script.run" || name.starts_with("actor.");
        if refused || !self.handlers.contains_key(name) {
            return Err(raised("ValueError", format!("{name} cannot stand in a {where_}")));
        }
        Ok(name)
    }

    /// Performs steps within a frame; true when script.return ended them.
    fn run_steps(self: &Arc<Self>, steps: &Value, frame: &mut Frame) -> Result<bool, Raised> {
        for step in steps.as_array().into_iter().flatten() {
            let name = self.checked_step(step, "function")?;
            let mut given = step.get("params").cloned().unwrap_or_else(|| json!({}));
            if let Some(param) = step.get("use") {
                given[param.as_str().unwrap_or_default()] = frame.last.clone();
            }
            let params = self.arguments(name, &given)?;
            match name {
                "script.return" => {
                    frame.last = params["value"].clone();
                    return Ok(true);
                }
                "script.raise" => {
                    let kind = params["type"].as_str().unwrap_or_default();
                    let message = params["message"].as_str().unwrap_or_default();
                    return Err(raised(kind, message));
                }
                "script.argument" => {
                    let index = params["index"].as_i64().unwrap_or(-1);
                    let found = usize::try_from(index).ok().and_then(|at| frame.arguments.get(at));
                    frame.last = found.cloned()
                        .ok_or_else(|| raised("ValueError", "no such argument"))?;
                }
                "script.repeat" => {
                    let mut round = 0;
                    while params["times"].as_i64().map_or(true, |times| round < times) {
                        if self.run_steps(&params["steps"], frame)? {
                            return Ok(true);
                        }
                        round += 1;
                    }
                }
                "script.try" => {
                    if self.run_try(&params, frame)? {
                        return Ok(true);
                    }
                }
                _ => frame.last = self.perform(name, &params)?,
            }
        }
        Ok(false)
    }

    fn run_try(self: &Arc<Self>, params: &Value, frame: &mut Frame) -> Result<bool, Raised> {
        let mut tried = self.run_steps(&params["steps"], frame);
        if let Err(raised) = &tried {
            if self.error_data(raised)["type"] == params["catch"] {
                frame.last = json!(raised.message);
                tried = self.run_steps(&params["handler"], frame);
            }
        }
        let value = frame.last.clone();
        if self.run_steps(&params["finally"], frame)? {
            return Ok(true);
        }
        frame.last = value;
        tried
    }

    /// Calls a function made of steps: see script.call in PROTOCOL.md.
    fn call(self: &Arc<Self>, steps: &Value, arguments: Vec<Value>) -> Outcome {
        let mut frame = Frame { arguments, last: Value::Null };
        self.run_steps(steps, &mut frame)?;
        Ok(frame.last)
    }

    fn script_run(self: &Arc<Self>, params: &Value) -> Outcome {
        let mut plan = Vec::new();
        for step in params["steps"].as_array().into_iter().flatten() {
            let name = self.checked_step(step, "script")?;
            if step.get("use").is_some() {
                return bad_params("use stands in functions: script.call".into());
            }
            let empty = json!({});
            let given = step.get("params").unwrap_or(&empty);
            plan.push((name, self.arguments(name, given)?));
        }
        let mut events = Vec::new();
        let log = params["log"] != json!(false);
        let begin = now_ns();
        for _ in 0..params["repeat"].as_i64().unwrap_or(1) {
            for (index, (name, arguments)) in plan.iter().enumerate() {
                if !log {
                    let _ = self.perform(name, arguments);
                    continue;
                }
                let start = now_ns();
                let done = self.perform(name, arguments);
                let end = now_ns();
                let mut event = json!({"step": index, "start_ns": start, "end_ns": end});
                match done {
                    Ok(result) => event["result"] = result,
                    Err(raised) => event["error"] = self.error_data(&raised),
                }
                events.push(event);
            }
        }
        Ok(json!({"elapsed_ns": now_ns() - begin, "events": events}))
    }

    // ---- built-in ops --------------------------------------------------------------------------

    fn add_built_in(&mut self) {
        self.on("actor.exit", |params| {
            let code = params["code"].as_i64().filter(|code| (0..=255).contains(code));
            if code.is_none() {
                return bad_params("actor.exit: code must be 0 to 255".into());
            }
            SESSION.with(|session| session.borrow_mut().exit_code = code.map(|code| code as i32));
            Ok(Value::Null)
        });
        self.on("actor.raise", |params| {
            let text = |name: &str| params[name].as_str().unwrap_or_default().to_string();
            let uncaught = raised(&text("type"), text("message"));
            SESSION.with(|session| session.borrow_mut().uncaught = Some(uncaught));
            Ok(Value::Null)
        });
        self.on_with("thread.start", |adapter, params| {
            let actor = params["actor"].as_str().unwrap_or_default().to_string();
            adapter.take_name(&actor)?;
            let serving = adapter.clone();
            thread::Builder::new().name(actor.clone()).spawn(move || serving.serve_as(&actor))?;
            Ok(Value::Null)
        });
        self.on("process.self", |_| {
            let parent = std::os::unix::process::parent_id();
            Ok(json!({"pid": std::process::id(), "ppid": parent, "tid": thread_id()}))
        });
        self.on_with("script.run", |adapter, params| adapter.script_run(params));
        self.on_with("script.call", |adapter, params| {
            let arguments = params["arguments"].as_array().cloned().unwrap_or_default();
            adapter.call(&params["steps"], arguments)
        });
        for control in CONTROL {
            self.on(control, |_| Err(raised("ValueError", "this step stands in a function only")));
        }
        self.on("event.log", |params| log_event(&params["value"]));
        self.on("time.sleep", |params| {
            let seconds = params["seconds"].as_f64().unwrap_or_default().max(0.0);
            thread::sleep(Duration::from_secs_f64(seconds));
            Ok(Value::Null)
        });
        self.on("time.compute", |params| {
            let mut value = 1u64;
            for _ in 0..params["rounds"].as_i64().unwrap_or_default() {
                value = value.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            }
            Ok(json!(value >> 2))
        });
        self.add_data_ops();
        self.add_memory_ops();
    }

    fn add_data_ops(&mut self) {
        self.on_with("data.set", |adapter, params| {
            let name = params["name"].as_str().unwrap_or_default().to_string();
            adapter.variables.lock().unwrap().insert(name, params["value"].clone());
            Ok(Value::Null)
        });
        self.on_with("data.get", |adapter, params| {
            let name = params["name"].as_str().unwrap_or_default();
            let found = adapter.variables.lock().unwrap().get(name).cloned();
            found.ok_or_else(|| raised("KeyError", name))
        });
        self.on_with("data.append", |adapter, params| {
            let name = params["name"].as_str().unwrap_or_default().to_string();
            let mut variables = adapter.variables.lock().unwrap();
            let list = variables.entry(name).or_insert_with(|| json!([])).as_array_mut();
            list.ok_or_else(|| raised("TypeError", "no list"))?.push(params["value"].clone());
            Ok(Value::Null)
        });
        self.on_with("data.add", |adapter, params| {
            let name = params["name"].as_str().unwrap_or_default().to_string();
            let mut variables = adapter.variables.lock().unwrap();
            let sum = variables.entry(name).or_insert_with(|| json!(0));
            let value = sum.as_i64().ok_or_else(|| raised("TypeError", "no number"))?;
            *sum = json!(value + params["by"].as_i64().unwrap_or_default());
            Ok(sum.clone())
        });
    }

    fn add_memory_ops(&mut self) {
        self.on_with("memory.allocate", |adapter, params| {
            let size = params["bytes"].as_u64().filter(|size| *size > 0);
            let size = size.ok_or_else(|| raised("ValueError", "bytes must be positive"))?;
            let name = params["name"].as_str().unwrap_or_default().to_string();
            adapter.memory.lock().unwrap().insert(name, vec![1; size as usize]);
            Ok(Value::Null)
        });
        self.on_with("memory.write", |adapter, params| {
            let value = params["value"].as_i64().unwrap_or_default() as u8;
            adapter.with_memory(params, &params["bytes"], |part| {
                part.fill(value);
                Value::Null
            })
        });
        self.on_with("memory.read", |adapter, params| {
            adapter.with_memory(params, &json!(1), |part| json!(part[0]))
        });
    }

    fn with_memory(
        &self, params: &Value, size: &Value, use_it: impl FnOnce(&mut [u8]) -> Value,
    ) -> Outcome {
        let name = params["name"].as_str().unwrap_or_default();
        let mut memory = self.memory.lock().unwrap();
        let block = memory.get_mut(name).ok_or_else(|| raised("NoSuchObject", name))?;
        let place = |value: &Value| value.as_u64().map(|place| place as usize);
        let part = place(&params["offset"]).zip(place(size)).and_then(|(offset, size)| {
            block.get_mut(offset..offset.checked_add(size)?)
        });
        Ok(use_it(part.ok_or_else(|| raised("ValueError", "outside of the memory"))?))
    }
}

fn error(id: &Value, code: i64, message: &str, data: Option<Value>) -> Value {
    let mut error = json!({"code": code, "message": message});
    if let Some(data) = data {
        error["data"] = data;
    }
    json!({"jsonrpc": "2.0", "id": id, "error": error})
}

fn log_event(value: &Value) -> Outcome {
    let event = json!({"value": value, "t_ns": now_ns(), "pid": std::process::id(),
                       "tid": thread_id()});
    let folder = env::var("ASSAY_SCRATCH").unwrap_or_else(|_| ".".into());
    let path = format!("{folder}/events");
    let mut file = fs::OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(format!("{event}\n").as_bytes())?;
    Ok(Value::Null)
}

/// The thread's id, as the kernel counts.
pub fn thread_id() -> u32 {
    let link = fs::read_link("/proc/thread-self").unwrap_or_default();
    link.file_name().and_then(|name| name.to_str()?.parse().ok()).unwrap_or_default()
}

extern "C" {
    fn clock_gettime(clock: i32, time: *mut [i64; 2]) -> i32;
}

/// CLOCK_MONOTONIC in nanoseconds; an Instant would not tell it.
pub fn now_ns() -> i64 {
    let mut time = [0i64; 2];
    unsafe { clock_gettime(1, &mut time) };
    time[0] * 1_000_000_000 + time[1]
}
