// A FastCGI application of Go's own library.
package main

import (
	"crypto/md5"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/fcgi"
	"os"
)

func main() {
	listener, err := net.Listen("unix", os.Args[1])
	if err != nil {
		panic(err)
	}
	http.HandleFunc("/body", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(w, "%s %d %d %x", r.Method, r.ContentLength, len(body), md5.Sum(body))
	})
	http.HandleFunc("/env", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s %s %s", r.Host, r.URL.RequestURI(), r.Header.Get("X-Own"), r.RemoteAddr)
	})
	http.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
		http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
		http.Redirect(w, r, "/env", http.StatusSeeOther)
	})
	http.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		// Each piece goes back before the next is read.
		piece := make([]byte, 1024)
		for {
			n, err := r.Body.Read(piece)
			if n > 0 {
				w.Write(piece[:n])
				w.(http.Flusher).Flush()
			}
			if err != nil {
				return
			}
		}
	})
	http.HandleFunc("/big", func(w http.ResponseWriter, r *http.Request) {
		line := make([]byte, 1<<20)
		for i := 0; i < 5; i++ {
			w.Write(line)
		}
	})
	if err := fcgi.Serve(listener, nil); err != nil {
		panic(err)
	}
}
