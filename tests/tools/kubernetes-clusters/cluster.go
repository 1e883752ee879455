package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// users are the users of every cluster and the group that each is in, if any. Outside `system:masters` a user has no rights but
// those that a test grants.
var users = []struct{ name, group string }{
	{"admin", "system:masters"},
	{"human", "system:masters"}, // somebody who edits by hand
	{"anu", ""},                 // the provider
	{"other", ""},               // another provider's identity
	{"nobody", ""},
}

// manager is whom the controller manager acts as.
const manager = "system:kube-controller-manager"

// cluster is an API server and its controller manager.
type cluster struct {
	Name          string            `json:"name"`
	Endpoint      string            `json:"endpoint"`
	CACertificate string            `json:"ca_certificate"` // each cluster has its own
	Tokens        map[string]string `json:"tokens"`

	launcher   *launcher
	port       int
	etcd       string
	apiserver  *server
	controller *server
}

// newCluster writes what a cluster consists of on disk.
func newCluster(launcher *launcher, name, etcd string) (*cluster, error) {
	port, err := holdPort()
	if err != nil {
		return nil, err
	}
	made := &cluster{
		Name: name, Endpoint: loopback("https", port), Tokens: map[string]string{}, launcher: launcher, port: port, etcd: etcd,
	}
	if err := os.Mkdir(made.path(), 0o700); err != nil {
		return nil, err
	}
	var table strings.Builder // TOKEN,NAME,UID,"GROUPS"
	for _, user := range users {
		made.Tokens[user.name] = rand.Text()
		fmt.Fprintf(&table, "%s,%s,%s,%q\n", made.Tokens[user.name], user.name, user.name, user.group)
	}
	managers := rand.Text()
	fmt.Fprintf(&table, "%s,%s,%s,%q\n", managers, manager, manager, "system:masters")

	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	kubeconfig, err := json.Marshal(made.kubeconfig(managers))
	if err != nil {
		return nil, err
	}
	for file, text := range map[string][]byte{
		"tokens.csv":          []byte(table.String()),
		"service-account.key": pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}),
		"kubeconfig":          kubeconfig,
	} {
		if err := os.WriteFile(made.path(file), text, 0o600); err != nil {
			return nil, err
		}
	}
	return made, nil
}

func (c *cluster) path(elements ...string) string {
	return filepath.Join(append([]string{c.launcher.folder, c.Name}, elements...)...)
}

// kubeconfig is the controller manager's; JSON is YAML.
func (c *cluster) kubeconfig(token string) any {
	type object = map[string]any
	named := func(key string, value any) []object { return []object{{"name": "this", key: value}} }
	return object{
		"apiVersion": "v1", "kind": "Config", "current-context": "this",
		"clusters": named("cluster", object{"server": c.Endpoint, "certificate-authority": c.path("ca.crt")}),
		"users":    named("user", object{"token": token}),
		"contexts": named("context", object{"cluster": "this", "user": "this"}),
	}
}

func (c *cluster) runs() bool { return c.controller != nil }

// start starts both servers, for the first time or again, and waits until the cluster does all that is asked of it.
func (c *cluster) start(ctx context.Context) error {
	var err error
	c.apiserver, err = c.launcher.start("kube-apiserver", c.Name,
		"--etcd-servers="+c.etcd, "--etcd-prefix=/"+c.Name,
		"--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--secure-port="+strconv.Itoa(c.port), "--permit-port-sharing",
		"--endpoint-reconciler-type=none", // it would refuse a loopback address
		"--cert-dir="+c.path("certificates"), "--token-auth-file="+c.path("tokens.csv"),
		"--service-account-issuer="+c.Endpoint+"/", "--service-account-key-file="+c.path("service-account.key"),
		"--service-account-signing-key-file="+c.path("service-account.key"), "--service-cluster-ip-range=10.0.0.0/24",
		"--authorization-mode=Node,RBAC", "--allow-privileged",
		// Tests come many at a time, and share the machine with the servers.
		"--max-requests-inflight=2000", "--max-mutating-requests-inflight=1000",
	)
	if err != nil {
		return err
	}
	admin := c.Tokens["admin"]
	var client *http.Client
	err = until(ctx, func() (err error) {
		if client == nil {
			if client, err = c.client(); err != nil {
				return err
			}
		}
		return getJSON(ctx, client, c.Endpoint+"/readyz", admin, nil)
	})
	if err != nil {
		return fmt.Errorf("waiting for the API server of %s: %w", c.Name, err)
	}
	defer client.CloseIdleConnections()

	// Controllers make the account anew; and they are begun all together, so whoever sees one work sees them all.
	account := c.Endpoint + "/api/v1/namespaces/default/serviceaccounts/default"
	err = until(ctx, func() error {
		err := call(ctx, client, http.MethodDelete, account, admin, nil)
		if answer := (*refusal)(nil); errors.As(err, &answer) && answer.code == http.StatusNotFound {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	c.controller, err = c.launcher.start("kube-controller-manager", c.Name,
		"--kubeconfig="+c.path("kubeconfig"), "--leader-elect=false", "--secure-port=0",
		"--service-account-private-key-file="+c.path("service-account.key"), "--root-ca-file="+c.path("ca.crt"),
		"--controllers=namespace-controller,resourcequota-controller,serviceaccount-controller,"+
			"clusterrole-aggregation-controller,root-ca-certificate-publisher-controller,garbage-collector-controller",
	)
	if err != nil {
		return err
	}
	err = until(ctx, func() error {
		if err := getJSON(ctx, client, account, admin, nil); err != nil {
			return err
		}
		var view struct{ Rules []any }
		url := c.Endpoint + "/apis/rbac.authorization.k8s.io/v1/clusterroles/view"
		if err := getJSON(ctx, client, url, admin, &view); err != nil {
			return err
		}
		if len(view.Rules) == 0 { // it is aggregated from others; and who lacks its rules may not grant it
			return errors.New("the cluster role `view` has no rules yet")
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("waiting for the controllers of %s: %w", c.Name, err)
	}
	return nil
}

// client trusts the certificate authority that the API server made for itself when it first started.
func (c *cluster) client() (*http.Client, error) {
	chain, err := os.ReadFile(c.path("certificates", "apiserver.crt")) // its own certificate, then the authority's
	if err != nil {
		return nil, err
	}
	_, authority := pem.Decode(chain)
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority) {
		return nil, errors.New("the API server's certificate file holds no authority yet")
	}
	if c.CACertificate == "" {
		if err := os.WriteFile(c.path("ca.crt"), authority, 0o600); err != nil {
			return nil, err
		}
		c.CACertificate = string(authority)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	return &http.Client{Transport: transport, Timeout: 10 * time.Second}, nil
}

func (c *cluster) version(ctx context.Context) (string, error) {
	client, err := c.client()
	if err != nil {
		return "", err
	}
	defer client.CloseIdleConnections()
	var version struct{ GitVersion string }
	err = getJSON(ctx, client, c.Endpoint+"/version", "", &version)
	return version.GitVersion, err
}

// stop stops what runs of it.
func (c *cluster) stop() {
	c.controller.stop()
	c.apiserver.stop()
	c.controller, c.apiserver = nil, nil
}
