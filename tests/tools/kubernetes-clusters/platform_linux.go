package main

import "syscall"

const soReusePort = 0xf // syscall has it for some architectures only

// attributes gives a server a process group of its own, so that Ctrl-C in a terminal reaches us alone and we stop servers in
// order; and it has the kernel kill the server should we be killed.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
