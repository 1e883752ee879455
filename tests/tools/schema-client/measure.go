package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/rpc"
	"os/exec"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// sample is one start of one provider.
type sample struct {
	Protocol    int
	SchemaBytes int
	Schema      time.Duration
	Line        time.Duration
	OwnCPU      time.Duration
	ClientCPU   time.Duration
	RSS, Peak   int64 // KiB; 0 where /proc does not say
}

// schemaMethod is what each protocol calls the question.
var schemaMethod = map[int]string{
	5: "/tfplugin5.Provider/GetSchema",
	6: "/tfplugin6.Provider/GetProviderSchema",
}

// handshake is public: it only keeps people from running a provider by hand.
var handshake = plugin.HandshakeConfig{
	MagicCookieKey:   "TF_PLUGIN_MAGIC_COOKIE",
	MagicCookieValue: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
}

const name = "provider"

func measure(binary string, limit time.Duration) (sample, error) {
	command := exec.Command(binary)
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  handshake,
		VersionedPlugins: map[int]plugin.PluginSet{5: {name: connection{}}, 6: {name: connection{}}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		Cmd:              command,
		StartTimeout:     limit,
		Logger:           hclog.NewNullLogger(),
		Stderr:           io.Discard,
		SyncStdout:       io.Discard,
		SyncStderr:       io.Discard,
	})
	defer client.Kill()

	var measured sample
	cpuBefore := ownCPU()
	start := time.Now()
	if _, err := client.Start(); err != nil {
		return measured, fmt.Errorf("did not start: %w", err)
	}
	measured.Line = time.Since(start)
	protocol, err := client.Client()
	if err != nil {
		return measured, fmt.Errorf("no connection: %w", err)
	}
	dispensed, err := protocol.Dispense(name)
	if err != nil {
		return measured, err
	}
	measured.Protocol = client.NegotiatedVersion()

	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var answer []byte
	err = dispensed.(*grpc.ClientConn).Invoke(ctx, schemaMethod[measured.Protocol], []byte(nil), &answer,
		grpc.ForceCodec(bytesCodec{}), grpc.MaxCallRecvMsgSize(64<<20))
	if err != nil {
		return measured, fmt.Errorf("%s: %w", schemaMethod[measured.Protocol], err)
	}
	measured.Schema = time.Since(start)
	measured.ClientCPU = ownCPU() - cpuBefore
	measured.SchemaBytes = len(answer)
	if len(answer) == 0 {
		return measured, errors.New("the schema is empty")
	}
	measured.OwnCPU, measured.RSS, measured.Peak = processUsage(command.Process.Pid)
	return measured, nil
}

// connection hands out the bare gRPC connection: the messages are not looked into.
type connection struct{}

func (connection) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return conn, nil
}
func (connection) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return errors.New("client only")
}
func (connection) Server(*plugin.MuxBroker) (any, error) { return nil, errors.New("gRPC only") }
func (connection) Client(*plugin.MuxBroker, *rpc.Client) (any, error) {
	return nil, errors.New("gRPC only")
}

// bytesCodec passes messages through as they are on the wire: an empty request is an empty message.
type bytesCodec struct{}

func (bytesCodec) Marshal(v any) ([]byte, error) { return v.([]byte), nil }
func (bytesCodec) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}
func (bytesCodec) Name() string { return "proto" }

// ownCPU is the CPU time this process has used.
func ownCPU() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
