// Command whoami answers each request with what it saw of it. It stands in for
// the image traefik/whoami, which cannot be built from a Go module: same flags,
// same variables, same lines. /data answers with as much as is asked for.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
)

func addresses() []string {
	var found []string
	all, _ := net.InterfaceAddrs()
	for _, a := range all {
		if ip, _, err := net.ParseCIDR(a.String()); err == nil {
			found = append(found, ip.String())
		}
	}
	return found
}

// Bytes of a unit of /data. Without one, size is in bytes.
var units = map[string]int64{"": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30}

var block = bytes.Repeat([]byte("whoami- "), 4096)

func data(w http.ResponseWriter, r *http.Request) {
	size, err := strconv.ParseInt(r.FormValue("size"), 10, 64)
	if err != nil {
		size = 1
	}
	for left := size * units[r.FormValue("unit")]; left > 0; {
		n, err := w.Write(block[:min(left, int64(len(block)))])
		if err != nil {
			return
		}
		left -= int64(n)
	}
}

func main() {
	port := flag.String("port", cmp.Or(os.Getenv("WHOAMI_PORT_NUMBER"), "80"), "port to listen on")
	name := flag.String("name", os.Getenv("WHOAMI_NAME"), "name to answer with")
	flag.Bool("verbose", false, "accepted for compatibility")
	flag.Parse()

	host, _ := os.Hostname()
	http.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	http.HandleFunc("/data", data)
	http.HandleFunc("/api", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{
			"hostname": host, "ip": addresses(), "headers": r.Header, "url": r.URL.RequestURI(),
			"host": r.Host, "method": r.Method, "remoteAddr": r.RemoteAddr, "name": *name,
		})
	})
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if *name != "" {
			fmt.Fprintln(w, "Name:", *name)
		}
		fmt.Fprintln(w, "Hostname:", host)
		for _, ip := range addresses() {
			fmt.Fprintln(w, "IP:", ip)
		}
		fmt.Fprintln(w, "RemoteAddr:", r.RemoteAddr)
		r.Write(w)
	})
	log.Print("Starting up on port ", *port)
	log.Fatal(http.ListenAndServe(":"+*port, nil))
}
