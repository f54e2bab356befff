package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// outside is what a cluster finds outside of itself: the forge and the registries that trees name, by the names that they name.
// source-controller comes here by a proxy, with a certificate authority of ours, so that the trees stay as they are to the byte.
type outside struct {
	proxy       *http.Server
	address     string
	authority   string
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	lock        sync.Mutex
	hosts       map[string]*tls.Certificate
	charts      charts
	git         http.Handler
}

// newOutside listens on the loopback, or where `address` says. `repository` is a bare Git repository.
func newOutside(directory, repository, address string, charts charts) (*outside, error) {
	program, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		return nil, err
	}
	o := &outside{hosts: map[string]*tls.Certificate{}, charts: charts}
	o.git = &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(program)), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + repository, "GIT_HTTP_EXPORT_ALL=1"},
	}
	if o.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "laboratory"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &o.key.PublicKey, o.key)
	if err != nil {
		return nil, err
	}
	if o.certificate, err = x509.ParseCertificate(der); err != nil {
		return nil, err
	}
	o.authority = filepath.Join(directory, "authority.pem")
	if err := os.WriteFile(o.authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	o.address = listener.Addr().String()
	o.proxy = &http.Server{Handler: http.HandlerFunc(o.connect), ReadHeaderTimeout: time.Minute}
	go func() { _ = o.proxy.Serve(listener) }()
	return o, nil
}

func (o *outside) stop() { _ = o.proxy.Close() }

// environment is what a program needs to find the world here.
func (o *outside) environment() []string {
	return []string{"HTTPS_PROXY=http://" + o.address, "SSL_CERT_FILE=" + o.authority, "NO_PROXY=127.0.0.1,localhost"}
}

// connect takes the place of the host that is asked for.
func (o *outside) connect(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		http.Error(w, "only CONNECT", http.StatusMethodNotAllowed)
		return
	}
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		return
	}
	raw, _, err := hijacker.Hijack()
	if err != nil {
		return
	}
	if _, err := io.WriteString(raw, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
		raw.Close()
		return
	}
	host := r.URL.Hostname()
	secured := tls.Server(raw, &tls.Config{
		NextProtos:     []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return o.certify(host) },
	})
	server := &http.Server{Handler: http.HandlerFunc(o.serve), ReadHeaderTimeout: time.Minute}
	_ = server.Serve(&once{conn: secured})
}

// once is a listener that has one connection, and ends with it.
type once struct {
	conn net.Conn
	lock sync.Mutex
	done chan struct{}
}

type tracked struct {
	net.Conn
	end sync.Once
	o   *once
}

func (t *tracked) Close() error {
	t.end.Do(func() { close(t.o.done) })
	return t.Conn.Close()
}

// Accept returns the connection the first time, and waits for its end the second.
func (o *once) Accept() (net.Conn, error) {
	o.lock.Lock()
	if o.done == nil {
		o.done = make(chan struct{})
		o.lock.Unlock()
		return &tracked{Conn: o.conn, o: o}, nil
	}
	o.lock.Unlock()
	<-o.done
	return nil, io.EOF
}

// Close does nothing: the server closes the connection.
func (o *once) Close() error { return nil }

// Addr returns the address of the connection.
func (o *once) Addr() net.Addr { return o.conn.LocalAddr() }

func (o *outside) certify(host string) (*tls.Certificate, error) {
	o.lock.Lock()
	defer o.lock.Unlock()
	if known := o.hosts[host]; known != nil {
		return known, nil
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(len(o.hosts) + 2)), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, o.certificate, &o.key.PublicKey, o.key)
	if err != nil {
		return nil, err
	}
	made := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: o.key}
	o.hosts[host] = made
	return made, nil
}

// serve answers for every host: a registry below /v2, a repository of charts, else the forge, which has one repository under every name.
func (o *outside) serve(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/v2/"):
		o.charts.serve(w, r)
		return
	case strings.HasSuffix(r.URL.Path, "/index.yaml"), strings.HasSuffix(r.URL.Path, ".tgz"):
		o.charts.serveRepository(w, r)
		return
	}
	for _, service := range []string{"/info/refs", "/git-upload-pack"} {
		if strings.HasSuffix(r.URL.Path, service) {
			r.URL.Path = service
			o.git.ServeHTTP(w, r)
			return
		}
	}
	http.NotFound(w, r)
}

// pin is a chart at a version.
type pin struct{ name, version string }

// charts are those that the registry has, and what each brings. Each is a stub that puts the values that it receives into a ConfigMap;
// besides it makes its own namespace and repositories of charts, where the tree leaves those to the chart.
type charts struct {
	lock    *sync.Mutex
	brings  map[pin]contents
	content map[string][]byte
	types   map[string]string
	tags    map[pin]string
}

func newCharts() charts {
	return charts{&sync.Mutex{}, map[pin]contents{}, map[string][]byte{}, map[string]string{}, map[pin]string{}}
}

// contents is what a stub brings besides its ConfigMap: definitions in `crds/`, whether it makes the namespace that it stands in, and the
// HelmRepositories that others take charts from, by namespace and name.
type contents struct {
	definitions  []*unstructured.Unstructured
	namespace    bool
	repositories [][2]string
}

// have makes the registry hold a chart.
func (c charts) have(p pin, brings contents) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.brings[p] = brings
}

