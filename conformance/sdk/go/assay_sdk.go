// Package assay is what an adapter in Go needs to be checked by assay: one file, standard library
// only. Copy it into a folder assay of your module.
//
// An adapter is a program that performs ops (queue.put, regex.search) when assay asks:
//
//	func main() {
//		adapter := assay.NewAdapter("my queue", "1.0", "queue.put", "queue.get")
//		queues := map[string]*Queue{}
//		adapter.Op("queue.open", func(p assay.Params) (any, error) {
//			queues[p.String("queue")] = NewQueue(p.Value("maxsize"))
//			return nil, nil
//		})
//		adapter.Op("queue.get_nowait", func(p assay.Params) (any, error) {
//			queue := queues[p.String("queue")]
//			if queue == nil {
//				return nil, assay.Raise("NoSuchObject", p.String("queue"))
//			}
//			return queue.TryGet()
//		})
//		adapter.Run()
//	}
//
// Params are checked and have every default filled in. []byte anywhere in a result is sent as
// {"base64": text}. Of errors, *Raised is sent as it is, a syscall.Errno by its name, a timeout as
// TimedOut, net.ErrClosed as EBADF and a *net.DNSError as ResolutionError; any other, and a panic,
// is an InternalError. Built in are the ops of actor, script, event, time, data and memory,
// process.self, and thread.start, for which a goroutine stays on an operating system's thread of
// its own. There is no process.start: a Go program cannot fork.
//
// Handlers are called by one goroutine for each actor, at the same time where there are several.
//
// Go 1.19 and later, Linux. The protocol itself: PROTOCOL.md.
package assay

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

// Handler performs an op.
type Handler func(Params) (any, error)

// Params of an op, complete and checked: integers are int64 where String, Int and so on are not
// used, other numbers json.Number, lists []any, objects map[string]any.
type Params map[string]any

func (p Params) Value(name string) any     { return p[name] }
func (p Params) Bool(name string) bool     { return p[name].(bool) }
func (p Params) Bytes(name string) []byte  { found, _ := p[name].([]byte); return found }
func (p Params) List(name string) []any    { return p[name].([]any) }
func (p Params) IsNull(name string) bool   { return p[name] == nil }
func (p Params) String(name string) string { found, _ := p[name].(string); return found }

// Int of a param of the type int, or int? that is not null.
func (p Params) Int(name string) int { number, _ := toInt(p[name]); return int(number) }

// Duration of a param that counts seconds; false for null.
func (p Params) Duration(name string) (time.Duration, bool) {
	if p[name] == nil {
		return 0, false
	}
	seconds := toFloat(p[name])
	return time.Duration(math.Min(math.Ceil(seconds*1e9), math.MaxInt64/2)), true
}

// Raised is a condition that an op raises: one of the protocol's error types and what went wrong.
type Raised struct {
	Type     string
	Message  string
	Position *int // of PatternError and TemplateError
	Status   *int // of MessageError
	Value    any  // of StopIteration
}

func Raise(errorType, message string) *Raised { return &Raised{Type: errorType, Message: message} }

func (r *Raised) Error() string                 { return r.Type + ": " + r.Message }
func (r *Raised) At(position int) *Raised       { r.Position = &position; return r }
func (r *Raised) WithStatus(status int) *Raised { r.Status = &status; return r }

type badParams string

func (b badParams) Error() string { return string(b) }

const (
	raisedCode     = -32000
	parseError     = -32700
	invalidRequest = -32600
	unknownMethod  = -32601
	badParamsCode  = -32602
)

// ---- bytes and numbers --------------------------------------------------------------------------

// FromBase64 gives the bytes that {"base64": text} stands for; false for any other value.
func FromBase64(value any) ([]byte, bool) {
	object, ok := value.(map[string]any)
	text, isText := object["base64"].(string)
	if !ok || !isText || len(object) != 1 || strings.ContainsAny(text, "\r\n") {
		return nil, false
	}
	decoded, err := base64.StdEncoding.DecodeString(text)
	return decoded, err == nil
}

