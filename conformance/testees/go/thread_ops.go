// Ops of the area thread: sync.Mutex and os.Pipe. A goroutine that is locked to its thread is what
// the SDK's thread.start starts; Go knows of no thread object that could be joined or asked.
package main

import (
	"os"
	"sync"

	"adapter/assay"
)

var locks, pipes sync.Map

type pipe struct{ reader, writer *os.File }

func lockOf(name string) (*sync.Mutex, error) {
	found, ok := locks.Load(name)
	if !ok {
		return nil, assay.Raise("NoSuchObject", name)
	}
	return found.(*sync.Mutex), nil
}

func pipeOf(p assay.Params) (pipe, error) {
	found, ok := pipes.Load(p.String("pipe"))
	if !ok {
		return pipe{}, assay.Raise("NoSuchObject", p.String("pipe"))
	}
	return found.(pipe), nil
}

func addThreadOps(adapter *assay.Adapter) {
	adapter.Op("lock.open", func(p assay.Params) (any, error) {
		locks.Store(p.String("lock"), &sync.Mutex{})
		return nil, nil
	})
	adapter.Op("lock.acquire", func(p assay.Params) (any, error) {
		lock, err := lockOf(p.String("lock"))
		if err == nil {
			lock.Lock()
		}
		return nil, err
	})
	adapter.Op("lock.release", func(p assay.Params) (any, error) {
		lock, err := lockOf(p.String("lock"))
		if err == nil {
			lock.Unlock()
		}
		return nil, err
	})
	// Read and written back: nothing but the lock keeps another from coming in between.
	read, write := adapter.Handler("data.get"), adapter.Handler("data.set")
	increment := func(name any) error {
		number, err := read(assay.Params{"name": name})
		if err != nil {
			return err
		}
		sum := assay.Params{"value": number}.Int("value") + 1
		_, err = write(assay.Params{"name": name, "value": int64(sum)})
		return err
	}
	adapter.Op("data.count", func(p assay.Params) (_ any, err error) {
		lock := &sync.Mutex{} // one that nobody else has
		if !p.IsNull("lock") {
			lock, err = lockOf(p.String("lock"))
		}
		for i := p.Int("times"); i > 0 && err == nil; i-- {
			lock.Lock()
			err = increment(p.Value("name"))
			lock.Unlock()
		}
		return nil, err
	})
	adapter.Op("pipe.open", func(p assay.Params) (any, error) {
		reader, writer, err := os.Pipe()
		pipes.Store(p.String("pipe"), pipe{reader, writer})
		return nil, err
	})
	adapter.Op("pipe.write", func(p assay.Params) (any, error) {
		to, err := pipeOf(p)
		if err == nil {
			_, err = to.writer.WriteString(p.String("text"))
		}
		return nil, err
	})
	adapter.Op("pipe.read", func(p assay.Params) (any, error) {
		from, err := pipeOf(p)
		if err != nil {
			return nil, err
		}
		data := make([]byte, 65536)
		count, err := from.reader.Read(data)
		return string(data[:count]), err
	})
}
