// What the areas udp and tcp have in common: addresses of package net, deadlines, descriptors.
package main

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"syscall"
	"time"

	"adapter/assay"
)

// A table of things by the names that ops give them.
type named[T any] struct {
	lock  sync.Mutex
	known map[string]T
}

func (n *named[T]) get(name string) (found T, err error) {
	n.lock.Lock()
	defer n.lock.Unlock()
	found, ok := n.known[name]
	if !ok {
		err = assay.Raise("NoSuchObject", name)
	}
	return found, err
}

func (n *named[T]) set(name string, value T) {
	n.lock.Lock()
	defer n.lock.Unlock()
	if n.known == nil {
		n.known = map[string]T{}
	}
	n.known[name] = value
}

// "udp4" or "tcp6": package net names the family with the protocol.
func network(protocol string, p assay.Params) (string, error) {
	switch p.String("family") {
	case "inet":
		return protocol + "4", nil
	case "inet6":
		return protocol + "6", nil
	}
	return "", assay.Raise("ValueError", "no such family: "+p.String("family"))
}

func hostAndPort(p assay.Params) string {
	return net.JoinHostPort(p.String("host"), fmt.Sprint(p.Value("port")))
}

// Package net's own words, which it has no type or number for, in the protocol's.
func addressError(err error) error {
	var address *net.AddrError
	if !errors.As(err, &address) {
		return err
	}
	if address.Err == "invalid port" {
		return assay.Raise("OverflowError", err.Error())
	}
	return assay.Raise("ResolutionError", err.Error())
}

func hostPortList(of net.Addr) (any, error) {
	if of == nil {
		return nil, net.ErrClosed
	}
	host, port, err := net.SplitHostPort(of.String())
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(port)
	return []any{host, number}, err
}

// The deadline that a timeout means; the zero time, which is none, for null.
func deadline(p assay.Params) time.Time {
	duration, isSet := p.Duration("timeout")
	if !isSet {
		return time.Time{}
	}
	return time.Now().Add(duration)
}

func payload(p assay.Params) []byte {
	data, _ := assay.FromBase64(p.Value("data"))
	return data
}

func descriptor(of syscall.Conn) (number int, err error) {
	raw, err := of.SyscallConn()
	if err != nil {
		return 0, err
	}
	err = raw.Control(func(fd uintptr) { number = int(fd) })
	return number, err
}
