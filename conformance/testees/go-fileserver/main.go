// Serves a folder by net/http's FileServer: go-fileserver PORT FOLDER
package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: go-fileserver PORT FOLDER")
		os.Exit(2)
	}
	files := http.FileServer(http.Dir(os.Args[2]))
	fmt.Fprintln(os.Stderr, http.ListenAndServe("127.0.0.1:"+os.Args[1], files))
	os.Exit(1)
}