const itsNamespace = `apiVersion: v1
kind: Namespace
metadata:
  name: {{ .Release.Namespace }}
`

// aRepository stands for the repository of charts that a blueprint brings, with its namespace.
const aRepository = `{{ if ne .Release.Namespace %[1]q }}
apiVersion: v1
kind: Namespace
metadata:
  name: %[1]s
---
{{ end }}
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata:
  namespace: %[1]s
  name: %[2]s
spec:
  url: https://charts.example
`

const received = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-received
data:
  values: {{ .Values | toJson | quote }}
`

// pack makes the archive of a stub.
func pack(p pin, brings contents) ([]byte, []byte, error) {
	metadata, err := json.Marshal(map[string]string{"apiVersion": "v2", "name": p.name, "version": p.version, "type": "application"})
	if err != nil {
		return nil, nil, err
	}
	files := map[string][]byte{"Chart.yaml": metadata, "values.yaml": []byte("{}\n"), "templates/received.yaml": []byte(received)}
	order := []string{"Chart.yaml", "values.yaml", "templates/received.yaml"}
	if brings.namespace {
		files["templates/namespace.yaml"] = []byte(itsNamespace)
		order = append(order, "templates/namespace.yaml")
	}
	for n, repository := range brings.repositories {
		name := fmt.Sprintf("templates/repository-%d.yaml", n)
		files[name] = fmt.Appendf(nil, aRepository, repository[0], repository[1])
		order = append(order, name)
	}
	for _, definition := range brings.definitions {
		text, err := yaml.Marshal(definition.Object)
		if err != nil {
			return nil, nil, err
		}
		name := "crds/" + definition.GetName() + ".yaml"
		files[name] = text
		order = append(order, name)
	}
	var archive bytes.Buffer
	zip := gzip.NewWriter(&archive)
	writer := tar.NewWriter(zip)
	for _, name := range order {
		header := &tar.Header{Name: p.name + "/" + name, Mode: 0o644, Size: int64(len(files[name])), Typeflag: tar.TypeReg}
		if err := writer.WriteHeader(header); err != nil {
			return nil, nil, err
		}
		if _, err := writer.Write(files[name]); err != nil {
			return nil, nil, err
		}
	}
	if err := writer.Close(); err != nil {
		return nil, nil, err
	}
	if err := zip.Close(); err != nil {
		return nil, nil, err
	}
	return archive.Bytes(), metadata, nil
}

// serveRepository answers as a repository of charts that is no registry: with the list of all charts, or with one of them.
func (c charts) serveRepository(w http.ResponseWriter, r *http.Request) {
	c.lock.Lock()
	defer c.lock.Unlock()
	entries := map[string][]map[string]any{}
	for p, brings := range c.brings {
		file := p.name + "-" + p.version + ".tgz"
		if path.Base(r.URL.Path) == file {
			archive, _, err := pack(p, brings)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			_, _ = w.Write(archive)
			return
		}
		entry := map[string]any{"apiVersion": "v2", "name": p.name, "version": p.version, "urls": []string{file}}
		entries[p.name] = append(entries[p.name], entry)
	}
	text, err := yaml.Marshal(map[string]any{"apiVersion": "v1", "entries": entries})
	if err != nil || path.Base(r.URL.Path) != "index.yaml" {
		http.NotFound(w, r)
		return
	}
	_, _ = w.Write(text)
}

const (
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	configType   = "application/vnd.cncf.helm.config.v1+json"
	chartType    = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
)

func (c charts) keep(kind string, content []byte) (digest string) {
	digest = fmt.Sprintf("sha256:%x", sha256.Sum256(content))
	c.content[digest] = content
	c.types[digest] = kind
	return digest
}

// find returns the digest of a chart's manifest; the chart is packed when it is first asked for.
func (c charts) find(p pin) (string, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if digest, there := c.tags[p]; there {
		return digest, nil
	}
	brings, there := c.brings[p]
	if !there {
		return "", nil
	}
	packed, metadata, err := pack(p, brings)
	if err != nil {
		return "", err
	}
	describe := func(kind string, content []byte) map[string]any {
		return map[string]any{"mediaType": kind, "digest": c.keep(kind, content), "size": len(content)}
	}
	manifest, err := json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": manifestType, "config": describe(configType, metadata),
		"layers": []any{describe(chartType, packed)},
	})
	if err != nil {
		return "", err
	}
	c.tags[p] = c.keep(manifestType, manifest)
	return c.tags[p], nil
}

// serve answers as an OCI registry does to whoever pulls.
func (c charts) serve(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/v2/"), "/")
	if len(parts) < 3 {
		w.WriteHeader(http.StatusOK)
		return
	}
	name, what, reference := parts[len(parts)-3], parts[len(parts)-2], parts[len(parts)-1]
	digest := reference
	if what == "manifests" && !strings.HasPrefix(reference, "sha256:") {
		found, err := c.find(pin{name, reference})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		digest = found
	}
	c.lock.Lock()
	content, there := c.content[digest]
	kind := c.types[digest]
	c.lock.Unlock()
	if !there || what == "tags" {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"errors":[{"code":"MANIFEST_UNKNOWN","message":"not known here"}]}`)
		return
	}
	if what == "blobs" {
		kind = "application/octet-stream"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Docker-Content-Digest", digest)
	w.Header().Set("Content-Length", fmt.Sprint(len(content)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(content)
	}
}
