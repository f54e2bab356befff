package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// token is what the laboratory shows to its own API server, which listens on the loopback alone.
const token = "laboratory"

// cluster is an API server: one of the laboratory, or one from outside.
type cluster struct {
	config     *rest.Config
	kubeconfig string
	dynamic    dynamic.Interface
	discovery  discovery.CachedDiscoveryInterface
	mapper     meta.ResettableRESTMapper
	directory  string
	programs   []*program
}

// newCluster starts etcd and an API server with nothing in them, below `directory`; with a kubeconfig from outside it takes that.
func newCluster(ctx context.Context, binaries, directory, outside string) (*cluster, error) {
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return nil, err
	}
	c := &cluster{directory: directory, kubeconfig: outside}
	if outside == "" {
		if err := c.serve(binaries); err != nil {
			c.stop()
			return nil, err
		}
	}
	config, err := clientcmd.BuildConfigFromFlags("", c.kubeconfig)
	if err != nil {
		c.stop()
		return nil, err
	}
	config.QPS, config.Burst = 500, 1000
	config.WarningHandlerWithContext = &heard
	c.config = config
	if err := c.connect(ctx); err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

func (c *cluster) serve(binaries string) error {
	ports, err := freePorts()
	if err != nil {
		return err
	}
	client := fmt.Sprintf("http://127.0.0.1:%d", ports[0])
	peer := fmt.Sprintf("http://127.0.0.1:%d", ports[1])
	etcd, err := start(c.directory, "etcd", nil, "etcd", "--data-dir", filepath.Join(c.directory, "etcd"),
		"--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer,
		"--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer, "--unsafe-no-fsync")
	if err != nil {
		return err
	}
	c.programs = append(c.programs, etcd)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	accounts := filepath.Join(c.directory, "accounts.key")
	block := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	if err := os.WriteFile(accounts, block, 0o600); err != nil {
		return err
	}
	tokens := filepath.Join(c.directory, "tokens.csv")
	if err := os.WriteFile(tokens, []byte(token+",laboratory,laboratory,system:masters\n"), 0o600); err != nil {
		return err
	}
	server, err := start(c.directory, "kube-apiserver", nil, filepath.Join(binaries, "kube-apiserver"),
		"--etcd-servers", client, "--bind-address", "127.0.0.1", "--secure-port", fmt.Sprint(ports[2]),
		"--cert-dir", filepath.Join(c.directory, "certificates"), "--token-auth-file", tokens,
		"--service-cluster-ip-range", "10.96.0.0/16", "--authorization-mode", "RBAC",
		"--service-account-issuer", "https://kubernetes.default.svc", "--service-account-key-file", accounts,
		"--service-account-signing-key-file", accounts)
	if err != nil {
		return err
	}
	c.programs = append(c.programs, server)
	config := api.NewConfig()
	config.Clusters["laboratory"] = &api.Cluster{
		Server: fmt.Sprintf("https://127.0.0.1:%d", ports[2]), InsecureSkipTLSVerify: true,
	}
	config.AuthInfos["laboratory"] = &api.AuthInfo{Token: token}
	config.Contexts["laboratory"] = &api.Context{Cluster: "laboratory", AuthInfo: "laboratory"}
	config.CurrentContext = "laboratory"
	c.kubeconfig = filepath.Join(c.directory, "kubeconfig")
	return clientcmd.WriteToFile(*config, c.kubeconfig)
}

func (c *cluster) connect(ctx context.Context) error {
	client, err := discovery.NewDiscoveryClientForConfig(c.config)
	if err != nil {
		return err
	}
	c.discovery = memory.NewMemCacheClient(client)
	c.mapper = restmapper.NewDeferredDiscoveryRESTMapper(c.discovery)
	if c.dynamic, err = dynamic.NewForConfig(c.config); err != nil {
		return err
	}
	return until(ctx, 2*time.Minute, func() error {
		for _, p := range c.programs {
			select {
			case err := <-p.done:
				p.done <- err
				return fmt.Errorf("%s ended: %v; see %s", p.name, err, p.log)
			default:
			}
		}
		_, err := client.RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
		return err
	})
}

// stop ends what the laboratory started for this cluster, the last first.
func (c *cluster) stop() {
	for n := len(c.programs) - 1; n >= 0; n-- {
		c.programs[n].stop()
	}
	c.programs = nil
}