func toInt(value any) (int64, bool) {
	switch number := value.(type) {
	case int64:
		return number, true
	case json.Number:
		integer, err := number.Int64() // takes neither a fraction nor an exponent
		return integer, err == nil
	}
	return 0, false
}

func toFloat(value any) float64 {
	if number, ok := value.(json.Number); ok {
		float, _ := number.Float64()
		return float
	}
	integer, _ := toInt(value)
	return float64(integer)
}

// plain turns a handler's result into what JSON has: nil, bool, string, int64, json.Number, []any
// and map[string]any.
func plain(value any) (any, error) {
	switch known := value.(type) {
	case nil, bool, string, int64, json.Number:
		return known, nil
	case []byte:
		return map[string]any{"base64": base64.StdEncoding.EncodeToString(known)}, nil
	}
	of := reflect.ValueOf(value)
	switch of.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32:
		return of.Int(), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return int64(of.Uint()), nil
	case reflect.Float32, reflect.Float64:
		text, err := json.Marshal(of.Float())
		return json.Number(text), err
	case reflect.Slice, reflect.Array:
		list := make([]any, of.Len())
		for i := range list {
			item, err := plain(of.Index(i).Interface())
			if err != nil {
				return nil, err
			}
			list[i] = item
		}
		return list, nil
	case reflect.Map:
		object := map[string]any{}
		for each := of.MapRange(); each.Next(); {
			item, err := plain(each.Value().Interface())
			if err != nil {
				return nil, err
			}
			object[each.Key().String()] = item
		}
		return object, nil
	}
	return nil, fmt.Errorf("a result may not hold %T", value)
}

// ---- the type language of protocol.json ---------------------------------------------------------

type fits func(any) bool

type typeTable struct {
	named map[string]any
	made  map[string]*fits
}

func (t *typeTable) predicate(expression string) fits {
	expression = strings.TrimSpace(expression)
	made := t.made[expression]
	if made == nil {
		made = new(fits) // a named type may hold itself
		t.made[expression] = made
		*made = t.make(expression)
	}
	return func(value any) bool { return (*made)(value) }
}

func isScalar(expression string) fits {
	switch expression {
	case "any":
		return func(any) bool { return true }
	case "null":
		return func(value any) bool { return value == nil }
	case "bool":
		return func(value any) bool { _, ok := value.(bool); return ok }
	case "string":
		return func(value any) bool { _, ok := value.(string); return ok }
	case "int":
		return func(value any) bool { _, ok := toInt(value); return ok }
	case "number":
		return func(value any) bool {
			_, isNumber := value.(json.Number)
			_, isInt := value.(int64)
			return isNumber || isInt
		}
	case "bytes":
		return func(value any) bool { _, ok := FromBase64(value); return ok }
	}
	return nil
}

func (t *typeTable) make(expression string) fits {
	if either := strings.Split(expression, "|"); len(either) > 1 {
		first, rest := t.predicate(either[0]), t.predicate(strings.Join(either[1:], "|"))
		return func(value any) bool { return first(value) || rest(value) }
	}
	if strings.HasSuffix(expression, "[]") {
		item := t.predicate(strings.TrimSuffix(expression, "[]"))
		return func(value any) bool {
			list, ok := value.([]any)
			for _, each := range list {
				ok = ok && item(each)
			}
			return ok
		}
	}
	if strings.HasSuffix(expression, "?") {
		inner := t.predicate(strings.TrimSuffix(expression, "?"))
		return func(value any) bool { return value == nil || inner(value) }
	}
	if scalar := isScalar(expression); scalar != nil {
		return scalar
	}
	if alias, ok := t.named[expression].(string); ok {
		return t.predicate(alias)
	}
	fields, ok := t.named[expression].(map[string]any)
	if !ok {
		panic("protocol.json uses the unknown type " + expression)
	}
	return t.object(fields)
}

func (t *typeTable) object(fields map[string]any) fits {
	known, required := map[string]fits{}, []string{}
	for field, expression := range fields {
		name := strings.TrimSuffix(field, "?")
		if name == field {
			required = append(required, name)
		}
		known[name] = t.predicate(expression.(string))
	}
	return func(value any) bool {
		object, ok := value.(map[string]any)
		for field, item := range object {
			ok = ok && known[field] != nil && known[field](item)
		}
		for _, field := range required {
			_, found := object[field]
			ok = ok && found
		}
		return ok
	}
}

