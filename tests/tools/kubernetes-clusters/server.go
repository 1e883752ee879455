package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// patience is how long a server may take to end before it is killed. Nothing is lost: the data outlives a killed server, and the
// folder goes anyway.
const patience = 5 * time.Second

// launcher starts servers in one folder.
type launcher struct {
	binaries binaries
	folder   string
	died     func(error) // called when a server ends that nobody stopped
}

// server is a running process of ours.
type server struct {
	process  *os.Process
	ended    chan struct{}
	stopping atomic.Bool
}

// start starts the named server for the given cluster (none: for all); its output goes to a log in the folder.
func (l *launcher) start(name, cluster string, arguments ...string) (*server, error) {
	title := name
	if cluster != "" {
		title += " of " + cluster
	}
	path := filepath.Join(l.folder, cluster, name+".log")
	log, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()

	program := l.binaries[name]
	command := exec.Command(program[0], append(program[1:len(program):len(program)], arguments...)...)
	command.Dir = l.folder
	command.Env = []string{"HOME=" + l.folder, "TMPDIR=" + l.folder} // etcd takes settings from variables: not the user's
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = attributes()
	if err := onStarter(command.Start); err != nil {
		return nil, fmt.Errorf("starting %s: %w", title, err)
	}
	started := &server{process: command.Process, ended: make(chan struct{})}
	go func() {
		_ = command.Wait()
		close(started.ended)
		if !started.stopping.Load() {
			l.died(fmt.Errorf("%s ended by itself (%s); its log ends with\n%s", title, command.ProcessState, tail(path, 20)))
		}
	}()
	return started, nil
}

// stop ends a server and waits for it.
func (s *server) stop() {
	if s == nil {
		return
	}
	s.stopping.Store(true)
	_ = s.process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(patience):
		_ = s.process.Kill()
		<-s.ended
	}
}

var starter = func() chan func() {
	calls := make(chan func())
	go func() {
		runtime.LockOSThread()
		for call := range calls {
			call()
		}
	}()
	return calls
}()

// onStarter starts a process from a thread that lives as long as we do: on Linux servers are made to end with their parent, and
// that means the thread that started them.
func onStarter(start func() error) error {
	result := make(chan error)
	starter <- func() { result <- start() }
	return <-result
}

// tail gives the last lines of a file.
func tail(path string, count int) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}
