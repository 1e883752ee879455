package main

import (
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// holdPort takes a free port of 127.0.0.1 and keeps it for as long as we live: bound, but not listened on. A server that shares
// the port can listen on it; nobody else is given it, not even while that server is down.
func holdPort() (int, error) {
	// Under this lock no process is started meanwhile, which would take the socket along.
	syscall.ForkLock.RLock()
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(socket)
	}
	syscall.ForkLock.RUnlock()
	if err == nil {
		err = syscall.SetsockoptInt(socket, syscall.SOL_SOCKET, soReusePort, 1)
	}
	if err == nil {
		err = syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	if err != nil {
		return 0, fmt.Errorf("taking a port: %w", err)
	}
	address, err := syscall.Getsockname(socket)
	if err != nil {
		return 0, fmt.Errorf("taking a port: %w", err)
	}
	return address.(*syscall.SockaddrInet4).Port, nil
}

func loopback(scheme string, port int) string {
	return scheme + "://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}
