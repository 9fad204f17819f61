// Ops of the area cost: goroutines as its coroutines, and goroutines that are locked to a thread of
// their own as its threads.
package main

import (
	"runtime"
	"sync"
	"time"

	"adapter/assay"
)

// Starts a function as a goroutine, or as one with a thread, which ends with it.
func starter(kind string) (func(func()), error) {
	switch kind {
	case "coroutine":
		return func(body func()) { go body() }, nil
	case "thread":
		return func(body func()) {
			go func() {
				runtime.LockOSThread()
				body()
			}()
		}, nil
	}
	return nil, assay.Raise("ValueError", "no such kind of unit: "+kind)
}

// Performs in a goroutine that is not locked to a thread, as an actor's is.
func apart(perform func()) {
	done := make(chan bool)
	go func() {
		perform()
		close(done)
	}()
	<-done
}

func timed(repetitions int, perform func()) []float64 {
	seconds := []float64{}
	apart(func() {
		for ; repetitions > 0; repetitions-- {
			begin := time.Now()
			perform()
			seconds = append(seconds, time.Since(begin).Seconds())
		}
	})
	return seconds
}

func startUnits(p assay.Params) (any, error) {
	start, err := starter(p.String("kind"))
	if err != nil {
		return nil, err
	}
	count := p.Int("count")
	return timed(p.Int("repetitions"), func() {
		for i := 0; i < count; i++ {
			ended := make(chan bool)
			start(func() { close(ended) })
			<-ended
		}
	}), nil
}

var held []func()

func hold(p assay.Params) (any, error) {
	start, err := starter(p.String("kind"))
	if err != nil {
		return nil, err
	}
	var waiting, ended sync.WaitGroup
	gate := make(chan bool)
	for i := p.Int("count"); i > 0; i-- {
		waiting.Add(1)
		ended.Add(1)
		start(func() {
			waiting.Done()
			<-gate
			ended.Done()
		})
	}
	waiting.Wait()
	held = append(held, func() {
		close(gate)
		ended.Wait()
	})
	return nil, nil
}

// Goroutines hand over by a channel that holds nothing, threads by pipes.
func switchUnits(p assay.Params) (any, error) {
	count := p.Int("count") / 2
	switch p.String("kind") {
	case "coroutine":
		return timed(p.Int("repetitions"), func() {
			forth, back := make(chan bool), make(chan bool)
			go func() {
				for range forth {
					back <- true
				}
			}()
			for i := 0; i < count; i++ {
				forth <- true
				<-back
			}
			close(forth)
		}), nil
	}
	return nil, assay.Raise("ValueError", "threads of Go cannot be kept on one processor")
}

func computeSideBySide(p assay.Params) (any, error) {
	start, err := starter(p.String("kind"))
	if err != nil {
		return nil, err
	}
	seconds, _ := p.Duration("seconds")
	done := make([]int, p.Int("units"))
	end := time.Now().Add(seconds)
	var all sync.WaitGroup
	for i := range done {
		all.Add(1)
		index := i
		start(func() {
			for sum := 0; time.Now().Before(end); done[index]++ {
				for each := 0; each < 1000; each++ {
					sum += each
				}
			}
			all.Done()
		})
	}
	all.Wait()
	return done, nil
}

func addCostOps(adapter *assay.Adapter) {
	adapter.Op("cost.start", startUnits)
	adapter.Op("cost.hold", hold)
	adapter.Op("cost.switch", switchUnits)
	adapter.Op("cost.compute", computeSideBySide)
	adapter.Op("cost.release", func(assay.Params) (any, error) {
		for _, release := range held {
			release()
		}
		held = nil
		return nil, nil
	})
}