type param struct {
	Type     string          `json:"type"`
	Default  json.RawMessage `json:"default"`
	fits     fits
	fallback any
}

type op struct {
	Params     map[string]*param `json:"params"`
	Result     string            `json:"result"`
	name       string
	resultFits fits
}

func (o *op) complete(given any) (Params, error) {
	object, ok := given.(map[string]any)
	if !ok {
		return nil, badParams(o.name + ": params must be an object")
	}
	for name := range object {
		if o.Params[name] == nil {
			return nil, badParams(o.name + ": has no param " + name)
		}
	}
	filled := Params{}
	for name, about := range o.Params {
		value, found := object[name]
		if !found {
			if about.Default == nil {
				return nil, badParams(o.name + ": " + name + " is missing")
			}
			value = about.fallback
		} else if !about.fits(value) {
			return nil, badParams(o.name + ": " + name + " must be " + about.Type)
		}
		if about.Type == "bytes" || about.Type == "bytes?" && value != nil {
			value, _ = FromBase64(value)
		}
		filled[name] = value
	}
	return filled, nil
}

// ---- the adapter --------------------------------------------------------------------------------

// Adapter is a table of handlers and the loop that serves them.
type Adapter struct {
	implementation map[string]any
	supports       []string
	handlers       map[string]Handler
	ops            map[string]*op
	errorTypes     map[string]any
	version        any
	lineBytes      int

	lock      sync.Mutex // of what follows
	started   map[string]bool
	variables map[string]any
	memory    map[string][]byte
}

// NewAdapter makes one; supports are areas (queue), groups or requirements, with a leading - to
// take one back out.
func NewAdapter(implementation, version string, supports ...string) *Adapter {
	a := &Adapter{
		implementation: map[string]any{"name": implementation, "version": version, "language": "Go"},
		supports:       append([]string{}, supports...),
		handlers:       map[string]Handler{},
		started:        map[string]bool{"main": true},
		variables:      map[string]any{},
		memory:         map[string][]byte{},
	}
	a.addScriptOps()
	a.addBuiltinOps()
	return a
}

// Op makes perform the handler of the op of that name.
func (a *Adapter) Op(name string, perform Handler) { a.handlers[name] = perform }

// Handler gives the op's handler, to be called with all of its params.
func (a *Adapter) Handler(name string) Handler { return a.handlers[name] }

func init() {
	runtime.LockOSThread() // main's ops are performed by the process's first thread
}

// Run connects, says hello, serves requests, and ends the program. Call it in main.
func (a *Adapter) Run() {
	program := filepath.Base(os.Args[0])
	if os.Getenv("ASSAY_SOCKET") == "" {
		fmt.Fprintf(os.Stderr, "%s: an adapter of assay for %s.\n\n"+
			"It is started by assay, which tells it by ASSAY_SOCKET where to connect. Ask it with\n"+
			"  assay call path/to/testee.toml OP '{\"param\": value}'\nand run the spec with\n"+
			"  assay check path/to/testee.toml\n"+
			"where testee.toml names this program as its [adapter] command.\n",
			program, a.implementation["name"])
		os.Exit(2)
	}
	if err := a.loadProtocol(os.Getenv("ASSAY_PROTOCOL")); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", program, err)
		os.Exit(1)
	}
	os.Exit(a.ServeAs("main"))
}

func (a *Adapter) loadProtocol(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var read struct {
		Protocol   int64
		Limits     map[string]int
		ErrorTypes map[string]any `json:"error_types"`
		Types      map[string]any
		Ops        map[string]*op
	}
	if err = json.Unmarshal(text, &read); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	a.version, a.lineBytes = read.Protocol, read.Limits["line_bytes"]
	a.errorTypes, a.ops = read.ErrorTypes, read.Ops
	types := &typeTable{named: read.Types, made: map[string]*fits{}}
	for name, about := range a.ops {
		about.name, about.resultFits = name, types.predicate(about.Result)
		for _, each := range about.Params {
			each.fits = types.predicate(each.Type)
			if each.Default != nil {
				each.fallback, _ = decode(each.Default)
			}
		}
	}
	for name := range a.handlers {
		if a.ops[name] == nil {
			return errors.New("the protocol has no op " + name)
		}
	}
	return nil
}

