// Go as a testee: regexp, channels, goroutines with a thread of their own, net and net/http.
package main

import (
	"runtime"
	"strings"

	"adapter/assay"
)

func main() {
	adapter := assay.NewAdapter("Go", strings.TrimPrefix(runtime.Version(), "go"), supports...)
	addRegexOps(adapter)
	addQueueOps(adapter)
	addThreadOps(adapter)
	addUdpOps(adapter)
	addTcpOps(adapter)
	addHttpOps(adapter)
	addCostOps(adapter)
	adapter.Run()
}
