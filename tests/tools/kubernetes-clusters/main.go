// Command kubernetes-clusters runs Kubernetes clusters for tests: real API servers and controller managers, on loopback only.
//
//	kubernetes-clusters [--clusters N] --server PATH    PATH is the binary of tests/tools/kubernetes
//	kubernetes-clusters [--clusters N] --assets DIR     DIR holds etcd, kube-apiserver and kube-controller-manager
//
// When all of them are ready it prints one line of JSON: their version, and of each cluster its name, its endpoint, its CA
// certificate and one token per user. Then it takes commands, a line each, and answers each with one line of JSON:
//
//	stop NAME     ends a cluster's servers                   {"stopped":"cluster-1"}
//	start NAME    starts them again: same port, same data    {"started":"cluster-1"}
//
// A command it cannot follow is answered with {"error":"…"}.
//
// It ends with its standard input, so nothing survives whoever started it, however that one died; also at SIGTERM, SIGINT and
// SIGHUP. Then it stops every server, removes its folder and exits with 0. When a server ends by itself it shows the end of
// that server's log and exits with 1.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

// errAsked is why a run ends that was asked to.
var errAsked = errors.New("asked to end")

func main() {
	count := flag.Int("clusters", 3, "how many clusters")
	server := flag.String("server", "", "the binary that holds all servers")
	assets := flag.String("assets", "", "the folder that holds each server as a binary of its own")
	flag.Parse()
	if flag.NArg() > 0 || *count < 1 || (*server == "") == (*assets == "") {
		fmt.Fprintln(os.Stderr, "usage: kubernetes-clusters [--clusters N] (--server PATH | --assets DIR)")
		os.Exit(2)
	}
	binaries, err := find(*server, *assets)
	if err == nil {
		err = run(binaries, *count)
	}
	if err != nil && !errors.Is(err, errAsked) {
		fmt.Fprintln(os.Stderr, "kubernetes-clusters:", err)
		os.Exit(1)
	}
}

// binaries says how each server is called: its name, then the program and its first arguments.
type binaries map[string][]string

func find(server, assets string) (binaries, error) {
	found := binaries{}
	var missing []string
	for _, name := range []string{"etcd", "kube-apiserver", "kube-controller-manager"} {
		program := []string{server, name}
		if assets != "" {
			program = []string{filepath.Join(assets, name)}
		}
		// Servers run in a folder of ours, so a relative path would lead elsewhere.
		absolute, err := filepath.Abs(program[0])
		if err != nil {
			return nil, err
		}
		program[0] = absolute
		if info, err := os.Stat(absolute); err != nil || info.IsDir() {
			missing = append(missing, absolute)
		}
		found[name] = program
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("there is no %s", strings.Join(missing, ", no "))
	}
	return found, nil
}

// run starts everything, answers commands until there is a reason to end, and ends everything.
func run(binaries binaries, count int) error {
	ctx, end := context.WithCancelCause(context.Background())
	lines := listen(end)

	folder, release, err := newFolder()
	if err != nil {
		return err
	}
	defer release()
	launcher := &launcher{binaries: binaries, folder: folder, died: end}
	set, err := open(ctx, launcher, count)
	defer set.close()
	if err != nil {
		return err
	}
	answers := json.NewEncoder(os.Stdout)
	if err := answers.Encode(set); err != nil {
		return errAsked // nobody listens any more
	}
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case line := <-lines:
			if err := answers.Encode(set.follow(ctx, line)); err != nil {
				return errAsked
			}
		}
	}
}

// listen ends the run at a signal and with the standard input, and gives the lines of the latter.
func listen(end context.CancelCauseFunc) <-chan string {
	signal.Ignore(syscall.SIGPIPE) // whoever started us may be gone: that ends us in order, not at the next line we print
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	go func() {
		<-signals
		end(errAsked)
	}()
	lines := make(chan string)
	go func() {
		input := bufio.NewScanner(os.Stdin)
		for input.Scan() {
			lines <- input.Text()
		}
		end(errAsked)
	}()
	return lines
}
