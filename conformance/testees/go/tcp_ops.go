// Ops of the area tcp: net.TCPListener and net.TCPConn. Package net binds and listens in one call,
// which tcp.bind makes; tcp.listen finds it done, or makes it for a port that is free.
package main

import (
	"errors"
	"hash/crc32"
	"io"
	"net"
	"syscall"

	"adapter/assay"
)

type tcpSocket struct {
	network    string
	listener   *net.TCPListener
	connection *net.TCPConn
}

var tcpSockets named[*tcpSocket]

func tcpOf(p assay.Params) (*tcpSocket, error) { return tcpSockets.get(p.String("socket")) }

func connectionOf(p assay.Params) (*net.TCPConn, error) {
	socket, err := tcpOf(p)
	if err == nil && socket.connection == nil {
		err = errors.New("package net has no socket without a connection")
	}
	return socket.connection, err
}

func openTcp(p assay.Params) (any, error) {
	network, err := network("tcp", p)
	if err == nil {
		tcpSockets.set(p.String("socket"), &tcpSocket{network: network})
	}
	return nil, err
}

func bindTcp(p assay.Params) (any, error) {
	socket, err := tcpOf(p)
	if err != nil {
		return nil, err
	}
	address, err := net.ResolveTCPAddr(socket.network, hostAndPort(p))
	if err != nil {
		return nil, addressError(err)
	}
	socket.listener, err = net.ListenTCP(socket.network, address)
	return nil, err
}

func listenTcp(p assay.Params) (any, error) {
	socket, err := tcpOf(p)
	if err == nil && socket.listener == nil {
		socket.listener, err = net.ListenTCP(socket.network, nil)
	}
	return nil, err
}

func acceptTcp(p assay.Params) (any, error) {
	socket, err := tcpOf(p)
	if err != nil {
		return nil, err
	}
	if err = socket.listener.SetDeadline(deadline(p)); err != nil {
		return nil, err
	}
	accepted, err := socket.listener.AcceptTCP()
	if err != nil {
		return nil, err
	}
	tcpSockets.set(p.String("as"), &tcpSocket{network: socket.network, connection: accepted})
	return hostPortList(accepted.RemoteAddr())
}

func connectTcp(p assay.Params) (any, error) {
	socket, err := tcpOf(p)
	if err != nil {
		return nil, err
	}
	if socket.connection != nil {
		return nil, errors.New("a net.TCPConn cannot be connected again")
	}
	made, err := (&net.Dialer{Deadline: deadline(p)}).Dial(socket.network, hostAndPort(p))
	if err != nil {
		return nil, addressError(err)
	}
	socket.connection = made.(*net.TCPConn)
	return nil, nil
}

// Write ends when all is written or something is wrong: it is both of the protocol's forms.
func sendTcp(p assay.Params) (int, error) {
	connection, err := connectionOf(p)
	if err != nil {
		return 0, err
	}
	if err = connection.SetWriteDeadline(deadline(p)); err != nil {
		return 0, err
	}
	return connection.Write(payload(p))
}

func receiveTcp(p assay.Params) (any, error) {
	connection, err := connectionOf(p)
	if err != nil {
		return nil, err
	}
	if err = connection.SetReadDeadline(deadline(p)); err != nil {
		return nil, err
	}
	data := make([]byte, p.Int("limit"))
	count, err := connection.Read(data)
	if err == io.EOF {
		err = nil // the protocol's end is no bytes
	}
	return data[:count], err
}

func shutdownTcp(p assay.Params) (any, error) {
	connection, err := connectionOf(p)
	if err != nil {
		return nil, err
	}
	switch p.String("how") {
	case "read":
		return nil, connection.CloseRead()
	case "write":
		return nil, connection.CloseWrite()
	}
	return nil, assay.Raise("ValueError", "a TCPConn is closed for reading or for writing")
}