// TakeName takes the name for a new actor; a ValueError when it was taken before.
func (a *Adapter) TakeName(actor string) error {
	a.lock.Lock()
	defer a.lock.Unlock()
	if actor == "" || a.started[actor] {
		return Raise("ValueError", "an actor named '"+actor+"' was started before")
	}
	a.started[actor] = true
	return nil
}

// ServeAs serves as this actor in the calling goroutine, which must be locked to its thread, over a
// connection of its own. It returns the code that actor.exit gave, or 0 at the connection's end,
// and panics with what actor.raise asked for.
func (a *Adapter) ServeAs(actor string) int {
	connection, err := net.Dial("unix", os.Getenv("ASSAY_SOCKET"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	hello := map[string]any{
		"protocol": a.version, "actor": actor, "pid": os.Getpid(), "tid": syscall.Gettid()}
	if actor == "main" {
		hello["implementation"], hello["supports"] = a.implementation, a.supports
	}
	greeting := map[string]any{"jsonrpc": "2.0", "method": "hello", "params": hello}
	session := &session{adapter: a}
	lines := bufio.NewScanner(connection)
	lines.Buffer(make([]byte, 0, 1<<16), a.lineBytes+1)
	err = session.send(connection, greeting)
	for err == nil && !session.over && lines.Scan() {
		err = session.send(connection, session.answer(lines.Bytes()))
	}
	connection.Close()
	if session.uncaught != nil {
		panic(session.uncaught)
	}
	return session.exitCode
}

type session struct {
	adapter  *Adapter
	over     bool
	exitCode int
	uncaught error
}

func (s *session) send(to io.Writer, message map[string]any) error {
	line, err := encode(message)
	if err == nil && len(line)-1 > s.adapter.lineBytes {
		err = fmt.Errorf("the reply is longer than %d bytes", s.adapter.lineBytes)
	}
	if err != nil {
		line, _ = encode(failure(message["id"], s.adapter.ErrorData(err)))
	}
	_, err = to.Write(line)
	return err
}

func encode(message any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text) // ends it with a line feed
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(message)
	return text.Bytes(), err
}

func decode(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("something follows the JSON text")
	}
	return value, nil
}

func (s *session) answer(line []byte) map[string]any {
	request, err := decode(line)
	if err != nil {
		return refusal(nil, parseError, "not JSON: "+err.Error())
	}
	object, _ := request.(map[string]any)
	id, hasId := object["id"]
	name, isText := object["method"].(string)
	if !hasId || !isText {
		return refusal(id, invalidRequest, "a request is an object with id and method")
	}
	given := object["params"]
	if given == nil {
		given = map[string]any{}
	}
	perform := s.adapter.handlers[name]
	if name == "actor.exit" {
		perform = s.exit
	} else if name == "actor.raise" {
		perform = s.raise
	} else if perform == nil {
		return refusal(id, unknownMethod, "this adapter has no op "+name)
	}
	about := s.adapter.ops[name]
	params, err := about.complete(given)
	var result any
	if err == nil {
		result, err = s.adapter.perform(about, perform, params)
	}
	var bad badParams
	if errors.As(err, &bad) {
		return refusal(id, badParamsCode, string(bad))
	}
	if err != nil {
		return failure(id, s.adapter.ErrorData(err))
	}
	return map[string]any{"jsonrpc": "2.0", "id": id, "result": result}
}

func (s *session) exit(p Params) (any, error) {
	if p.Int("code") < 0 || p.Int("code") > 255 {
		return nil, badParams("actor.exit: code must be 0 to 255")
	}
	s.over, s.exitCode = true, p.Int("code")
	return nil, nil
}

func (s *session) raise(p Params) (any, error) {
	s.over, s.uncaught = true, Raise(p.String("type"), p.String("message"))
	return nil, nil
}

