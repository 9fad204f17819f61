// The adapter that sdk_test.py drives; wrong wherever an SDK must help.
package main

import (
	"errors"

	"adapter/assay"
)

func main() {
	adapter := assay.NewAdapter("test adapter", "1.2", "queue", "-queue.close")
	queues := map[string][]any{}

	adapter.Op("queue.open", func(p assay.Params) (any, error) {
		queues[p.String("queue")] = []any{}
		return nil, nil
	})
	adapter.Op("queue.put", func(p assay.Params) (any, error) {
		name, item := p.String("queue"), p.Value("item")
		if queues[name] == nil {
			return nil, assay.Raise("NoSuchObject", name)
		}
		if item == "defaults" {
			item = []any{p.Bool("block"), p.Value("timeout")}
		}
		queues[name] = append(queues[name], item)
		return nil, nil
	})
	adapter.Op("queue.get_nowait", func(p assay.Params) (any, error) {
		queue := queues[p.String("queue")]
		if len(queue) == 0 {
			return nil, assay.Raise("Empty", "nothing here")
		}
		queues[p.String("queue")] = queue[1:]
		return queue[0], nil
	})
	adapter.Op("queue.qsize", func(p assay.Params) (any, error) {
		if p.String("queue") == "wrong type" {
			return "three", nil
		}
		return len(queues[p.String("queue")]), nil
	})
	adapter.Op("queue.empty", func(assay.Params) (any, error) {
		return nil, errors.New("an accident")
	})
	adapter.Op("queue.full", func(assay.Params) (any, error) {
		return nil, assay.Raise("Overfull", "no such type")
	})
	adapter.Op("regex.compile", func(assay.Params) (any, error) {
		return nil, assay.Raise("PatternError", "what is this").At(3)
	})
	adapter.Op("http.parse_request", func(p assay.Params) (any, error) {
		data := p.Bytes("bytes")
		if string(data) == "bad" {
			return nil, assay.Raise("MessageError", "refused").WithStatus(431)
		}
		reversed := make([]byte, len(data))
		for i, each := range data {
			reversed[len(data)-1-i] = each
		}
		return map[string]any{"method": "GET", "target": "/", "version": "HTTP/1.1",
			"headers": []any{}, "body": reversed, "consumed": len(data)}, nil
	})
	adapter.Run()
}
