// Ops of the area queue: a buffered channel. It lives in one process and always has a limit.
package main

import (
	"sync"
	"time"

	"adapter/assay"
)

// Room for every item that a requirement puts where it sets no limit.
const ample = 200_000

var queues sync.Map

func queue(p assay.Params) (chan any, error) {
	found, ok := queues.Load(p.String("queue"))
	if !ok {
		return nil, assay.Raise("NoSuchObject", p.String("queue"))
	}
	return found.(chan any), nil
}

func openQueue(p assay.Params) (any, error) {
	maxsize := p.Int("maxsize")
	if maxsize <= 0 {
		maxsize = ample
	}
	queues.Store(p.String("queue"), make(chan any, maxsize))
	return nil, nil
}

// A timer's channel; nil, which is never ready, where no time is set.
func timer(p assay.Params) <-chan time.Time {
	duration, isSet := p.Duration("timeout")
	if !isSet {
		return nil
	}
	return time.After(duration)
}

// put panics where the channel is closed: "send on closed channel".
func put(p assay.Params, block bool) (result any, err error) {
	to, err := queue(p)
	if err != nil {
		return nil, err
	}
	defer func() {
		if closed := recover(); closed != nil {
			err = assay.Raise("Closed", closed.(error).Error())
		}
	}()
	full := assay.Raise("Full", "no room")
	if !block {
		select {
		case to <- p.Value("item"):
		default:
			return nil, full
		}
		return nil, nil
	}
	select {
	case to <- p.Value("item"):
	case <-timer(p):
		return nil, full
	}
	return nil, nil
}

func get(p assay.Params, block bool) (item any, err error) {
	from, err := queue(p)
	if err != nil {
		return nil, err
	}
	isOpen, empty := true, assay.Raise("Empty", "nothing here")
	if !block {
		select {
		case item, isOpen = <-from:
		default:
			return nil, empty
		}
	} else {
		select {
		case item, isOpen = <-from:
		case <-timer(p):
			return nil, empty
		}
	}
	if !isOpen {
		return nil, assay.Raise("Closed", "the channel is closed and drained")
	}
	return item, nil
}

func addQueueOps(adapter *assay.Adapter) {
	of := func(tell func(chan any) any) assay.Handler {
		return func(p assay.Params) (any, error) {
			found, err := queue(p)
			if err != nil {
				return nil, err
			}
			return tell(found), nil
		}
	}
	adapter.Op("queue.open", openQueue)
	adapter.Op("queue.put", func(p assay.Params) (any, error) { return put(p, p.Bool("block")) })
	adapter.Op("queue.get", func(p assay.Params) (any, error) { return get(p, p.Bool("block")) })
	adapter.Op("queue.put_nowait", func(p assay.Params) (any, error) { return put(p, false) })
	adapter.Op("queue.get_nowait", func(p assay.Params) (any, error) { return get(p, false) })
	adapter.Op("queue.qsize", of(func(c chan any) any { return len(c) }))
	adapter.Op("queue.empty", of(func(c chan any) any { return len(c) == 0 }))
	adapter.Op("queue.full", of(func(c chan any) any { return len(c) == cap(c) }))
	adapter.Op("queue.close", func(p assay.Params) (_ any, err error) {
		found, err := queue(p)
		if err != nil {
			return nil, err
		}
		defer func() {
			if twice := recover(); twice != nil {
				err = assay.Raise("Closed", twice.(error).Error())
			}
		}()
		close(found)
		return nil, nil
	})
}
