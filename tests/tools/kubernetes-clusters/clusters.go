package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"
)

// clusters is a set of clusters on one etcd, as printed.
type clusters struct {
	Version  string     `json:"version"`
	Clusters []*cluster `json:"clusters"`
	etcd     *server
}

// open starts everything. What it gives is there to be closed, even with an error.
func open(ctx context.Context, launcher *launcher, count int) (*clusters, error) {
	set := &clusters{}
	port, err := holdPort()
	if err != nil {
		return set, err
	}
	endpoint := loopback("http", port)
	set.etcd, err = launcher.start("etcd", "",
		"--data-dir="+filepath.Join(launcher.folder, "etcd"),
		"--listen-client-urls="+endpoint, "--advertise-client-urls="+endpoint, "--socket-reuse-port",
		"--listen-peer-urls=http://127.0.0.1:0", // it has no peers
		"--unsafe-no-fsync",                     // what is stored need not outlive this machine
	)
	if err != nil {
		return set, err
	}
	if err := until(ctx, func() error { return getJSON(ctx, http.DefaultClient, endpoint+"/health", "", nil) }); err != nil {
		return set, fmt.Errorf("waiting for etcd: %w", err)
	}

	for number := range count {
		made, err := newCluster(launcher, fmt.Sprintf("cluster-%d", number+1), endpoint)
		if err != nil {
			return set, err
		}
		set.Clusters = append(set.Clusters, made)
	}
	if err := set.each(func(each *cluster) error { return each.start(ctx) }); err != nil {
		return set, err
	}
	set.Version, err = set.Clusters[0].version(ctx)
	return set, err
}

// each does something with all clusters at once, and gives the first error.
func (set *clusters) each(do func(*cluster) error) error {
	results := make(chan error, len(set.Clusters))
	for _, each := range set.Clusters {
		go func() { results <- do(each) }()
	}
	var first error
	for range set.Clusters {
		if err := <-results; err != nil && first == nil {
			first = err
		}
	}
	return first
}

func (set *clusters) close() {
	_ = set.each(func(each *cluster) error { each.stop(); return nil })
	set.etcd.stop()
}

// follow does as a line of standard input says, and gives the answer.
func (set *clusters) follow(ctx context.Context, line string) map[string]string {
	refused := func(format string, arguments ...any) map[string]string {
		return map[string]string{"error": fmt.Sprintf(format, arguments...)}
	}
	verb, name, _ := strings.Cut(line, " ")
	for _, each := range set.Clusters {
		switch {
		case each.Name != name:
		case verb == "stop":
			each.stop()
			return map[string]string{"stopped": name}
		case verb == "start" && each.runs():
			return refused("%s runs already", name)
		case verb == "start":
			if err := each.start(ctx); err != nil {
				each.stop()
				return refused("%v", err)
			}
			return map[string]string{"started": name}
		}
	}
	return refused("`%s` is neither `stop NAME` nor `start NAME` of a cluster", line)
}

// until tries until it succeeds, or the run ends: then the error is why it does. A minute is more than any step here takes on a
// busy machine.
func until(ctx context.Context, try func() error) error {
	limit := time.After(time.Minute)
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-limit:
			return fmt.Errorf("gave up after a minute: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// getJSON asks with the given token, if any, and reads the answer into `into`, if anywhere.
func getJSON(ctx context.Context, client *http.Client, url, token string, into any) error {
	return call(ctx, client, http.MethodGet, url, token, into)
}

func call(ctx context.Context, client *http.Client, method, url, token string, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return &refusal{method, url, response.StatusCode}
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(into)
}

// refusal is an answer other than 200.
type refusal struct {
	method, url string
	code        int
}

func (r *refusal) Error() string { return fmt.Sprintf("%s %s: %d", r.method, r.url, r.code) }
