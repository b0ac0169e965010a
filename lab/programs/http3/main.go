// Command http3 sends one request over HTTP/3 and nothing else, and prints what
// came as JSON: neither curl of Debian nor Node speaks it.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/quic-go/quic-go/http3"
)

type answer struct {
	Protocol string            `json:"protocol"`
	Status   int               `json:"status"`
	Headers  map[string]string `json:"headers"`
	Body     string            `json:"body"`
	Names    []string          `json:"names"`
}

func ask(url, roots string, timeout time.Duration) (*answer, error) {
	pem, err := os.ReadFile(roots)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	transport := &http3.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	defer transport.Close()

	// A redirect is an answer too.
	client := &http.Client{
		Transport:     transport,
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Get(url)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	headers := map[string]string{}
	for name, values := range response.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return &answer{
		Protocol: response.Proto,
		Status:   response.StatusCode,
		Headers:  headers,
		Body:     string(body),
		Names:    response.TLS.PeerCertificates[0].DNSNames,
	}, nil
}

func main() {
	roots := flag.String("roots", os.Getenv("SSL_CERT_FILE"), "file of the roots to trust, in PEM")
	timeout := flag.Duration("timeout", 5*time.Second, "how long to wait for the answer")
	flag.Parse()

	found, err := ask(flag.Arg(0), *roots, *timeout)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(found)
}
