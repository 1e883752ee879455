// Command kubernetes is etcd and the two Kubernetes servers that tests run against, in one binary.
//
//	kubernetes etcd|kube-apiserver|kube-controller-manager [flags of that server]
//
// They are the real ones, as in upstream's own main packages; one binary, since most of each is the same code.
package main

import (
	"fmt"
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	manager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
)

func main() {
	server := ""
	if len(os.Args) > 1 {
		server = os.Args[1]
		os.Args = os.Args[1:] // each server takes its own name for the program's
	}
	switch server {
	case "etcd":
		etcdmain.Main(os.Args)
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kube-controller-manager":
		os.Exit(cli.Run(manager.NewControllerManagerCommand()))
	default:
		fmt.Fprintln(os.Stderr, "usage: kubernetes etcd|kube-apiserver|kube-controller-manager [flags]")
		os.Exit(2)
	}
}
