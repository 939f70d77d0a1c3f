// A CGI program in Go, by net/http/cgi: what it does is named by the path below it.
package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/cgi"
	"os"
	"strings"
)

func main() {
	if err := cgi.Serve(http.HandlerFunc(serve)); err != nil {
		log.Fatal(err)
	}
}

func serve(w http.ResponseWriter, r *http.Request) {
	name := os.Getenv("SCRIPT_NAME")
	switch path := strings.TrimPrefix(r.URL.Path, name); path {
	case "/upload":
		body, _ := io.ReadAll(r.Body)
		sum := 0
		for _, octet := range body {
			sum += int(octet)
		}
		fmt.Fprintf(w, "%s %d %d %s", r.Method, len(body), sum, r.Header.Get("Content-Type"))
	case "/redirect":
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2, c")
		http.Redirect(w, r, name+"/there", http.StatusSeeOther)
	case "/large":
		w.Header().Set("Content-Type", "application/octet-stream")
		piece := []byte(strings.Repeat("x", 65536))
		for i := 0; i < 160; i++ {
			w.Write(piece)
		}
	case "/cached":
		w.Header().Set("ETag", `"v1"`)
		if r.Header.Get("If-None-Match") == `"v1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Length", "5")
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, "fresh")
	case "/events":
		w.Header().Set("Content-Type", "text/event-stream")
		lines := bufio.NewScanner(r.Body)
		for lines.Scan() {
			fmt.Fprintf(w, "data: %s\n\n", lines.Text())
			w.(http.Flusher).Flush()
		}
	case "/die":
		log.Fatal("with a reason")
	default:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintf(w, "no such thing: %s?%s", path, r.URL.RawQuery)
	}
}
