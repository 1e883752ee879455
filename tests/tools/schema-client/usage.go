package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// processUsage reads a live process's CPU time and memory from /proc; zeros where there is none.
func processUsage(pid int) (cpu time.Duration, rss, peak int64) {
	// schedstat counts nanoseconds; the ticks of /proc/PID/stat are as long as the whole start. One file a thread.
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	for _, thread := range threads {
		text, _ := os.ReadFile(thread)
		var running int64
		fmt.Sscan(string(text), &running)
		cpu += time.Duration(running)
	}
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(status)) {
		fmt.Sscanf(line, "VmRSS: %d kB", &rss)
		fmt.Sscanf(line, "VmHWM: %d kB", &peak)
	}
	return cpu, rss, peak
}

// summary is what the rounds of one provider come to: medians, and the fastest.
type summary struct {
	Name        string  `json:"name"`
	Protocol    int     `json:"protocol"`
	SchemaBytes int     `json:"schema_bytes"`
	SchemaMS    float64 `json:"schema_ms"`
	FastestMS   float64 `json:"fastest_ms"`
	LineMS      float64 `json:"line_ms"`
	OwnMS       float64 `json:"own_ms"`
	ClientMS    float64 `json:"client_ms"`
	RSSMiB      float64 `json:"rss_mib"`
	PeakMiB     float64 `json:"peak_mib"`
}

func summarise(name string, samples []sample) summary {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return summary{
		Name:        name,
		Protocol:    samples[0].Protocol,
		SchemaBytes: samples[0].SchemaBytes,
		SchemaMS:    median(samples, func(s sample) float64 { return ms(s.Schema) }),
		FastestMS:   ms(slices.MinFunc(samples, func(a, b sample) int { return int(a.Schema - b.Schema) }).Schema),
		LineMS:      median(samples, func(s sample) float64 { return ms(s.Line) }),
		OwnMS:       median(samples, func(s sample) float64 { return ms(s.OwnCPU) }),
		ClientMS:    median(samples, func(s sample) float64 { return ms(s.ClientCPU) }),
		RSSMiB:      median(samples, func(s sample) float64 { return float64(s.RSS) / 1024 }),
		PeakMiB:     median(samples, func(s sample) float64 { return float64(s.Peak) / 1024 }),
	}
}

func median(samples []sample, of func(sample) float64) float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = of(s)
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}

func printTable(providers []summary, rounds int) {
	fmt.Printf("medians of %d rounds%s\n", rounds, map[bool]string{true: ", alternating", false: ""}[len(providers) == 2])
	fmt.Printf("%-28s %5s %10s %9s %8s %8s %9s %8s %9s %9s\n",
		"provider", "proto", "schema ms", "fastest", "line ms", "own ms", "client ms", "RSS MiB", "peak MiB", "schema B")
	for _, p := range providers {
		fmt.Printf("%-28s %5d %10.1f %9.1f %8.1f %8.1f %9.1f %8.1f %9.1f %9d\n",
			p.Name, p.Protocol, p.SchemaMS, p.FastestMS, p.LineMS, p.OwnMS, p.ClientMS, p.RSSMiB, p.PeakMiB, p.SchemaBytes)
	}
	if len(providers) == 2 {
		a, b := providers[0], providers[1]
		fmt.Printf("%-34s %10.2f %9.2f %8.2f %8.2f %9.2f %8.2f %9.2f\n", "ratio first/second",
			a.SchemaMS/b.SchemaMS, a.FastestMS/b.FastestMS, a.LineMS/b.LineMS, a.OwnMS/b.OwnMS, a.ClientMS/b.ClientMS,
			a.RSSMiB/b.RSSMiB, a.PeakMiB/b.PeakMiB)
	}
}
