package jujuapi_test

import (
	"io"
	"os"
	"testing"

	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/klog/v2"
)

func TestTheKubernetesLibraryEndsNoRunAndWritesNoScreens(t *testing.T) {
	prepare(t, pods)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	screen := os.Stderr
	os.Stderr = write
	func() {
		defer utilruntime.HandleCrash() // as around each handler of an informer
		panic("send on closed channel")
	}()
	klog.Warning("use tokens from the TokenRequest API")
	utilruntime.HandleError(io.EOF) // as when a tunnel breaks
	klog.Flush()
	os.Stderr = screen
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	written, err := io.ReadAll(read)
	if err != nil {
		t.Fatal(err)
	}
	if len(written) > 0 {
		t.Errorf("written to the screen: %s", written)
	}
}
