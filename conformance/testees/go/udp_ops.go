// Ops of the area udp: net.UDPConn. Package net makes a socket and binds it, or connects it, in one
// call; a socket that is neither does not exist.
package main

import (
	"net"

	"adapter/assay"
)

type udpSocket struct {
	network    string
	connection *net.UDPConn // nil until it is bound, connected or first sent by
}

var udpSockets named[*udpSocket]

func udpOf(p assay.Params) (*udpSocket, error) { return udpSockets.get(p.String("socket")) }

func openUdp(p assay.Params) (any, error) {
	network, err := network("udp", p)
	if err == nil {
		udpSockets.set(p.String("socket"), &udpSocket{network: network})
	}
	return nil, err
}

func bindUdp(p assay.Params) (any, error) {
	socket, err := udpOf(p)
	if err != nil {
		return nil, err
	}
	address, err := net.ResolveUDPAddr(socket.network, hostAndPort(p))
	if err != nil {
		return nil, addressError(err)
	}
	socket.connection, err = net.ListenUDP(socket.network, address)
	return nil, err
}

// The socket's connection; one that is bound to nothing in particular where it has none yet.
func boundUdp(p assay.Params) (*udpSocket, error) {
	socket, err := udpOf(p)
	if err == nil && socket.connection == nil {
		socket.connection, err = net.ListenUDP(socket.network, nil)
	}
	return socket, err
}

func connectUdp(p assay.Params) (any, error) {
	socket, err := udpOf(p)
	if err != nil {
		return nil, err
	}
	peer, err := net.ResolveUDPAddr(socket.network, hostAndPort(p))
	if err != nil {
		return nil, addressError(err)
	}
	socket.connection, err = net.DialUDP(socket.network, nil, peer)
	return nil, err
}

func sendUdpTo(p assay.Params) (any, error) {
	socket, err := boundUdp(p)
	if err != nil {
		return nil, err
	}
	to, err := net.ResolveUDPAddr(socket.network, hostAndPort(p))
	if err != nil {
		return nil, addressError(err)
	}
	return socket.connection.WriteToUDP(payload(p), to)
}

func receiveUdp(p assay.Params, limit int) ([]byte, any, error) {
	socket, err := boundUdp(p)
	if err != nil {
		return nil, nil, err
	}
	if err = socket.connection.SetReadDeadline(deadline(p)); err != nil {
		return nil, nil, err
	}
	data := make([]byte, limit)
	count, from, err := socket.connection.ReadFromUDP(data)
	if err != nil {
		return nil, nil, err
	}
	address, err := hostPortList(from)
	return data[:count], address, err
}

func addUdpOps(adapter *assay.Adapter) {
	adapter.Op("udp.open", openUdp)
	adapter.Op("udp.bind", bindUdp)
	adapter.Op("udp.connect", connectUdp)
	adapter.Op("udp.send_to", sendUdpTo)
	adapter.Op("udp.send", func(p assay.Params) (any, error) {
		socket, err := boundUdp(p)
		if err != nil {
			return nil, err
		}
		return socket.connection.Write(payload(p))
	})
	adapter.Op("udp.receive_from", func(p assay.Params) (any, error) {
		data, from, err := receiveUdp(p, p.Int("limit"))
		return map[string]any{"data": data, "address": from}, err
	})
	adapter.Op("udp.receive_text", func(p assay.Params) (any, error) {
		data, from, err := receiveUdp(p, 65535)
		return map[string]any{"text": string(data), "address": from}, err
	})
	adapter.Op("udp.local_name", func(p assay.Params) (any, error) {
		socket, err := boundUdp(p)
		if err != nil {
			return nil, err
		}
		return hostPortList(socket.connection.LocalAddr())
	})
	adapter.Op("udp.close", func(p assay.Params) (any, error) {
		socket, err := boundUdp(p)
		if err != nil {
			return nil, err
		}
		return nil, socket.connection.Close()
	})
}