// Waits, by package net's poller, until a receive would not wait: requirements do so to be sure
// that something has arrived.
func pollTcp(p assay.Params) (any, error) {
	connection, err := connectionOf(p)
	if err != nil {
		return nil, err
	}
	if err = connection.SetReadDeadline(deadline(p)); err != nil {
		return nil, err
	}
	raw, err := connection.SyscallConn()
	if err != nil {
		return nil, err
	}
	err = raw.Read(func(fd uintptr) bool {
		_, _, wrong := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK)
		return wrong != syscall.EAGAIN
	})
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		return []string{}, nil
	}
	return []string{"read"}, err
}

const period = 65521

func stream() []byte {
	bytes := make([]byte, 2*period)
	for i := range bytes {
		place := i % period
		bytes[i] = byte(31*place + place/256)
	}
	return bytes
}

func sendStream(p assay.Params) (any, error) {
	connection, err := connectionOf(p)
	sent, sum, bytes := 0, uint32(0), stream()
	for total := p.Int("bytes"); err == nil && sent < total; {
		size := p.Int("piece")
		if size > total-sent {
			size = total - sent
		}
		if size > period {
			size = period
		}
		part := bytes[sent%period : sent%period+size]
		_, err = connection.Write(part)
		sum = crc32.Update(sum, crc32.IEEETable, part)
		sent += size
	}
	return map[string]any{"bytes": sent, "crc32": sum}, err
}

func receiveStream(p assay.Params) (any, error) {
	connection, err := connectionOf(p)
	if err != nil {
		return nil, err
	}
	piece, count, sum := make([]byte, p.Int("piece")), 0, uint32(0)
	for limit := p.Int("limit"); err == nil && count < limit; {
		if len(piece) > limit-count {
			piece = piece[:limit-count]
		}
		var size int
		size, err = connection.Read(piece)
		sum = crc32.Update(sum, crc32.IEEETable, piece[:size])
		count += size
	}
	if err == io.EOF {
		err = nil
	}
	return map[string]any{"bytes": count, "crc32": sum}, err
}

func closeTcp(p assay.Params) (any, error) {
	socket, err := tcpOf(p)
	if err == nil && socket.listener != nil {
		err = socket.listener.Close()
	}
	if err == nil && socket.connection != nil {
		err = socket.connection.Close()
	}
	return nil, err
}

func addTcpOps(adapter *assay.Adapter) {
	adapter.Op("tcp.open", openTcp)
	adapter.Op("tcp.bind", bindTcp)
	adapter.Op("tcp.listen", listenTcp)
	adapter.Op("tcp.accept", acceptTcp)
	adapter.Op("tcp.connect", connectTcp)
	adapter.Op("tcp.send", func(p assay.Params) (any, error) { return sendTcp(p) })
	adapter.Op("tcp.send_all", func(p assay.Params) (any, error) {
		_, err := sendTcp(p)
		return nil, err
	})
	adapter.Op("tcp.receive", receiveTcp)
	adapter.Op("tcp.shutdown", shutdownTcp)
	adapter.Op("tcp.close", closeTcp)
	adapter.Op("tcp.poll", pollTcp)
	adapter.Op("tcp.send_stream", sendStream)
	adapter.Op("tcp.receive_stream", receiveStream)
	adapter.Op("tcp.reset", func(p assay.Params) (any, error) {
		connection, err := connectionOf(p)
		if err == nil {
			err = connection.SetLinger(0)
		}
		if err == nil {
			err = connection.Close()
		}
		return nil, err
	})
	adapter.Op("tcp.local_name", func(p assay.Params) (any, error) {
		socket, err := tcpOf(p)
		if err != nil {
			return nil, err
		}
		if socket.listener != nil {
			return hostPortList(socket.listener.Addr())
		}
		connection, err := connectionOf(p)
		if err != nil {
			return nil, err
		}
		return hostPortList(connection.LocalAddr())
	})
	adapter.Op("tcp.peer_name", func(p assay.Params) (any, error) {
		connection, err := connectionOf(p)
		if err != nil {
			return nil, err
		}
		return hostPortList(connection.RemoteAddr())
	})
	adapter.Op("tcp.fileno", func(p assay.Params) (any, error) {
		socket, err := tcpOf(p)
		if err != nil {
			return nil, err
		}
		if socket.listener != nil {
			return descriptor(socket.listener)
		}
		return descriptor(socket.connection)
	})
}
