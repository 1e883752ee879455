// Command schema-client measures what it costs a Terraform core to start a provider and learn its schema.
//
//	schema-client [-rounds N] [-warmup N] [-json] PROVIDER [PROVIDER]
//
// It starts each provider as Terraform does, with HashiCorp's own go-plugin client and mutual TLS, asks for the
// schema over gRPC, and stops it again. With two providers the rounds alternate, so that whatever else the machine is doing
// falls on both alike; medians and the ratio first/second are printed. Protocols 5 and 6 are spoken.
//
// Reading the columns:
//
//	schema ms   from before the process is started until the whole schema has arrived
//	line ms     of that, until the provider printed its handshake line (the client makes its own certificate first)
//	own ms      CPU time the provider's process used until then (Linux)
//	client ms   CPU time this client used meanwhile; mostly its certificate and its half of the TLS handshake
//	RSS, peak   the provider's resident memory once the schema was answered, and the most it had (Linux)
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 20, "how many times to start each provider")
	warmup := flag.Int("warmup", 2, "rounds run first and not counted")
	limit := flag.Duration("timeout", 30*time.Second, "how long one start may take")
	asJSON := flag.Bool("json", false, "print one JSON object instead of the table")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: schema-client [flags] PROVIDER [PROVIDER]")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() < 1 || flag.NArg() > 2 || *rounds < 1 || *warmup < 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Args(), *rounds, *warmup, *limit, *asJSON); err != nil {
		fmt.Fprintln(os.Stderr, "schema-client:", err)
		os.Exit(1)
	}
}

func run(binaries []string, rounds, warmup int, limit time.Duration, asJSON bool) error {
	series := make([][]sample, len(binaries))
	for round := range warmup + rounds {
		for offset := range binaries {
			// Who goes first alternates too.
			which := (round + offset) % len(binaries)
			measured, err := measure(binaries[which], limit)
			if err != nil {
				return fmt.Errorf("%s: %w", binaries[which], err)
			}
			if round >= warmup {
				series[which] = append(series[which], measured)
			}
		}
	}

	summaries := make([]summary, len(binaries))
	for i, binary := range binaries {
		summaries[i] = summarise(filepath.Base(binary), series[i])
	}
	if asJSON {
		return json.NewEncoder(os.Stdout).Encode(map[string]any{"rounds": rounds, "providers": summaries})
	}
	if rounds < 5 {
		fmt.Fprintln(os.Stderr, errors.New("schema-client: fewer than 5 rounds: take the medians lightly"))
	}
	printTable(summaries, rounds)
	return nil
}
