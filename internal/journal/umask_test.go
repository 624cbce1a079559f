//go:build unix

package journal_test

import "syscall"

// umask sets the process's file mode mask and returns what sets it back.
func umask(mask int) func() {
	old := syscall.Umask(mask)
	return func() { syscall.Umask(old) }
}
