package jujuapi

import (
	"sync"

	"github.com/go-logr/logr/funcr"
	"github.com/juju/loggo"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/klog/v2"
)

// hushKubernetes keeps the Kubernetes library, which makes the tunnels to controllers in
// a cluster, from writing into the screens, and from ending the process: whoever asked
// for --debug gets what it says.
//
// Juju's tunnel waits for a pod with an informer whose handlers send on a channel, and
// closes that when it has heard enough (caas/kubernetes/tunnel.go waitForPodReady): a pod
// that changes twice at that moment, as one that is replaced does, panics in a goroutine
// of the library. The library can be told to survive that, and the tunnel is of no
// more use then than one that broke.
var hushKubernetes = sync.OnceFunc(func() {
	logger := loggo.GetLogger("juju.kubernetes")
	klog.SetLogger(funcr.New(func(prefix, args string) { logger.Debugf("%s %s", prefix, args) }, funcr.Options{}))
	utilruntime.ReallyCrash = false
})
