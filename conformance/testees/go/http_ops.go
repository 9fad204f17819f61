// Ops of the area http: http.ReadRequest, http.ReadResponse, Request.Write and Response.Write, as
// they are. What http.Server checks beyond them is met by the testee go-fileserver.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"sort"
	"strings"

	"adapter/assay"
)

// Bytes that arrive in pieces. isDry: more was asked for than there is.
type arriving struct {
	pieces [][]byte
	given  int
	isDry  bool
}

func (a *arriving) Read(into []byte) (int, error) {
	for len(a.pieces) > 0 && len(a.pieces[0]) == 0 {
		a.pieces = a.pieces[1:]
	}
	if len(a.pieces) == 0 {
		a.isDry = true
		return 0, io.EOF
	}
	count := copy(into, a.pieces[0])
	a.pieces[0] = a.pieces[0][count:]
	a.given += count
	return count, nil
}

func arrive(p assay.Params) (*arriving, *bufio.Reader) {
	data, from := p.Bytes("bytes"), 0
	arriving := &arriving{}
	for _, each := range append(p.List("cuts"), nil) {
		to := len(data)
		if each != nil {
			to = assay.Params{"cut": each}.Int("cut")
		}
		arriving.pieces = append(arriving.pieces, data[from:to])
		from = to
	}
	return arriving, bufio.NewReader(arriving)
}

// What went wrong: the bytes ended, or the message is refused, with the status that http.Server
// answers where ReadRequest gives such an error (net/http/server.go, conn.serve).
func refused(err error, isDry bool) error {
	if isDry && (errors.Is(err, io.EOF) || strings.Contains(err.Error(), "unexpected EOF")) {
		return assay.Raise("Incomplete", err.Error())
	}
	status := http.StatusBadRequest
	if strings.HasPrefix(err.Error(), "unsupported transfer encoding") {
		status = http.StatusNotImplemented
	}
	return assay.Raise("MessageError", err.Error()).WithStatus(status)
}

// A header is a map: names are in their canonical form, in no order. A request's Host is not in it.
func fields(header http.Header, host string) any {
	list, names := [][]string{}, []string{}
	if host != "" {
		list = append(list, []string{"Host", host})
	}
	for name := range header {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		for _, value := range header[name] {
			list = append(list, []string{name, value})
		}
	}
	return list
}

func parseRequest(p assay.Params) (any, error) {
	arriving, reader := arrive(p)
	request, err := http.ReadRequest(reader)
	if err != nil {
		return nil, refused(err, arriving.isDry)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, refused(err, arriving.isDry)
	}
	return map[string]any{
		"method": request.Method, "target": request.RequestURI, "version": request.Proto,
		"headers": fields(request.Header, request.Host), "body": body,
		"consumed": arriving.given - reader.Buffered()}, nil
}

func parseResponse(p assay.Params) (any, error) {
	arriving, reader := arrive(p)
	response, err := http.ReadResponse(reader, &http.Request{Method: p.String("method")})
	if err != nil {
		return nil, refused(err, arriving.isDry)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, refused(err, arriving.isDry)
	}
	if arriving.isDry && !p.Bool("end") {
		return nil, assay.Raise("Incomplete", "the response ends when the connection does")
	}
	reason := strings.TrimPrefix(strings.TrimPrefix(response.Status, response.Status[:3]), " ")
	return map[string]any{
		"version": response.Proto, "status": response.StatusCode, "reason": reason,
		"headers": fields(response.Header, ""), "body": body,
		"consumed": arriving.given - reader.Buffered()}, nil
}

func headerOf(p assay.Params) http.Header {
	header := http.Header{}
	for _, each := range p.List("headers") {
		field := each.([]any)
		header.Add(field[0].(string), field[1].(string))
	}
	return header
}

func formatRequest(p assay.Params) (any, error) {
	var body io.Reader
	if !p.IsNull("body") {
		body = bytes.NewReader(p.Bytes("body"))
	}
	request, err := http.NewRequest(p.String("method"), p.String("target"), body)
	if err != nil {
		return nil, assay.Raise("ValueError", err.Error())
	}
	request.Header = headerOf(p)
	request.Host = request.Header.Get("Host")
	if request.Header.Get("User-Agent") == "" {
		request.Header.Set("User-Agent", "") // documented to leave it out
	}
	var written bytes.Buffer
	if err = request.Write(&written); err != nil {
		return nil, assay.Raise("ValueError", err.Error())
	}
	return written.Bytes(), nil
}

func formatResponse(p assay.Params) (any, error) {
	body := p.Bytes("body")
	response := &http.Response{
		StatusCode: p.Int("status"), ProtoMajor: 1, ProtoMinor: 1, Header: headerOf(p),
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body))}
	if !p.IsNull("reason") {
		response.Status = p.String("reason")
	}
	var written bytes.Buffer
	if err := response.Write(&written); err != nil {
		return nil, assay.Raise("ValueError", err.Error())
	}
	return written.Bytes(), nil
}

func addHttpOps(adapter *assay.Adapter) {
	adapter.Op("http.parse_request", parseRequest)
	adapter.Op("http.parse_response", parseResponse)
	adapter.Op("http.format_request", formatRequest)
	adapter.Op("http.format_response", formatResponse)
}