func refusal(id any, code int, message string) map[string]any {
	return map[string]any{"jsonrpc": "2.0", "id": id,
		"error": map[string]any{"code": code, "message": message}}
}

func failure(id any, data map[string]any) map[string]any {
	return map[string]any{"jsonrpc": "2.0", "id": id, "error": map[string]any{
		"code": raisedCode, "message": data["message"], "data": data}}
}

func (a *Adapter) perform(about *op, perform Handler, params Params) (result any, err error) {
	defer func() {
		if accident := recover(); accident != nil {
			os.Stderr.Write(debug.Stack())
			err = fmt.Errorf("panic: %v", accident)
		}
	}()
	if result, err = perform(params); err != nil {
		return nil, err
	}
	if result, err = plain(result); err == nil && !about.resultFits(result) {
		err = fmt.Errorf("%s returned %.200v, which is not %s", about.name, result, about.Result)
	}
	return result, err
}

// ---- errors -------------------------------------------------------------------------------------

// Names of errno that the protocol has.
var errnos = map[syscall.Errno]string{
	syscall.EACCES: "EACCES", syscall.EADDRINUSE: "EADDRINUSE",
	syscall.EADDRNOTAVAIL: "EADDRNOTAVAIL", syscall.EAFNOSUPPORT: "EAFNOSUPPORT",
	syscall.EAGAIN: "EAGAIN", syscall.EBADF: "EBADF", syscall.ECONNABORTED: "ECONNABORTED",
	syscall.ECONNREFUSED: "ECONNREFUSED", syscall.ECONNRESET: "ECONNRESET",
	syscall.EDESTADDRREQ: "EDESTADDRREQ", syscall.EEXIST: "EEXIST", syscall.EINVAL: "EINVAL",
	syscall.EISCONN: "EISCONN", syscall.EMSGSIZE: "EMSGSIZE", syscall.ENETUNREACH: "ENETUNREACH",
	syscall.ENOENT: "ENOENT", syscall.ENOTCONN: "ENOTCONN", syscall.ENOTSOCK: "ENOTSOCK",
	syscall.EOPNOTSUPP: "EOPNOTSUPP", syscall.EPERM: "EPERM", syscall.EPIPE: "EPIPE",
	syscall.ETIMEDOUT: "TimedOut",
}

// ErrorData gives an error as the data of an error reply.
func (a *Adapter) ErrorData(err error) map[string]any {
	data := map[string]any{"type": "InternalError", "message": err.Error()}
	var raised *Raised
	var number syscall.Errno
	var unknownHost *net.DNSError
	var late net.Error
	switch {
	case errors.As(err, &raised):
		if a.errorTypes[raised.Type] == nil {
			data["message"] = raised.Type + " is no error type of the protocol"
			break
		}
		data["type"], data["message"] = raised.Type, raised.Message
		if raised.Position != nil {
			data["position"] = *raised.Position
		}
		if raised.Status != nil {
			data["status"] = *raised.Status
		}
		if raised.Value != nil {
			data["value"] = raised.Value
		}
	case errors.As(err, &unknownHost):
		data["type"] = "ResolutionError"
	case errors.As(err, &number) && errnos[number] != "":
		data["type"] = errnos[number]
	case errors.Is(err, net.ErrClosed), errors.Is(err, os.ErrClosed):
		data["type"] = "EBADF"
	case errors.As(err, &late) && late.Timeout():
		data["type"] = "TimedOut"
	}
	return data
}

// ---- scripts ------------------------------------------------------------------------------------

type frame struct {
	arguments []any
	last      any // result of the last step, or what script.return gave
}

// Function gives a function whose body performs the steps: see script.call in PROTOCOL.md.
func (a *Adapter) Function(steps []any) func(arguments ...any) (any, error) {
	return func(arguments ...any) (any, error) {
		frame := &frame{arguments: arguments}
		_, err := a.runSteps(steps, frame)
		return frame.last, err
	}
}

