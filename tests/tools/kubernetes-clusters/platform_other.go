//go:build unix && !linux

package main

import "syscall"

const soReusePort = syscall.SO_REUSEPORT

// attributes gives a server a process group of its own, so that Ctrl-C in a terminal reaches us alone and we stop servers in
// order.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