func (a *Adapter) runSteps(steps []any, frame *frame) (ended bool, err error) {
	for _, each := range steps {
		step := each.(map[string]any)
		name := step["op"].(string)
		handler := a.handlers[name]
		if handler == nil || name == "script.run" {
			return false, Raise("ValueError", name+" cannot stand in a function")
		}
		params, err := a.stepParams(step, frame)
		if err != nil {
			return false, err
		}
		switch name {
		case "script.return":
			frame.last = params["value"]
			return true, nil
		case "script.raise":
			return false, Raise(params.String("type"), params.String("message"))
		case "script.argument":
			index := params.Int("index")
			if index < 0 || index >= len(frame.arguments) {
				return false, Raise("ValueError", "no such argument")
			}
			frame.last = frame.arguments[index]
		case "script.repeat":
			endless, times := params.IsNull("times"), params.Int("times")
			for i := 0; (endless || i < times) && !ended && err == nil; i++ {
				ended, err = a.runSteps(params.List("steps"), frame)
			}
		case "script.try":
			ended, err = a.runTry(params, frame)
		default:
			frame.last, err = a.perform(a.ops[name], handler, params)
		}
		if ended || err != nil {
			return ended, err
		}
	}
	return false, nil
}

func (a *Adapter) runTry(params Params, frame *frame) (bool, error) {
	ended, err := a.runSteps(params.List("steps"), frame)
	if err != nil {
		if data := a.ErrorData(err); data["type"] == params["catch"] {
			frame.last = data["message"]
			ended, err = a.runSteps(params.List("handler"), frame)
		}
	}
	if finally := params.List("finally"); len(finally) > 0 {
		value := frame.last
		if left, wrong := a.runSteps(finally, frame); left || wrong != nil {
			return left, wrong
		}
		frame.last = value
	}
	return ended, err
}

func (a *Adapter) stepParams(step map[string]any, frame *frame) (Params, error) {
	given, isObject := step["params"].(map[string]any)
	if step["params"] != nil && !isObject {
		return nil, badParams(step["op"].(string) + ": params must be an object")
	}
	params := map[string]any{}
	for name, value := range given {
		params[name] = value
	}
	if use, ok := step["use"].(string); ok {
		params[use] = frame.last
	}
	return a.ops[step["op"].(string)].complete(params)
}

func (a *Adapter) runScript(p Params) (any, error) {
	type planned struct {
		about   *op
		perform Handler
		params  Params
	}
	plan := []planned{}
	for index, each := range p.List("steps") {
		step := each.(map[string]any)
		name := step["op"].(string)
		perform := a.handlers[name]
		where := fmt.Sprintf("step %d: ", index)
		if perform == nil || name == "script.run" {
			return nil, Raise("ValueError", where+name+" cannot be in a script")
		}
		if _, uses := step["use"]; uses {
			return nil, badParams(where + "use stands in functions: script.call")
		}
		params, err := a.stepParams(step, nil)
		if err != nil {
			return nil, badParams(where + err.Error())
		}
		plan = append(plan, planned{a.ops[name], perform, params})
	}
	events := []any{}
	log := p.Bool("log")
	begin := MonotonicNs()
	for round := p.Int("repeat"); round > 0; round-- {
		for index, step := range plan {
			if !log {
				a.perform(step.about, step.perform, step.params)
				continue
			}
			start := MonotonicNs()
			result, err := a.perform(step.about, step.perform, step.params)
			event := map[string]any{"step": index, "start_ns": start, "end_ns": MonotonicNs()}
			if err != nil {
				event["error"] = a.ErrorData(err)
			} else {
				event["result"] = result
			}
			events = append(events, event)
		}
	}
	return map[string]any{"elapsed_ns": MonotonicNs() - begin, "events": events}, nil
}

func (a *Adapter) addScriptOps() {
	a.Op("script.run", a.runScript)
	a.Op("script.call", func(p Params) (any, error) {
		return a.Function(p.List("steps"))(p.List("arguments")...)
	})
	for _, name := range []string{
		"script.argument", "script.return", "script.raise", "script.repeat", "script.try"} {
		a.Op(name, func(Params) (any, error) {
			return nil, Raise("ValueError", "this step stands in a function only")
		})
	}
}

// ---- built-in ops -------------------------------------------------------------------------------

// MonotonicNs reads CLOCK_MONOTONIC, which all processes of a machine share.
func MonotonicNs() int64 {
	var now syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, 1, uintptr(unsafe.Pointer(&now)), 0)
	return now.Nano()
}

func logEvent(p Params) (any, error) {
	line, err := encode(map[string]any{"value": p["value"], "t_ns": MonotonicNs(),
		"pid": os.Getpid(), "tid": syscall.Gettid()})
	if err != nil {
		return nil, err
	}
	path := filepath.Join(os.Getenv("ASSAY_SCRATCH"), "events")
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	_, err = file.Write(line)
	return nil, err
}

func compute(p Params) (any, error) {
	value := uint64(1)
	for i := p.Int("rounds"); i > 0; i-- {
		value = value*6364136223846793005 + 1442695040888963407
	}
	return int64(value >> 2), nil
}

func (a *Adapter) startThread(p Params) (any, error) {
	if err := a.TakeName(p.String("actor")); err != nil {
		return nil, err
	}
	go func() {
		runtime.LockOSThread() // and never unlocked, so that the thread ends with the goroutine
		a.ServeAs(p.String("actor"))
	}()
	return nil, nil
}

func (a *Adapter) addBuiltinOps() {
	a.Op("thread.start", a.startThread)
	a.Op("event.log", logEvent)
	a.Op("time.compute", compute)
	a.Op("time.sleep", func(p Params) (any, error) {
		duration, _ := p.Duration("seconds")
		time.Sleep(duration)
		return nil, nil
	})
	a.Op("process.self", func(Params) (any, error) {
		return map[string]int{
			"pid": os.Getpid(), "ppid": os.Getppid(), "tid": syscall.Gettid()}, nil
	})
	a.Op("data.set", a.locked(func(p Params) (any, error) {
		a.variables[p.String("name")] = p["value"]
		return nil, nil
	}))
	a.Op("data.get", a.locked(func(p Params) (any, error) {
		value, found := a.variables[p.String("name")]
		if !found {
			return nil, Raise("KeyError", p.String("name"))
		}
		return value, nil
	}))
	a.Op("data.append", a.locked(func(p Params) (any, error) {
		list, ok := a.variables[p.String("name")].([]any)
		if !ok && a.variables[p.String("name")] != nil {
			return nil, Raise("TypeError", "not a list")
		}
		a.variables[p.String("name")] = append(list[:len(list):len(list)], p["value"])
		return nil, nil
	}))
	a.Op("data.add", a.locked(func(p Params) (any, error) {
		number, ok := toInt(a.variables[p.String("name")])
		if !ok && a.variables[p.String("name")] != nil {
			return nil, Raise("TypeError", "not a number")
		}
		number += int64(p.Int("by"))
		a.variables[p.String("name")] = number
		return number, nil
	}))
	a.addMemoryOps()
}

func (a *Adapter) locked(perform Handler) Handler {
	return func(p Params) (any, error) {
		a.lock.Lock()
		defer a.lock.Unlock()
		return perform(p)
	}
}

func (a *Adapter) addMemoryOps() {
	a.Op("memory.allocate", a.locked(func(p Params) (any, error) {
		if p.Int("bytes") <= 0 {
			return nil, Raise("ValueError", "bytes must be positive")
		}
		a.memory[p.String("name")] = bytes.Repeat([]byte{1}, p.Int("bytes"))
		return nil, nil
	}))
	part := func(p Params, size int) ([]byte, error) {
		block, found := a.memory[p.String("name")]
		offset := p.Int("offset")
		if !found {
			return nil, Raise("NoSuchObject", p.String("name"))
		}
		if offset < 0 || size < 0 || offset > len(block) || size > len(block)-offset {
			return nil, Raise("ValueError", "outside of the memory")
		}
		return block[offset : offset+size], nil
	}
	a.Op("memory.write", a.locked(func(p Params) (any, error) {
		block, err := part(p, p.Int("bytes"))
		for i := range block {
			block[i] = byte(p.Int("value"))
		}
		return nil, err
	}))
	a.Op("memory.read", a.locked(func(p Params) (any, error) {
		block, err := part(p, 1)
		if err != nil {
			return nil, err
		}
		return int(block[0]), nil
	}))
}
